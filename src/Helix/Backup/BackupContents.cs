using System.Collections.Immutable;
using Helix.Configuration;
using Helix.Core.Backup;
using Helix.Core.Configuration;
using Helix.Install;
using Helix.Manifests;
using Helix.Models;
using Helix.Storage;

namespace Helix.Backup;

/// <param name="Path">Below <c>local-llm</c>, with <c>/</c> between.</param>
/// <param name="Source">Where it lies.</param>
internal sealed record BackupSource(string Path, string Source);

/// <summary>What of a home is backed up: what the user said and what helix remembers, never what can be fetched again.</summary>
internal sealed class BackupContents(HelixHome home, ManifestShelf shelf, ReleaseStore store)
{
    private const string ProviderWords = "words.json";

    private readonly LibraryFolder _library = new(home.Models);

    /// <summary>All but the database, which is copied while it is in use.</summary>
    public IEnumerable<BackupSource> Files()
    {
        // a configuration that is being edited, and wrong, is not what helix runs with
        if (File.Exists(home.Config)) yield return new(Named(home.Config), ConfigFile.Load(home.Config) is ConfigOutcome.Bad && File.Exists(home.LastGoodConfig) ? home.LastGoodConfig : home.Config);
        if (File.Exists(home.AlertRules) && FileTree.LengthOf(home.AlertRules) > 0) yield return Of(home.AlertRules);
        foreach (var file in FilesIn(home.UserProviders).Where(file => ManifestShelf.IsManifest(file) && FileTree.LengthOf(file) > 0)) yield return Of(file);
        foreach (var file in ((string[])["engines.json", "attached.json", "clouds.json", "channels.json"]).Select(name => Path.Combine(home.State, name)).Where(File.Exists)) yield return Of(file);
        foreach (var file in Providers().Select(id => Path.Combine(store.FolderOf(id), ProviderWords)).Where(File.Exists)) yield return Of(file);
        foreach (var file in FilesIn(_library.Manifests).Where(file => file.EndsWith(".json", StringComparison.Ordinal))) yield return Of(file);
        foreach (var file in Connections().Concat(Data())) yield return Of(file);
    }

    public ImmutableArray<BackupRelease> Releases() =>
        [.. Providers().Select(store.Current).OfType<InstalledRelease>().Select(release => new BackupRelease(release.Provider, release.Version, store.Previous(release.Provider)?.Version))];

    public ImmutableArray<BackupModel> Models() =>
        [.. FilesIn(_library.Manifests).Select(file => LibraryManifest.Read(file).Manifest).OfType<LibraryManifest>().Select(manifest => new BackupModel(manifest.Id, manifest.Source, manifest.Files.Count == 1 ? manifest.Files[0].Sha256 : null))];

    /// <summary>There is something that a restore could overwrite.</summary>
    public bool IsAnything => File.Exists(home.Config) || File.Exists(home.Database) || Files().Any();

    public string Named(string path) => Path.GetRelativePath(home.LocalLlm, path);

    /// <summary>What engines keep, as far as their manifests say that it is worth it.</summary>
    private IEnumerable<string> Data() => shelf.Current.Manifests
        .SelectMany(manifest => manifest.Backup.Select(kept => Path.Combine(store.FolderOf(manifest.Id), "data", kept)))
        .SelectMany(path => Directory.Exists(path) && new FileInfo(path).LinkTarget is null ? FileTree.Files(path).Order(StringComparer.Ordinal) : (IEnumerable<string>)[path])
        .Where(IsContent);

    /// <summary>What was set in files of other programs, and these files as they were before.</summary>
    private IEnumerable<string> Connections() => Directory.Exists(home.Connections) ? FileTree.Files(home.Connections).Order(StringComparer.Ordinal).Where(IsContent) : [];

    private static bool IsContent(string file) => File.Exists(file) && new FileInfo(file).LinkTarget is null && FileTree.LengthOf(file) > 0;

    private BackupSource Of(string path) => new(Named(path), path);

    private IEnumerable<string> Providers() => Directory.Exists(home.Providers) ? Directory.GetDirectories(home.Providers).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal) : [];

    private static IEnumerable<string> FilesIn(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal) : [];
}
