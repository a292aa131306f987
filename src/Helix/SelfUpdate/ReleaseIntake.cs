using Helix.Core.Configuration;
using Helix.Install;
using Helix.Processes;
using Helix.Storage;

namespace Helix.SelfUpdate;

/// <summary>
/// Brings what is to become a release into a folder of its own: a build, as a folder of this user's, or a signed archive, from this machine or from the web.
/// Nothing of it is run here.
/// </summary>
internal sealed class ReleaseIntake(Downloads downloads, Func<HelixConfig> config)
{
    private const long LargestArchive = 4L << 30;
    private const int LargestList = 1 << 20;
    private const string ArchiveName = "archive.tar.gz";

    /// <param name="from">Whole path of a folder or an archive, or the http address of an archive.</param>
    /// <param name="staging">Empty.</param>
    /// <returns>The folder, in <paramref name="staging"/>, in which the program lies.</returns>
    /// <exception cref="SelfUpdateException">It is not to be had, or not acceptable.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task<string> TakeAsync(string from, string staging, CancellationToken cancellationToken)
    {
        if (Uri.TryCreate(from, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return await TakeWebAsync(url!, staging, cancellationToken);
        if (Directory.Exists(from)) return TakeFolder(from, staging, cancellationToken);
        if (!File.Exists(from)) throw new SelfUpdateException($"there is neither a folder nor a file {from}", "Name a folder with a built helix in it, or an archive.", "not_found");
        var beside = Path.GetDirectoryName(from)!;
        // the copy is what is checked, and what is unpacked
        File.Copy(from, Path.Combine(staging, ArchiveName));
        return await UnpackAsync(Beside(ReleaseSignature.ListName), Beside(ReleaseSignature.SignatureName), Path.GetFileName(from), staging, cancellationToken);

        byte[] Beside(string name) =>
            new FileInfo(Path.Combine(beside, name)) is { Exists: true, Length: <= LargestList } file ? File.ReadAllBytes(file.FullName)
            : throw new SelfUpdateException($"{from} has no {name} beside it, so nobody says that it is what its makers made", $"Put {ReleaseSignature.ListName} and {ReleaseSignature.SignatureName} beside it.");
    }

    private async Task<string> TakeWebAsync(Uri url, string staging, CancellationToken cancellationToken)
    {
        Key();
        var list = await File.ReadAllBytesAsync(await FetchAsync(new Uri(url, ReleaseSignature.ListName), ReleaseSignature.ListName, LargestList), cancellationToken);
        var signature = await File.ReadAllBytesAsync(await FetchAsync(new Uri(url, ReleaseSignature.SignatureName), ReleaseSignature.SignatureName, LargestList), cancellationToken);
        await FetchAsync(url, ArchiveName, LargestArchive);
        return await UnpackAsync(list, signature, Uri.UnescapeDataString(url.Segments[^1]), staging, cancellationToken);

        async Task<string> FetchAsync(Uri from, string name, long most) =>
            await downloads.FetchAsync(new DownloadRequest(from, Path.Combine(staging, name)) { Most = most }, static _ => { }, cancellationToken) switch
            {
                DownloadResult.Done done => done.Path,
                DownloadResult.Failed failed => throw new SelfUpdateException(failed.Reason, failed.Remedy, failed.Trouble switch { DownloadTrouble.Offline => "offline", DownloadTrouble.NotFound => "not_found", DownloadTrouble.NoSpace => "no_space", _ => "unreachable" }),
                _ => throw new InvalidOperationException("a download is done or failed"),
            };
    }

    private async Task<string> UnpackAsync(byte[] list, byte[] signature, string name, string staging, CancellationToken cancellationToken)
    {
        var archive = Path.Combine(staging, ArchiveName);
        if (await ReleaseSignature.RefusalAsync(Key(), list, signature, archive, name, cancellationToken) is { } refusal)
            throw new SelfUpdateException($"{name} is not used: {refusal}", "Fetch it again from its makers, with its list and its signature; if it stays so, somebody changed it.");
        var tree = Path.Combine(staging, "tree");
        try
        {
            await ArchiveUnpack.UnpackAsync(archive, tree, 0, UnpackLimits.For([archive], staging), cancellationToken);
        }
        catch (BadArchiveException bad)
        {
            throw new SelfUpdateException($"{name} is not used: {bad.Message}", "It came so from its makers: tell them.");
        }

        File.Delete(archive);
        string[] places = [tree, .. Directory.GetDirectories(tree)];
        return Array.Find(places, place => File.Exists(Path.Combine(place, HelixReleases.ProgramName)))
            ?? throw new SelfUpdateException($"{name} is not used: no program {HelixReleases.ProgramName} is in it", "It came so from its makers: tell them.");
    }

    private string Key()
    {
        const string Remedy = "Put the makers' public key into a file, and name it: helix config set updates.helix_key /path/to/key.pem";
        if (config().Updates.KeyOfHelix is not { } path) throw new SelfUpdateException("no key is known with which archives of helix are signed, so none is used", Remedy);
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SelfUpdateException($"the key in updates.helix_key cannot be read: {unreadable.Message}", Remedy);
        }
    }

    /// <summary>A build of the user's own needs no signature; one that others could have put something into is no such build.</summary>
    private static string TakeFolder(string from, string staging, CancellationToken cancellationToken)
    {
        var folder = Directory.ResolveLinkTarget(from, returnFinalTarget: true)?.FullName ?? from;
        var program = Path.Combine(folder, HelixReleases.ProgramName);
        if (!File.Exists(program)) throw new SelfUpdateException($"there is no program {HelixReleases.ProgramName} in {from}", "Name the folder of a built helix: artifacts/helix/current of a clone, for one.", "not_found");
        // nobody else can put a file into any of these folders later
        string[] files = [.. FileTree.Files(folder)];
        foreach (var path in files.SelectMany(file => WayTo(file, folder)).Prepend(folder).Distinct(StringComparer.Ordinal))
        {
            if (PathOwner.Of(path) is not { } owner || (owner.IsOpenToWriting && !owner.IsLink) || (owner.User != NativeLibc.UserId() && owner.User != 0))
                throw new SelfUpdateException($"{path} belongs to somebody else, or others may write to it", "Only a build of your own, which nobody else can change, is taken without a signature.", "not_trusted");
        }

        var build = Path.Combine(staging, "build");
        if (FreeSpace.Refusal(staging, files.Sum(FileTree.LengthOf)) is { } full) throw new SelfUpdateException(full.Reason, full.Remedy, "no_space");
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = Path.Combine(build, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return build;
    }

    /// <summary>A file and the folders below <paramref name="folder"/> in which it lies; of a link also where it leads, and the folder there.</summary>
    private static IEnumerable<string> WayTo(string file, string folder)
    {
        for (var path = file; path.Length > folder.Length; path = Path.GetDirectoryName(path)!) yield return path;
        if (PathOwner.Of(file) is not { IsLink: true } || NativeMounts.RealPath(file) is not { } real) yield break;
        yield return real;
        yield return Path.GetDirectoryName(real)!;
    }
}
