using System.Numerics;
using System.Runtime.Intrinsics;

namespace Helix.Core.Gateway;

/// <summary>Where events end in a stream of server-sent events.</summary>
internal static class SseEvents
{
    /// <summary>Bytes that are looked at together.</summary>
    private const int Block = 64;

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

    /// <summary>How many events there are among these bytes, which begin with one: how often a blank line closes something.</summary>
    public static int Count(ReadOnlySpan<byte> events)
    {
        var (count, at, before, returns) = (0, 0, 0UL, Vector128<byte>.Zero);
        // with a bit for each byte: a line break behind another, and none before that
        for (; at + Block <= events.Length; at += Block)
        {
            var block = events.Slice(at, Block);
            var breaks = Breaks(block, 0, ref returns) | Breaks(block, 16, ref returns) << 16 | Breaks(block, 32, ref returns) << 32 | Breaks(block, 48, ref returns) << 48;
            count += BitOperations.PopCount(breaks & (breaks << 1 | before >> 63) & ~(breaks << 2 | before >> 62));
            before = breaks;
        }

        for (var next = at; next < events.Length; next++)
            if (events[next] == '\n' && next > 0 && events[next - 1] == '\n' && (next == 1 || events[next - 2] != '\n')) count++;
        return returns != Vector128<byte>.Zero || events[at..].Contains((byte)'\r') ? count + events.Count("\r\n\r\n"u8) : count;
    }

    private static ulong Breaks(ReadOnlySpan<byte> block, int at, ref Vector128<byte> returns)
    {
        var bytes = Vector128.Create(block.Slice(at, Vector128<byte>.Count));
        returns |= Vector128.Equals(bytes, Vector128.Create((byte)'\r'));
        return Vector128.Equals(bytes, Vector128.Create((byte)'\n')).ExtractMostSignificantBits();
    }

    private static bool ClosesBlankLine(ReadOnlySpan<byte> bytes, int at)
    {
        if (bytes[at] == '\r') return at > 0 && bytes[at - 1] == '\r';
        if (at > 0 && bytes[at - 1] == '\n') return true;
        return at > 1 && bytes[at - 1] == '\r' && bytes[at - 2] is (byte)'\n' or (byte)'\r';
    }
}
