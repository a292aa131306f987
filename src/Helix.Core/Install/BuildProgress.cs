using System.Globalization;
using System.Text.RegularExpressions;

namespace Helix.Core.Install;

/// <summary>How far a build is, as ninja counts steps (<c>[12/456]</c>) and make counts per cent (<c>[ 12%]</c>).</summary>
internal sealed partial record BuildProgress(int Done, int Total)
{
    /// <summary>Null where a line does not tell.</summary>
    public static BuildProgress? In(string line) =>
        Steps().Match(line) is { Success: true } steps ? new(Number(steps.Groups[1]), Number(steps.Groups[2]))
        : PerCent().Match(line) is { Success: true } share ? new(Number(share.Groups[1]), 100)
        : null;

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\[([0-9]{1,7})/([0-9]{1,7})\]")]
    private static partial Regex Steps();

    [GeneratedRegex(@"^\[ {0,2}([0-9]{1,3})%\]")]
    private static partial Regex PerCent();
}
