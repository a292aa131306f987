using System.Text.RegularExpressions;

namespace Helix.Core.Install;

/// <summary>The first version in what a program says of itself: <c>git version 2.39.5</c>, <c>v20.20.2</c>.</summary>
internal static partial class ToolVersion
{
    public static Version? In(string words) => Dotted().Match(words) is { Success: true } found && Version.TryParse(found.Value, out var version) ? version : null;

    [GeneratedRegex(@"(?<![0-9.])[0-9]{1,6}\.[0-9]{1,6}(\.[0-9]{1,6})?")]
    private static partial Regex Dotted();
}
