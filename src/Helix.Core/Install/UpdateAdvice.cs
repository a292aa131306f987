namespace Helix.Core.Install;

/// <summary>What somebody may do about the version of a provider.</summary>
internal static class UpdateAdvice
{
    /// <param name="installed">Version of the release in use; null for none.</param>
    /// <param name="known">The version that the manifest names; null where it cannot be installed here.</param>
    /// <param name="newest">The newest upstream; null where that is not known.</param>
    public static string Of(string id, string? installed, string? known, string? newest)
    {
        if (known is null) return "cannot be installed here; helix local-llm list says why";
        var byHand = newest is not null && newest != installed && IsNewer(newest, known) ? $"{newest} is newer than what helix knows to be good; by hand: helix local-llm install {id}@{newest}" : null;
        if (installed is null) return byHand is null ? $"not installed; helix local-llm install {id}" : $"not installed; {byHand}";
        if (installed != known && !IsNewer(installed, known)) return $"helix local-llm update {id}";
        return byHand ?? (newest is null ? "as helix knows it" : "up to date");
    }

    /// <summary>Both are numbers with dots, so that they tell which is newer.</summary>
    public static bool AreNumbers(string one, string other) => Version.TryParse(one, out _) && Version.TryParse(other, out _);

    /// <summary>Of two versions that are not numbers with dots, another one counts as newer: sources name their newest.</summary>
    public static bool IsNewer(string version, string than)
    {
        if (version == than) return false;
        if (Version.TryParse(version, out var left) && Version.TryParse(than, out var right)) return left > right;
        // a commit is often written short
        return !version.StartsWith(than, StringComparison.Ordinal) && !than.StartsWith(version, StringComparison.Ordinal);
    }
}
