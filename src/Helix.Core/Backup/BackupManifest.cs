using System.Collections.Immutable;
using Helix.Core.Install;
using Helix.Core.Models;

namespace Helix.Core.Backup;

/// <summary>What is in a backup; its first entry.</summary>
/// <param name="Helix">Version that made it.</param>
/// <param name="Host">Name of the machine.</param>
/// <param name="Reason">Why it was made: <c>daily</c>, <c>asked</c>, <c>before update</c> …</param>
/// <param name="Releases">That were in use; they are installed again, not restored.</param>
internal sealed record BackupManifest(
    int Format, string Helix, string Host, DateTimeOffset At, string Reason, ImmutableArray<BackupEntry> Files, ImmutableArray<BackupRelease> Releases, ImmutableArray<BackupModel> Models)
{
    public const string Name = "backup.json";

    /// <summary>Folder, in the backup, of what is restored: names below it are those below <c>local-llm</c>.</summary>
    public const string Home = "home/";

    public const int CurrentFormat = 1;

    private static readonly string[] s_places = ["auto-manager/config/", "connect/", "models/manifests/", "providers/", "providers.d/", "state/"];

    /// <summary>Why it cannot be restored; null where nothing speaks against it.</summary>
    public string? Refusal()
    {
        if (Format != CurrentFormat) return $"its format is {Format}, and this helix knows {CurrentFormat}; it was made by helix {Helix}";
        if (Files.IsDefault || Releases.IsDefault || Models.IsDefault) return "its manifest is not whole";
        if (Files.Select(file => file.Path).Distinct(StringComparer.Ordinal).Count() != Files.Length) return "it lists a file twice";
        if (Files.FirstOrDefault(file => !IsPath(file.Path) || !ModelSource.IsDigest(file.Sha256) || file.Bytes < 0) is { } bad) return $"its entry for {bad.Path} makes no sense";
        return Releases.FirstOrDefault(release => !BundleManifest.IsName(release.Provider) || !BundleManifest.IsName(release.Version)) is { } odd ? $"what it says of {odd.Provider} makes no sense" : null;
    }

    /// <summary>One that helix restores: nothing else in a home is ever written.</summary>
    public static bool IsPath(string path) =>
        EntryName.Of(path, 0) is EntryName.Good(var good) && good == path && s_places.Any(place => path.Length > place.Length && path.StartsWith(place, StringComparison.Ordinal));
}

/// <param name="Path">Below <c>local-llm</c>, with <c>/</c> between.</param>
internal sealed record BackupEntry(string Path, long Bytes, string Sha256);

/// <param name="Previous">The one to go back to; null for none.</param>
internal sealed record BackupRelease(string Provider, string Version, string? Previous);

/// <param name="Sha256">Null for a model in several files: its manifest has all.</param>
internal sealed record BackupModel(string Id, string Source, string? Sha256);
