using System.Buffers.Text;
using System.Text;

namespace Helix.Core.Gateway;

/// <summary>How the end of a body is known.</summary>
internal enum BodyFraming
{
    Length,
    Chunked,
    UntilClosed,
}

/// <summary>The head of an engine's answer: what is needed to read its body, and the headers that are passed on.</summary>
/// <param name="Length">Bytes of the body; only where <paramref name="Framing"/> says so.</param>
internal sealed record UpstreamHead(int Status, BodyFraming Framing, long Length, bool KeepAlive, string? ContentType, string? RetryAfter)
{
    public const string EventStreamType = "text/event-stream";

    private const string JsonType = "application/json";

    /// <summary>What engines say: no answer needs a string of its own for it.</summary>
    private static readonly string[] s_usual = [JsonType, EventStreamType, JsonType + "; charset=utf-8", EventStreamType + "; charset=utf-8"];

    public bool IsEventStream => Begins(ContentType, EventStreamType);

    public bool IsJson => Begins(ContentType, JsonType);

    /// <summary>Parses status line and header lines, up to and without the blank line.</summary>
    /// <param name="before">Of an earlier answer: where this one says the same, it is returned again. Null for none.</param>
    /// <returns>Null if it is not the head of an HTTP/1.1 answer.</returns>
    public static UpstreamHead? Parse(ReadOnlySpan<byte> head, UpstreamHead? before = null)
    {
        if (head.Length < 12 || !head.StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(head.Slice(9, 3), out int status, out var digits) || digits != 3) return null;
        var framing = status is 204 or 304 or < 200 ? BodyFraming.Length : BodyFraming.UntilClosed;
        long length = 0;
        var keepAlive = head[7] == '1';
        string? contentType = null, retryAfter = null;
        var left = head;
        while (!left.IsEmpty)
        {
            var end = left.IndexOf("\r\n"u8);
            var line = end < 0 ? left : left[..end];
            left = end < 0 ? [] : left[(end + 2)..];
            var colon = line.IndexOf((byte)':');
            // nearly all headers are told from these by how long their names are
            switch (colon)
            {
                case 14 when Is(line[..colon], "content-length"u8):
                    var value = ValueOf(line, colon);
                    if (!Utf8Parser.TryParse(value, out length, out var read) || read != value.Length || length < 0) return null;
                    if (framing == BodyFraming.UntilClosed) framing = BodyFraming.Length;
                    break;
                case 17 when Is(line[..colon], "transfer-encoding"u8):
                    if (!Is(ValueOf(line, colon), "chunked"u8)) return null;
                    framing = BodyFraming.Chunked;
                    break;
                case 10 when Is(line[..colon], "connection"u8):
                    keepAlive &= !Is(ValueOf(line, colon), "close"u8);
                    break;
                case 12 when Is(line[..colon], "content-type"u8):
                    contentType = Text(ValueOf(line, colon));
                    break;
                case 11 when Is(line[..colon], "retry-after"u8):
                    retryAfter = Text(ValueOf(line, colon));
                    break;
            }
        }

        keepAlive &= framing != BodyFraming.UntilClosed;
        return before is not null && before.Says(status, framing, length, keepAlive, contentType, retryAfter) ? before : new(status, framing, length, keepAlive, contentType, retryAfter);
    }

    private bool Says(int status, BodyFraming framing, long length, bool keepAlive, string? contentType, string? retryAfter) =>
        Status == status && Framing == framing && Length == length && KeepAlive == keepAlive && ContentType == contentType && RetryAfter == retryAfter;

    private static bool Begins(string? type, string wanted) => ReferenceEquals(type, wanted) || (type is not null && type.StartsWith(wanted, StringComparison.OrdinalIgnoreCase));

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) => Ascii.EqualsIgnoreCase(text, lower);

    /// <summary>What stands behind the colon, without the white space around it.</summary>
    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> line, int colon)
    {
        var value = line[(colon + 1)..];
        while (value is [(byte)' ' or (byte)'\t', ..]) value = value[1..];
        while (value is [.., (byte)' ' or (byte)'\t']) value = value[..^1];
        return value;
    }

    /// <summary>Null for what may not stand in a header.</summary>
    private static string? Text(ReadOnlySpan<byte> value)
    {
        foreach (var usual in s_usual)
            if (Ascii.Equals(value, usual)) return usual;
        return value.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? null : Encoding.Latin1.GetString(value);
    }
}
