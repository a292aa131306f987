using System.Buffers;

namespace Helix.Engine.Text;

/// <summary>
/// Lets text through up to the stop string that is complete first. What may yet turn out to be the beginning of one is held back,
/// so that no part of a stop string is ever let through.
/// </summary>
/// <param name="stops">UTF-8, none of them empty.</param>
internal sealed class StopMatcher(IReadOnlyList<byte[]> stops)
{
    private readonly ArrayBufferWriter<byte> _held = new(64);
    private readonly ArrayBufferWriter<byte> _free = new(64);

    /// <summary>True once a stop string was seen; nothing is let through any more.</summary>
    public bool Stopped { get; private set; }

    /// <summary>The text that is certain now; valid until the next call.</summary>
    public ReadOnlySpan<byte> Push(ReadOnlySpan<byte> text)
    {
        if (stops.Count == 0)
            return text;
        if (Stopped)
            return [];
        _held.Write(text);
        var first = FirstMatch(_held.WrittenSpan);
        Stopped = first >= 0;
        return Release(Stopped ? first : _held.WrittenCount - LongestBeginning(_held.WrittenSpan));
    }

    /// <summary>No more text comes: what was held back is no stop string after all.</summary>
    public ReadOnlySpan<byte> Finish() => Stopped ? [] : Release(_held.WrittenCount);

    private ReadOnlySpan<byte> Release(int count)
    {
        _free.ResetWrittenCount();
        _free.Write(_held.WrittenSpan[..count]);
        var rest = _held.WrittenSpan[count..].ToArray();
        _held.ResetWrittenCount();
        _held.Write(rest);
        return _free.WrittenSpan;
    }

    /// <summary>Where the stop string begins that is complete first; of two that end together, the longer.</summary>
    private int FirstMatch(ReadOnlySpan<byte> text)
    {
        var (start, end) = (-1, int.MaxValue);
        foreach (var stop in stops)
        {
            var at = text.IndexOf(stop);
            if (at >= 0 && (at + stop.Length < end || (at + stop.Length == end && at < start)))
                (start, end) = (at, at + stop.Length);
        }

        return start;
    }

    /// <summary>Length of the longest end of the text that is the beginning of a stop string.</summary>
    private int LongestBeginning(ReadOnlySpan<byte> text)
    {
        var longest = 0;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.EndsWith(stop.AsSpan(0, length)))
                    longest = length;
            }
        }

        return longest;
    }
}
