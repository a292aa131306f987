namespace Helix.Core.Cli;

/// <summary>A text as one word of a command line that somebody may copy into a shell.</summary>
internal static class ShellWord
{
    public static string Of(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
