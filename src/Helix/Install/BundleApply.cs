using System.Text;
using System.Text.Json;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Manifests;
using Helix.Models;
using Helix.Storage;

namespace Helix.Install;

/// <param name="What">The release, model or manifest.</param>
/// <param name="Words">What came of it.</param>
/// <param name="IsThere">It is on this machine now, or was already.</param>
internal sealed record BundlePlaced(string What, string Words, bool IsThere);

/// <summary>
/// Brings what a bundle holds to this machine. Every digest is checked before anything is placed; each thing appears whole or not at all, and
/// what was placed before an interruption is found in its place the next time.
/// </summary>
internal sealed class BundleApply(HelixHome home, ReleaseStore store, Installations installations, InstallTools tools, ModelLibrary library, ManifestShelf shelf, Func<MachineFacts> machine, Func<Dictionary<string, string>> environment)
{
    private const int LargestText = 1 << 20;

    /// <exception cref="BundleException">The bundle is refused as a whole.</exception>
    public async Task<IReadOnlyList<BundlePlaced>> PlaceAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file)) throw new BundleException($"there is no file {file}", "Check the path.") { IsMissing = true };
        var here = machine();
        var manifest = await BundleParts.VerifyAsync(file, here.Os, here.Architecture, cancellationToken);
        var parts = manifest.Parts.ToDictionary(part => part.Name, StringComparer.Ordinal);
        var needed = 2 * manifest.Parts.Sum(part => part.Bytes);
        if (FreeSpace.Refusal(home.Root, needed) is { } full) throw new BundleException(full.Reason, full.Remedy);

        var work = Directory.CreateDirectory(Path.Combine(home.Downloads, CleanupLook.Aside + Guid.NewGuid().ToString("N"))).FullName;
        try
        {
            var placed = new List<BundlePlaced>();
            foreach (var provider in manifest.Providers) placed.Add(await TryAsync(provider.File, () => ProviderAsync(provider)));
            foreach (var tool in manifest.Tools) placed.Add(await TryAsync($"{tool.Id} {tool.Version}", () => ToolAsync(tool)));
            foreach (var release in manifest.Releases) placed.Add(await TryAsync($"{release.Provider} {release.Version}", () => ReleaseAsync(release)));
            foreach (var model in manifest.Models) placed.Add(await TryAsync(model.Id, () => ModelAsync(model)));
            return placed;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }

        async Task<BundlePlaced> TryAsync(string what, Func<Task<(string Words, bool IsThere)>> place)
        {
            try
            {
                var (words, isThere) = await place();
                return new(what, words, isThere);
            }
            catch (Exception bad) when (bad is BundleException or BadArchiveException or IOException or UnauthorizedAccessException or JsonException)
            {
                return new(what, bad.Message, false);
            }
        }

        async Task<string> PartAsync(string name, string target)
        {
            await BundleParts.ExtractAsync(file, parts[name], target, cancellationToken);
            return target;
        }

        async Task<(string, bool)> ProviderAsync(BundleProvider provider)
        {
            var fresh = await PartAsync(provider.Part, Path.Combine(work, "provider.yaml"));
            var target = Path.Combine(home.UserProviders, provider.File);
            if (File.Exists(target))
                return await BundleParts.DigestAsync(target, cancellationToken) == parts[provider.Part].Sha256 ? ("was there already", true) : ("there is another file of this name; yours is kept", false);
            Directory.CreateDirectory(home.UserProviders);
            File.Move(fresh, target);
            return ("placed", true);
        }

        async Task<(string, bool)> ToolAsync(BundleTool tool)
        {
            if (Directory.Exists(Path.Combine(home.Tools, tool.Id, tool.Version))) return ("was there already", true);
            var archive = await PartAsync(tool.Part, Path.Combine(work, "tool.tar.gz"));
            await Toolchains.PlaceAsync(home, tool.Id, tool.Version, async folder =>
            {
                await ArchiveUnpack.UnpackAsync(archive, folder, 0, UnpackLimits.For([archive], home.Tools), cancellationToken);
                return true;
            });
            File.Delete(archive);
            return ("placed", true);
        }

        async Task<(string, bool)> ReleaseAsync(BundleRelease release)
        {
            if (store.Find(release.Provider, release.Version) is not null && store.Current(release.Provider)?.Version == release.Version) return ("is installed already", true);
            var archive = await PartAsync(release.Part, Path.Combine(work, "release.tar.gz"));
            var staging = store.Begin(release.Provider, "bundle-" + release.Version);
            using var kept = store.Keep(staging);
            try
            {
                await ArchiveUnpack.UnpackAsync(archive, staging, 0, UnpackLimits.For([archive], staging), cancellationToken);
                return await InstallAsync(release, staging, cancellationToken);
            }
            finally
            {
                File.Delete(archive);
                if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
            }
        }

        async Task<(string, bool)> ModelAsync(BundleModel model)
        {
            if (library.Current.Find(model.Id) is not null)
                return IsSame(model, parts) ? ("was there already", true) : ("there is a model of this name with other weights; yours is kept", false);
            var folder = Path.Combine(library.Folder.Partial, $"bundle-{model.Id}");
            try
            {
                var files = new List<IntakeFile>();
                foreach (var each in model.Files)
                    files.Add(new(await PartAsync(each.Part, Path.Combine(folder, each.Name)), each.Name, parts[each.Part].Sha256, IntakeMode.Move));
                var outcome = model.Folder
                    ? await library.AddAsync(folder, model.Id, move: true, cancellationToken)
                    : await library.TakeFetchedAsync(files, model.Id, model.Source, cancellationToken);
                return outcome is LibraryOutcome.Refused refused ? ($"{refused.Reason}; {refused.Remedy}", false) : ("placed", true);
            }
            finally
            {
                if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            }
        }
    }

    private async Task<(string, bool)> InstallAsync(BundleRelease bundled, string staging, CancellationToken cancellationToken)
    {
        var id = bundled.Provider;
        var receipt = ReleaseStore.Receipt(staging);
        if (receipt is null || receipt.Provider != id || receipt.Version != bundled.Version) return ("it says nothing of itself, or something else than the bundle", false);
        if (shelf.Current.Find(id) is not { IsAttached: false } manifest) return ($"no manifest here describes {id}", false);
        if (store.Current(id) is { } there && BundleRelease.IsNewer((there.Version, there.Installed), (receipt.Version, receipt.Installed))) return ($"{there.Version} is installed, which is newer, and is kept", true);

        if (manifest.Install.Select(way => way.Accept).OfType<string>().FirstOrDefault() is { } terms && store.Words(id).Accepted != terms)
            return ($"its terms must be accepted here first: read {terms}, run helix local-llm accept-license {id}, and apply the bundle again", false);

        var release = receipt with { Folder = staging };
        foreach (var tool in receipt.Tools.Keys)
        {
            if ((Brought(receipt.Tools[tool]) ?? Find(tool)) is not { } path) return ($"it needs {tool}, which is not on the PATH here", false);
            release = release with { Tools = release.Tools.SetItem(tool, path) };
        }

        if (Interpreter(bundled, staging) is { } missing) return (missing, false);
        if (Rename(staging, bundled.Folder, store.FinalFolder(id, bundled.Version)) is { } named) return ($"{named} names the path {bundled.Folder} and cannot be rewritten; use the same HELIX_HOME on both machines", false);
        var trial = await tools.Try(manifest, release, _ => { }, cancellationToken);
        if (trial is TrialOutcome.Failed(var step, var reason)) return ($"{step}: {reason}", false);
        if (DigestLedger.Of(home, id).Compare(receipt.Digests) is { } other) return (other.Reason, false);

        var files = FolderDigests.Of(staging, cancellationToken);
        await installations.QuietAsync(id, cancellationToken);
        await installations.WhileStillAsync(working =>
        {
            if (working.Contains(id)) throw new IOException($"{id} is being installed just now; apply the bundle again");
            store.Finish(release with { Tested = ((TrialOutcome.Passed)trial).Words }, staging, files: files);
            store.Switch(id, bundled.Version);
            DigestLedger.Of(home, id).Record(receipt.Digests);
            installations.DropWish(id);
            // it stays until somebody asks for another one: nothing newer can be fetched on a machine without network
            store.Remember(id, store.Words(id) with { Removed = false, Pinned = bundled.Version.Split('+')[0] });
        });
        return ("installed", true);
    }

    /// <summary>The same program where it came with the bundle, or was fetched here, too.</summary>
    private string? Brought(string there)
    {
        var mark = $"{Path.DirectorySeparatorChar}{Path.GetFileName(home.Tools)}{Path.DirectorySeparatorChar}";
        var at = there.LastIndexOf(mark, StringComparison.Ordinal);
        return at >= 0 && EntryName.Of(there[(at + mark.Length)..], 0) is EntryName.Good(var below) && Path.Combine(home.Tools, below) is var here && File.Exists(here) ? here : null;
    }

    private string? Find(string tool) => Toolbox.OnPath(environment(), tool) ?? (tool == "node" ? Toolbox.OnPath(environment(), "nodejs") : null);

    /// <summary>Leads the environment of a release to a Python of this machine; why it cannot, or null.</summary>
    private string? Interpreter(BundleRelease bundled, string staging)
    {
        if (bundled.Links.IsEmpty) return null;
        var settings = Path.Combine(staging, PythonEnvironment.Folder, "pyvenv.cfg");
        var lines = File.Exists(settings) && new FileInfo(settings).Length < LargestText ? File.ReadAllLines(settings) : [];
        var version = lines.Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries)).Where(words => words is ["version" or "version_info", _]).Select(words => ToolVersion.In(words[1])).FirstOrDefault();
        if (version is null) return "its Python environment does not say which Python it was made with";
        var name = $"python{version.Major}.{version.Minor}";
        if (Find(name) is not { } python) return $"it needs {name}, which is not on the PATH here";
        foreach (var link in bundled.Links)
        {
            var path = Path.Combine(staging, link.Path);
            if (Path.Exists(path) || new FileInfo(path).LinkTarget is not null) return $"its link {link.Path} is there twice";
            File.CreateSymbolicLink(path, python);
        }

        File.WriteAllLines(settings, lines.Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries) switch
        {
            ["home", _] => $"home = {Path.GetDirectoryName(python)}",
            ["executable", _] => $"executable = {python}",
            _ => line,
        }));
        return null;
    }

    /// <summary>What names the path that the release had names the one that it will have.</summary>
    /// <returns>A file that names the old one and is no text; null where there is none.</returns>
    private static string? Rename(string staging, string from, string to)
    {
        if (from == to) return null;
        var old = Encoding.UTF8.GetBytes(from);
        foreach (var file in new DirectoryInfo(staging).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            // what Python compiled is made again where its path is another
            if (file.Extension == ".pyc" || file.Length > LargestText) continue;
            var bytes = File.ReadAllBytes(file.FullName);
            if (bytes.AsSpan().IndexOf(old) < 0) continue;
            if (bytes.AsSpan().Contains((byte)0)) return Path.GetRelativePath(staging, file.FullName);
            File.WriteAllBytes(file.FullName, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(from, to, StringComparison.Ordinal)));
        }

        return null;
    }

    private bool IsSame(BundleModel model, Dictionary<string, BundlePart> parts) =>
        LibraryManifest.Read(library.Folder.Manifest(model.Id)).Manifest is { } there
        && there.Files.Select(file => file.Sha256).Order(StringComparer.Ordinal).SequenceEqual(model.Files.Select(file => parts[file.Part].Sha256).Order(StringComparer.Ordinal));
}
