namespace Helix.Core.Manifests;

/// <summary>Versions as people write them: 14, 2.28, 550.54.14.</summary>
internal static class Dotted
{
    private const int HighestCapability = 12;

    /// <summary>Null where the text is no version.</summary>
    public static Version? Parse(string text) =>
        text.Length is > 0 and < 40 && text.All(letter => char.IsAsciiDigit(letter) || letter == '.')
        && Version.TryParse(text.Contains('.', StringComparison.Ordinal) ? text : text + ".0", out var version) ? version : null;

    /// <summary>A driver or system is 580 or 14; a compute capability is 8.0.</summary>
    public static string Words(Version version) => version is { Minor: 0, Build: < 1, Major: > HighestCapability } ? $"{version.Major}" : $"{version}";
}
