using System.Globalization;

namespace Helix.Core.Processes;

/// <summary>What Linux says of a process in <c>/proc/PID/stat</c>, as far as helix asks. See proc(5).</summary>
/// <param name="State">One letter, of the first thread; <c>Z</c> and <c>X</c> are dead.</param>
/// <param name="Threads">A first thread that is dead among others that are not is a living process still, with all its files and locks.</param>
/// <param name="ProcessorTicks">Clock ticks that processors have spent on it and on its children that ended.</param>
/// <param name="StartTicks">Clock ticks since boot: together with the pid it says who a process is.</param>
internal sealed record ProcStat(int Pid, char State, int Parent, int Group, int Session, int Threads, long ProcessorTicks, long StartTicks)
{
    private const int FirstTicksField = 11;
    private const int LastTicksField = 14;
    private const int ThreadsField = 17;
    private const int StartTicksField = 19;
    private const int ResidentField = 21;

    /// <summary>Memory of it that is in RAM, in pages; 0 where the kernel does not say. It is a little behind.</summary>
    public long ResidentPages { get; init; }

    public bool IsAlive => State is not ('Z' or 'X' or 'x') || Threads > 1;

    /// <summary>Null when the text is not what the kernel writes. A program's name may hold blanks and brackets: fields count from its last bracket.</summary>
    public static ProcStat? Parse(ReadOnlySpan<char> text)
    {
        var open = text.IndexOf('(');
        var close = text.LastIndexOf(')');
        if (open < 1 || close < open || close + 2 > text.Length)
            return null;

        var rest = text[(close + 2)..];
        // what follows the last that is asked for lies in one more
        Span<Range> fields = stackalloc Range[ResidentField + 2];
        var count = rest.Split(fields, ' ', StringSplitOptions.TrimEntries);
        if (count <= StartTicksField
            || rest[fields[0]].Length != 1
            || !Number(text[..open], out var pid)
            || !Number(rest[fields[1]], out var parent)
            || !Number(rest[fields[2]], out var group)
            || !Number(rest[fields[3]], out var session)
            || !Number(rest[fields[ThreadsField]], out var threads)
            || !long.TryParse(rest[fields[StartTicksField]], NumberStyles.None, CultureInfo.InvariantCulture, out var start))
            return null;
        long ticks = 0;
        foreach (var field in fields[FirstTicksField..(LastTicksField + 1)]) ticks += Long(rest[field]);
        return new ProcStat(pid, rest[fields[0]][0], parent, group, session, threads, ticks, start) { ResidentPages = count > ResidentField ? Long(rest[fields[ResidentField]]) : 0 };
    }

    private static long Long(ReadOnlySpan<char> text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static bool Number(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number);
}
