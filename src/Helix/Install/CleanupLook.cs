using System.Collections.Immutable;
using System.Security.Cryptography;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Manifests;
using Helix.Storage;

namespace Helix.Install;

/// <summary>What must be known of the rest of helix before anything is thrown away.</summary>
/// <param name="Alive">Providers of which a process runs.</param>
/// <param name="Commands">What is known of the processes of this machine: their programs and arguments; empty where the system does not tell, and then every process of a provider counts.</param>
/// <param name="Weights">Files and folders of the library that none of its models names.</param>
internal sealed record CleanupWorld(Func<IReadOnlySet<string>> Alive, Func<IReadOnlyList<string>> Commands, Func<CancellationToken, Task<IReadOnlyList<string>>> Weights);

/// <summary>Lists what helix has on disk beside what it keeps for good.</summary>
internal sealed class CleanupLook(HelixHome home, ReleaseStore store, ManifestShelf shelf, Func<InstallState> installs, CleanupWorld world, TimeProvider time)
{
    /// <summary>How a folder begins in which a bundle works, or that a cleanup put aside: nothing that counts.</summary>
    public const string Aside = ".gone-";

    private const string Helix = "helix";

    private static readonly string[] s_packageCaches = ["npm", "pip", "uv"];

    public async Task<CleanupListing> ListAsync(CancellationToken cancellationToken)
    {
        var (manifests, state, alive, commands) = (shelf.Current.Manifests, installs(), world.Alive(), world.Commands());
        var folders = Directory.Exists(home.Providers) ? Directory.GetDirectories(home.Providers).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToArray() : [];
        var providers = folders.Select(id => ProviderOf(id, state.Providers.GetValueOrDefault(id), alive.Contains(id), commands)).ToImmutableArray();
        ImmutableHashSet<string> owners = [Helix, .. alive, .. manifests.Where(manifest => !(store.Words(manifest.Id).Removed && store.All(manifest.Id).Count == 0)).Select(manifest => manifest.Id)];
        return new(
            time.GetUtcNow(), providers, [.. Cached()], Needed(manifests, state), [.. Logs()], owners,
            [.. (await world.Weights(cancellationToken)).Select(Item)]);
    }

    public static DiskItem Item(string path) => new(path, DiskUse.Of(path), File.GetLastWriteTimeUtc(path));

    public static string TemporaryOf(HelixHome home, string provider) => Path.Combine(home.Providers, provider, "data", "tmp");

    private DiskProvider ProviderOf(string id, ProviderInstall? install, bool isAlive, IReadOnlyList<string> commands)
    {
        var unused = store.Unused(id).Select(release => release.Version).ToHashSet(StringComparer.Ordinal);
        var temporary = TemporaryOf(home, id);
        return new(
            id, install?.Need is InstallNeed.Needed, install is { IsWorking: true }, isAlive,
            [
                .. store.All(id).Select(release => new DiskRelease(
                    release.Version, new(release.Folder, release.Bytes, release.Installed), !unused.Contains(release.Version), commands.Count == 0 ? isAlive : commands.Any(command => command.Contains(release.Folder + "/", StringComparison.Ordinal)))),
            ],
            [.. store.Unfinished(id).Select(Item)],
            Directory.Exists(temporary) ? [.. Directory.GetFileSystemEntries(temporary).Select(Item)] : []);
    }

    private IEnumerable<DiskCache> Cached()
    {
        foreach (var folder in Entries(AssetFetch.Files))
        {
            var parts = Directory.Exists(folder) ? Directory.GetFiles(folder).Where(IsPart).ToArray() : [];
            foreach (var part in parts) yield return new(CleanupKind.Part, Item(part), Path.GetFileName(folder));
            // a download may be about to begin in an empty one
            if (parts.Length == 0 && !(Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())) yield return new(CleanupKind.Download, Item(folder), Path.GetFileName(folder));
        }

        foreach (var blob in Entries(ImageFiles.Layers))
            yield return new(IsPart(blob) ? CleanupKind.Part : CleanupKind.Download, Item(blob), Path.GetFileName(blob));
        foreach (var work in Entries("work"))
            yield return new(CleanupKind.Build, Item(work), Path.GetFileName(work), OwnerOf(Path.GetFileName(work)));
        foreach (var repository in Entries("git")) yield return new(CleanupKind.Checkout, Item(repository), Path.GetFileName(repository));
        foreach (var client in s_packageCaches)
            if (Directory.Exists(Path.Combine(home.Downloads, client)))
                yield return new(CleanupKind.PackageCache, Item(Path.Combine(home.Downloads, client)), client);
        foreach (var tool in Toolchains.FetchedIn(home)) yield return new(CleanupKind.Toolchain, Item(tool), KeyOf(tool));
        if (!Directory.Exists(home.Downloads)) yield break;
        foreach (var left in Directory.GetDirectories(home.Downloads, Aside + "*")) yield return new(CleanupKind.Build, Item(left), "");
    }

    /// <summary>Like <c>node 24.18.0</c>.</summary>
    private static string KeyOf(string tool) => $"{Path.GetFileName(Path.GetDirectoryName(tool))} {Path.GetFileName(tool)}";

    private string[] Entries(string folder)
    {
        var path = Path.Combine(home.Downloads, folder);
        return Directory.Exists(path) ? [.. Directory.GetFileSystemEntries(path).Order(StringComparer.Ordinal)] : [];
    }

    private static bool IsPart(string file) => file.EndsWith(".part", StringComparison.Ordinal) || file.EndsWith(".part.json", StringComparison.Ordinal) || file.EndsWith(".part.json.tmp", StringComparison.Ordinal);

    /// <summary>Work is named PROVIDER-VERSION-KEY, and either of the first two may have a dash in it.</summary>
    private string? OwnerOf(string work) =>
        shelf.Current.Manifests.Select(manifest => manifest.Id).Where(id => work.StartsWith(id + "-", StringComparison.Ordinal)).MaxBy(id => id.Length);

    private IEnumerable<DiskLog> Logs() => !Directory.Exists(home.Logs) ? [] : Directory.GetDirectories(home.Logs)
        .SelectMany(folder => Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(file => new DiskLog(Path.GetFileName(folder), Item(file))));

    /// <summary>Keys of everything that a version which is installed, or is to be, was or will be fetched as.</summary>
    private ImmutableHashSet<string> Needed(ImmutableArray<Manifest> manifests, InstallState state)
    {
        var needed = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        string[] fetched = [.. Toolchains.FetchedIn(home)];
        foreach (var manifest in manifests)
        {
            var releases = store.All(manifest.Id);
            needed.UnionWith(releases.SelectMany(release => release.Digests).Select(digest => digest.Value));
            needed.UnionWith(fetched.Where(tool => releases.Any(release => Toolchains.IsUsedBy(release, tool))).Select(KeyOf));
            var versions = releases.Select(release => release.Version.Split('+')[0]).ToHashSet(StringComparer.Ordinal);
            var wanted = state.Providers.GetValueOrDefault(manifest.Id)?.Need as InstallNeed.Needed;
            if (wanted is not null) versions.Add(wanted.Version);
            foreach (var way in manifest.Install)
                foreach (var version in wanted is null || way.Version is null ? versions : versions.Append(way.Version))
                    needed.UnionWith(Addresses(way, version).Select(AssetFetch.KeyOf));
        }

        // an image is installed from its layers
        var isAwaited = manifests.Any(manifest => state.Providers.GetValueOrDefault(manifest.Id)?.Need is InstallNeed.Needed { Ways: var ways } && ways.Any(way => !way.Images.IsEmpty));
        foreach (var text in Entries(ImageFiles.Manifests).Select(File.ReadAllBytes))
            if (ImageManifest.Parse(text) is ImageManifest.Image image && (isAwaited || needed.Contains(Convert.ToHexStringLower(SHA256.HashData(text)))))
                needed.UnionWith(image.Layers.Select(layer => layer.Sha256));
        return needed.ToImmutable();
    }

    private static IEnumerable<Uri> Addresses(InstallWay way, string version)
    {
        if (way.Checksums is { } list)
            foreach (var name in way.Assets.Select(asset => asset.Name.Replace("{version}", version, StringComparison.Ordinal)).DefaultIfEmpty(""))
                yield return AssetFetch.ListOf(list, version, name);
        if (way.Url is not { } url) yield break;
        if (!url.Contains("{asset}", StringComparison.Ordinal)) yield return new Uri(url.Replace("{version}", version, StringComparison.Ordinal));
        foreach (var asset in way.Assets) yield return AssetFetch.AddressOf(way, asset, version);
    }
}
