using System.Collections.Immutable;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Models;
using Helix.Storage;

namespace Helix.Install;

/// <summary>Makes one file of what another machine, without any network, needs: releases, models, and the user's manifests.</summary>
internal sealed class BundleCreate(HelixHome home, ReleaseStore store, ModelLibrary library, Func<MachineFacts> machine, string version, TimeProvider time)
{
    public const string NotPassedOn = "given out by its makers alone, to whoever accepts their terms";

    /// <param name="providers">Null for all that are installed, unless models are named.</param>
    /// <exception cref="BundleException">It cannot be made.</exception>
    public async Task<BundleManifest> WriteAsync(string file, IReadOnlyList<string> providers, IReadOnlyList<string> models, CancellationToken cancellationToken)
    {
        if (Path.Exists(file)) throw new BundleException($"{file} is there already", "Choose another name, or remove it first.");
        var releases = Releases(providers, isAll: providers.Count + models.Count == 0);
        var work = Directory.CreateDirectory(Path.Combine(home.Downloads, CleanupLook.Aside + Guid.NewGuid().ToString("N"))).FullName;
        try
        {
            var (parts, sources) = (new List<BundlePart>(), new Dictionary<string, string>(StringComparer.Ordinal));
            var bundled = new List<BundleRelease>();
            foreach (var release in releases)
            {
                var part = $"releases/{release.Provider}-{release.Version}.tar.gz";
                var packed = Path.Combine(work, $"{bundled.Count}.tar.gz");
                bundled.Add(new(part, release.Provider, release.Version, release.Folder, await PackAsync(release.Folder, part, packed, cancellationToken)));
                await AddAsync(part, packed);
            }

            var tools = new List<BundleTool>();
            foreach (var folder in Toolchains.FetchedIn(home).Where(folder => releases.Exists(release => Toolchains.IsUsedBy(release, folder))))
            {
                var (id, its) = (Path.GetFileName(Path.GetDirectoryName(folder)!), Path.GetFileName(folder));
                var packed = Path.Combine(work, $"tool-{tools.Count}.tar.gz");
                tools.Add(new($"tools/{id}-{its}.tar.gz", id, its));
                await PackAsync(folder, tools[^1].Part, packed, cancellationToken);
                await AddAsync(tools[^1].Part, packed);
            }

            var kept = new List<BundleModel>();
            foreach (var id in models)
            {
                if (library.Current.Find(id) is null || LibraryManifest.Read(library.Folder.Manifest(id)).Manifest is not { } manifest)
                    throw new BundleException($"the library keeps no model {id}", $"A file that lies in {library.Folder.Root} is taken in with: helix models add FILE. helix models list shows all.") { IsMissing = true };
                var files = new List<BundleFile>();
                foreach (var (path, its) in manifest.PathsIn(library.Folder))
                {
                    var part = $"models/sha256-{its.Sha256}";
                    files.Add(new(its.Name, part));
                    if (sources.TryAdd(part, path)) parts.Add(new(part, its.Bytes, its.Sha256));
                }

                kept.Add(new(id, manifest.Source, manifest.IsFolder, [.. files]));
            }

            var texts = new List<BundleProvider>();
            string[] owns = Directory.Exists(home.UserProviders) ? [.. Directory.GetFiles(home.UserProviders).Where(file => BundleManifest.IsManifestFile(Path.GetFileName(file)) && FileTree.LengthOf(file) > 0)] : [];
            foreach (var own in owns.Order(StringComparer.Ordinal))
            {
                texts.Add(new(Path.GetFileName(own), $"providers.d/{Path.GetFileName(own)}"));
                await AddAsync(texts[^1].Part, own);
            }

            if (bundled.Count + kept.Count + texts.Count == 0) throw new BundleException("there is nothing to bundle: no release is installed, no model is named, and there are no manifests of your own", "Install a provider first: helix local-llm install ID; or name a model: --model ID. helix local-llm list and helix models list show what there is.");
            var here = machine();
            var whole = new BundleManifest(BundleManifest.CurrentFormat, version, here.Os, here.Architecture, time.GetUtcNow(), [.. parts], [.. bundled], [.. kept], [.. texts]) { Tools = [.. tools] };
            if (whole.Refusal(here.Os, here.Architecture) is { } refusal) throw new BundleException($"what is to be bundled has names that no bundle may have: {refusal}", "Rename it, and try again.");
            await WriteAsync(file, whole, sources, cancellationToken);
            return whole;

            async Task AddAsync(string part, string path)
            {
                sources.Add(part, path);
                parts.Add(new(part, new FileInfo(path).Length, await BundleParts.DigestAsync(path, cancellationToken)));
            }
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>What is installed and may not be passed on: its makers give it out themselves, to whoever accepts their terms.</summary>
    public IReadOnlyList<InstalledRelease> LeftOut => [.. Installed.Where(release => release.Kind == InstallKind.Vendor)];

    private IEnumerable<InstalledRelease> Installed => !Directory.Exists(home.Providers) ? []
        : Directory.GetDirectories(home.Providers).Select(path => store.Current(Path.GetFileName(path))).OfType<InstalledRelease>().OrderBy(release => release.Provider, StringComparer.Ordinal);

    private List<InstalledRelease> Releases(IReadOnlyList<string> providers, bool isAll)
    {
        if (isAll) return [.. Installed.Where(release => release.Kind != InstallKind.Vendor)];
        var named = providers.Select(id => store.Current(id) ?? throw new BundleException($"{id} is not installed", id == PlannedProvider.Builtin ? "It comes with helix, and needs no bundle." : $"Install it first: helix local-llm install {id}")).ToList();
        return named.Find(release => release.Kind == InstallKind.Vendor) is { } vendor
            ? throw new BundleException($"{vendor.Provider} is {NotPassedOn}", $"On the other machine: helix local-llm accept-license {vendor.Provider}")
            : named;
    }

    /// <returns>The links that lead out of the folder; they are not in the archive.</returns>
    private static async Task<ImmutableArray<BundleLink>> PackAsync(string folder, string part, string target, CancellationToken cancellationToken)
    {
        var outside = ImmutableArray.CreateBuilder<BundleLink>();
        await using var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write);
        await using var zipped = new GZipStream(file, CompressionLevel.Fastest);
        await using var tar = new TarWriter(zipped, TarEntryFormat.Pax);
        await AddAsync("");
        return outside.ToImmutable();

        async Task AddAsync(string below)
        {
            foreach (var entry in new DirectoryInfo(Path.Combine(folder, below)).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                var name = below.Length == 0 ? entry.Name : $"{below}/{entry.Name}";
                if (entry.LinkTarget is { } leads)
                {
                    if (EntryName.RefuseLink(name, leads) is null) await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = leads }, cancellationToken);
                    else if (BundleRelease.IsInterpreter(name)) outside.Add(new(name, leads));
                    else throw new BundleException($"{Path.GetFileName(part)} cannot be made: its link {name} leads out of it, to {leads}", $"Leave it out: name the others with --provider.");
                }
                else if (entry is DirectoryInfo)
                {
                    await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, name + "/") { Mode = entry.UnixFileMode }, cancellationToken);
                    await AddAsync(name);
                }
                else
                {
                    await using var content = File.OpenRead(entry.FullName);
                    await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = entry.UnixFileMode, DataStream = content }, cancellationToken);
                }
            }
        }
    }

    private static async Task WriteAsync(string file, BundleManifest manifest, Dictionary<string, string> sources, CancellationToken cancellationToken)
    {
        var fresh = file + ".new";
        try
        {
            await using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write))
            {
                await using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
                {
                    using var head = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, BundleJson.Default.BundleManifest));
                    await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, BundleManifest.Name) { DataStream = head }, cancellationToken);
                    foreach (var part in manifest.Parts)
                    {
                        await using var content = File.OpenRead(sources[part.Name]);
                        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, part.Name) { DataStream = content }, cancellationToken);
                    }
                }

                stream.Flush(flushToDisk: true);
            }

            File.Move(fresh, file);
        }
        finally
        {
            File.Delete(fresh);
        }
    }
}
