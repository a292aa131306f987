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

    public bool IsAlive => State is not ('Z' or 'X' or 'x') || Threads > 1;

    /// <summary>Null when the text is not what the kernel writes. A program's name may hold blanks and brackets: fields count from its last bracket.</summary>
    public static ProcStat? Parse(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        if (open < 1 || close < open || close + 2 > text.Length)
            return null;

        var fields = text[(close + 2)..].Split(' ', StringSplitOptions.TrimEntries);
        return fields.Length > StartTicksField
            && fields[0].Length == 1
            && Number(text[..open], out var pid)
            && Number(fields[1], out var parent)
            && Number(fields[2], out var group)
            && Number(fields[3], out var session)
            && Number(fields[ThreadsField], out var threads)
            && long.TryParse(fields[StartTicksField], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
                ? new ProcStat(pid, fields[0][0], parent, group, session, threads, fields[FirstTicksField..(LastTicksField + 1)].Sum(Ticks), start)
                : null;
    }

    private static long Ticks(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ticks) ? ticks : 0;

    private static bool Number(string text, out int number) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number);
}
