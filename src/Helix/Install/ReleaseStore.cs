using System.Collections.Immutable;
using System.Text.Json;
using Helix.Core.Install;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Install;

/// <summary>
/// The releases of all providers on disk: <c>ID/versions/V</c>, each whole and never changed; <c>ID/current</c> and <c>ID/previous</c> lead to
/// one each and are switched by a rename. What is not whole lies under <c>ID/staging</c>, and is swept.
/// </summary>
internal sealed class ReleaseStore(HelixHome home)
{
    private const string ReceiptName = "release.json";
    private const string ManifestName = "release.manifest.yaml";

    private readonly ReleaseLists _lists = ReleaseLists.Of(home);

    // a bundle and a cleanup may be at work at the same time
    private readonly Lock _keeping = new();
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);

    public string FolderOf(string provider) => Path.Combine(home.Providers, provider);

    public string FinalFolder(string provider, string version) => Path.Combine(Versions(provider), version);

    /// <summary>Null where none is in use.</summary>
    public InstalledRelease? Current(string provider) => Read(provider, Linked(CurrentLink(provider)));

    /// <summary>The one that was in use before; null where there is none, only the one that is in use, or one that was no good here: nobody goes back to that.</summary>
    public InstalledRelease? Previous(string provider) =>
        Linked(PreviousLink(provider)) is { } version && version != Linked(CurrentLink(provider)) && Words(provider).Refused?.Contains(version.Split('+')[0]) != true ? Read(provider, version) : null;

    public InstalledRelease? Find(string provider, string version) => Read(provider, version);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<InstalledRelease> All(string provider)
    {
        var folder = Versions(provider);
        return !Directory.Exists(folder) ? []
            : [.. Directory.GetDirectories(folder).Select(path => Read(provider, Path.GetFileName(path))).OfType<InstalledRelease>().OrderByDescending(release => release.Installed)];
    }

    /// <summary>An empty folder in which a release is made.</summary>
    public string Begin(string provider, string version)
    {
        var folder = Path.Combine(Staging(provider), version);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }

    /// <summary>As long as this is not disposed of, a folder in which a release is made, or a release that is not in use yet, counts as nothing that may go.</summary>
    public IDisposable Keep(string folder)
    {
        lock (_keeping) _kept.Add(folder);
        return new Kept(this, folder);
    }

    /// <summary>Gives what was made its place. One of the same version that lies there already is put aside first, and comes back if this fails.</summary>
    /// <param name="manifest">Text of the manifest by which it was installed: it goes with the release.</param>
    /// <param name="files">Digests of what lies in the staging folder, where they are known already.</param>
    public InstalledRelease Finish(InstalledRelease release, string staging, string? manifest = null, FileList? files = null)
    {
        if (manifest is { Length: > 0 }) File.WriteAllText(Path.Combine(staging, ManifestName), manifest);
        var final = FinalFolder(release.Provider, release.Version);
        using (var file = new FileStream(Path.Combine(staging, ReceiptName), FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, release, ReleaseJson.Default.InstalledRelease);
            file.Flush(flushToDisk: true);
        }

        // written down before it can be run, and kept once it has its place
        files = files is null ? FolderDigests.Of(staging) : FolderDigests.Again(files, staging, [ReceiptName, ManifestName]);
        _lists.Forget(release.Provider, release.Version);
        Directory.CreateDirectory(Versions(release.Provider));
        var aside = Path.Combine(Staging(release.Provider), release.Version + ".old");
        var isAgain = Directory.Exists(final);
        if (isAgain)
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
            Directory.Move(final, aside);
        }

        Directory.Move(staging, final);
        _lists.Write(release.Provider, release.Version, files);
        if (isAgain) Directory.Delete(aside, recursive: true);
        return release with { Folder = final };
    }

    /// <summary>From now on this release is used; the one before is remembered.</summary>
    public void Switch(string provider, string version)
    {
        var before = Linked(CurrentLink(provider));
        if (before == version) return;
        if (before is not null) Link(PreviousLink(provider), before);
        Link(CurrentLink(provider), version);
    }

    /// <summary>There is nothing to go back to any more.</summary>
    public void ForgetPrevious(string provider)
    {
        if (LinkTarget(PreviousLink(provider)) is not null) File.Delete(PreviousLink(provider));
    }

    /// <summary>No release is in use any more.</summary>
    public void Unlink(string provider)
    {
        foreach (var link in (string[])[CurrentLink(provider), PreviousLink(provider)])
            if (LinkTarget(link) is not null) File.Delete(link);
    }

    /// <summary>Takes all releases away that were unlinked; data and words stay.</summary>
    public void Remove(string provider)
    {
        Unlink(provider);
        foreach (var folder in (string[])[Versions(provider), Staging(provider)])
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        _lists.Sweep(provider, ImmutableHashSet<string>.Empty);
    }

    /// <summary>Releases that neither link leads to and nobody keeps, with what they take on disk.</summary>
    public IReadOnlyList<InstalledRelease> Unused(string provider)
    {
        var used = new[] { Linked(CurrentLink(provider)), Linked(PreviousLink(provider)) };
        return [.. All(provider).Where(release => !used.Contains(release.Version) && !IsKept(release.Folder))];
    }

    public static void Delete(InstalledRelease release) => Directory.Delete(release.Folder, recursive: true);

    /// <summary>Text of the manifest by which a release was installed; null where an older helix installed it.</summary>
    public static string? ManifestOf(InstalledRelease release)
    {
        try
        {
            var file = Path.Combine(release.Folder, ManifestName);
            return File.Exists(file) ? File.ReadAllText(file) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Removes what an end of the daemon left unfinished; a release that was put aside and not replaced comes back.</summary>
    public void Sweep(string provider)
    {
        var staging = Staging(provider);
        if (!Directory.Exists(staging)) return;
        foreach (var folder in Directory.GetDirectories(staging))
        {
            if (folder.EndsWith(".old", StringComparison.Ordinal) && !Directory.Exists(FinalFolder(provider, Path.GetFileName(folder)[..^".old".Length])))
                Directory.Move(folder, FinalFolder(provider, Path.GetFileName(folder)[..^".old".Length]));
            else Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What lies where releases are made, and is not kept.</summary>
    public IReadOnlyList<string> Unfinished(string provider) => Directory.Exists(Staging(provider)) ? [.. Directory.GetFileSystemEntries(Staging(provider)).Where(path => !IsKept(path))] : [];

    /// <summary>Takes something out of its place by a rename: from then on it is nothing that counts, and is deleted at leisure.</summary>
    /// <param name="path">In the provider's folder.</param>
    /// <returns>Where it lies now; null where it is gone, a link leads to it, or it is kept.</returns>
    public string? PutAside(string provider, string path)
    {
        if (path == Path.Combine(Versions(provider), Path.GetFileName(path)) && !Unused(provider).Any(release => release.Folder == path)) return null;
        if (!Path.Exists(path) || IsKept(path)) return null;
        var aside = Path.Combine(Directory.CreateDirectory(Staging(provider)).FullName, $".gone-{Guid.NewGuid():N}");
        Directory.Move(path, aside);
        return aside;
    }

    private bool IsKept(string path)
    {
        lock (_keeping) return _kept.Contains(path);
    }

    public ProviderWords Words(string provider)
    {
        try
        {
            var file = WordsFile(provider);
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), ReleaseJson.Default.ProviderWords) ?? new() : new();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return new();
        }
    }

    public void Remember(string provider, ProviderWords words)
    {
        Directory.CreateDirectory(FolderOf(provider));
        var beside = WordsFile(provider) + ".new";
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, words, ReleaseJson.Default.ProviderWords);
            // a machine that loses its power must not find the name of the new file, and nothing in it
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, WordsFile(provider), overwrite: true);
    }

    private string Versions(string provider) => Path.Combine(FolderOf(provider), "versions");

    private string Staging(string provider) => Path.Combine(FolderOf(provider), "staging");

    private string CurrentLink(string provider) => Path.Combine(FolderOf(provider), "current");

    private string PreviousLink(string provider) => Path.Combine(FolderOf(provider), "previous");

    private string WordsFile(string provider) => Path.Combine(FolderOf(provider), "words.json");

    private static string? LinkTarget(string link) => new FileInfo(link).LinkTarget;

    private static string? Linked(string link) => LinkTarget(link) is { } target ? Path.GetFileName(target) : null;

    /// <summary>Relative, so that a home can be moved.</summary>
    private static void Link(string link, string version)
    {
        var beside = link + ".new";
        if (LinkTarget(beside) is not null) File.Delete(beside);
        File.CreateSymbolicLink(beside, Path.Combine("versions", version));
        NativeLibc.Rename(beside, link);
    }

    /// <summary>Null where there is no such release, or one that says nothing of itself.</summary>
    private InstalledRelease? Read(string provider, string? version)
    {
        return version is null ? null : Receipt(FinalFolder(provider, version));
    }

    /// <summary>What a release in this folder says of itself; null where it says nothing.</summary>
    public static InstalledRelease? Receipt(string folder)
    {
        try
        {
            var file = Path.Combine(folder, ReceiptName);
            return File.Exists(file) && JsonSerializer.Deserialize(File.ReadAllBytes(file), ReleaseJson.Default.InstalledRelease) is { } release ? release with { Folder = folder } : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private sealed class Kept(ReleaseStore store, string folder) : IDisposable
    {
        public void Dispose()
        {
            lock (store._keeping) store._kept.Remove(folder);
        }
    }
}
