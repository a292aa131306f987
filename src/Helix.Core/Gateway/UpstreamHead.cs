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

    public bool IsEventStream => ContentType is { } type && type.StartsWith(EventStreamType, StringComparison.OrdinalIgnoreCase);

    public bool IsJson => ContentType is { } type && type.StartsWith(JsonType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Parses status line and header lines, up to and without the blank line.</summary>
    /// <returns>Null if it is not the head of an HTTP/1.1 answer.</returns>
    public static UpstreamHead? Parse(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || !head.StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(head.Slice(9, 3), out int status, out var digits) || digits != 3) return null;
        var framing = status is 204 or 304 or < 200 ? BodyFraming.Length : BodyFraming.UntilClosed;
        long length = 0;
        var keepAlive = head[7] == '1';
        string? contentType = null, retryAfter = null;
        foreach (var range in head.Split("\r\n"u8))
        {
            var line = head[range];
            var colon = line.IndexOf((byte)':');
            if (colon <= 0) continue;
            var name = line[..colon];
            var value = line[(colon + 1)..].Trim(" \t"u8);
            if (Is(name, "content-length"u8))
            {
                if (!Utf8Parser.TryParse(value, out length, out var read) || read != value.Length || length < 0) return null;
                if (framing == BodyFraming.UntilClosed) framing = BodyFraming.Length;
            }
            else if (Is(name, "transfer-encoding"u8))
            {
                if (!Is(value, "chunked"u8)) return null;
                framing = BodyFraming.Chunked;
            }
            else if (Is(name, "connection"u8)) keepAlive &= !Is(value, "close"u8);
            else if (Is(name, "content-type"u8)) contentType = Text(value);
            else if (Is(name, "retry-after"u8)) retryAfter = Text(value);
        }

        return new(status, framing, length, keepAlive && framing != BodyFraming.UntilClosed, contentType, retryAfter);
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) => Ascii.EqualsIgnoreCase(text, lower);

    /// <summary>Null for what may not stand in a header.</summary>
    private static string? Text(ReadOnlySpan<byte> value) =>
        value.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? null
        : value.SequenceEqual("text/event-stream"u8) ? EventStreamType
        : value.SequenceEqual("application/json"u8) ? JsonType
        : Encoding.Latin1.GetString(value);
}
