using System.Globalization;
using System.Text;

namespace Helix.Core.Processes;

/// <summary>Where the run folder of a home lies: short, because a socket's path has room for 107 bytes, and the same each time.</summary>
internal static class RunFolderName
{
    private const int LongestRuntimeFolder = 56;

    /// <param name="runtimeFolder">The user's own runtime folder (<c>$XDG_RUNTIME_DIR</c>), null where there is none that may be used.</param>
    public static string For(string home, string? runtimeFolder, uint user) =>
        runtimeFolder is { Length: > 1 and <= LongestRuntimeFolder } && runtimeFolder[0] == '/' && !runtimeFolder.Contains(';', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"{runtimeFolder.TrimEnd('/')}/helix-{Fingerprint(home):x16}")
            : string.Create(CultureInfo.InvariantCulture, $"/tmp/helix-{user}-{Fingerprint(home):x16}");

    /// <summary>FNV-1a. It tells the homes of one user apart and guards nothing; the folder's owner and rights do.</summary>
    private static ulong Fingerprint(string text)
    {
        var hash = 14695981039346656037;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
            hash = unchecked((hash ^ octet) * 1099511628211);
        return hash;
    }
}
