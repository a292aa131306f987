namespace Helix.Core.Gateway;

/// <summary>Where events end in a stream of server-sent events.</summary>
internal static class SseEvents
{
    public static ReadOnlySpan<byte> Done => "data: [DONE]"u8;

    /// <summary>How many of these bytes are whole events, each closed by a blank line.</summary>
    public static int WholeLength(ReadOnlySpan<byte> bytes)
    {
        for (var end = bytes.Length; end > 0;)
        {
            var at = bytes[..end].LastIndexOfAny((byte)'\n', (byte)'\r');
            if (at < 0) return 0;
            if (ClosesBlankLine(bytes, at)) return at + 1;
            end = at;
        }

        return 0;
    }

    /// <summary>How many of these bytes are the first event, the blank line that closes it included; all of them where none does.</summary>
    public static int FirstLength(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at++)
        {
            var next = bytes[at..].IndexOfAny((byte)'\n', (byte)'\r');
            if (next < 0) break;
            at += next;
            if (ClosesBlankLine(bytes, at)) return at + 1;
        }

        return bytes.Length;
    }

    private static bool ClosesBlankLine(ReadOnlySpan<byte> bytes, int at)
    {
        if (bytes[at] == '\r') return at > 0 && bytes[at - 1] == '\r';
        if (at > 0 && bytes[at - 1] == '\n') return true;
        return at > 1 && bytes[at - 1] == '\r' && bytes[at - 2] is (byte)'\n' or (byte)'\r';
    }
}
