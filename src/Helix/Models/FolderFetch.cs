using System.Security.Cryptography;
using System.Text;
using Helix.Contracts;
using Helix.Core.Models;
using Helix.Install;

namespace Helix.Models;

/// <summary>Fetches a model in many files: what the engines need of a repository, each file by itself, and gives the library all of it or nothing.</summary>
internal sealed class FolderFetch(ModelLibrary library, Downloads downloads, Hub hub)
{
    public async Task<LibraryOutcome> RunAsync(ModelSource.HubFolder source, string? name, Action<PullEvent> report, CancellationToken cancellationToken)
    {
        report(new PullEvent("resolving", source.ToString(), 0, null, null, null, null));
        library.Folder.Create();
        var answer = await hub.ListAsync(source, cancellationToken);
        if (answer is not HubAnswer.Listed(var listing)) return ModelFetch.Refused(((HubAnswer.Failed)answer).Failure);

        var pinned = source with { Revision = listing.Commit };
        var place = Path.Combine(library.Folder.Partial, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pinned.ToString())))[..32] + ".folder");
        Directory.CreateDirectory(place);
        ReadOnlyMemory<byte>? index = null;
        if (listing.Files.FirstOrDefault(file => file.Name == "model" + FolderShape.IndexEnd) is { } indexFile)
        {
            if (await FetchAsync(pinned, indexFile, place, _ => { }, cancellationToken) is { } lost) return ModelFetch.Refused(lost);
            index = await File.ReadAllBytesAsync(Path.Combine(place, indexFile.Name), cancellationToken);
        }

        var (shape, refusal) = FolderShape.Of([.. listing.Files.Select(file => new FolderFile(file.Name, file.Bytes))], index);
        if (shape is null)
        {
            Directory.Delete(place, recursive: true);
            return new LibraryOutcome.Refused("invalid", $"{source} cannot be used: {refusal!.Reason}", Advice(source, listing, refusal));
        }

        var wanted = listing.Files.Where(file => shape.Weights.Contains(file.Name) || shape.Beside.Contains(file.Name)).OrderBy(file => file.Bytes).ToArray();
        if (FreeSpace.Refusal(library.Folder.Partial, wanted.Sum(file => Missing(place, file))) is { } full) return ModelFetch.Refused(full);
        var (done, total) = (0L, wanted.Sum(file => file.Bytes));
        foreach (var (number, file) in wanted.Index())
        {
            var before = done;
            if (await FetchAsync(pinned, file, place, at => report(new PullEvent("downloading", at.Note ?? $"file {number + 1} of {wanted.Length}", before + at.DoneBytes, total, at.BytesPerSecond, null, null)), cancellationToken) is { } failed)
                return ModelFetch.Refused(failed);
            done += file.Bytes;
        }

        report(new PullEvent("verifying", "reading the files' headers", done, total, null, null, null));
        var outcome = await library.TakeFetchedFolderAsync(place, name, ModelId.FromFileName(source.Repository.Split('/')[1]), pinned.ToString(), cancellationToken);
        if (outcome is LibraryOutcome.Added && Directory.Exists(place)) Directory.Delete(place, recursive: true);
        return outcome;
    }

    private static string Advice(ModelSource.HubFolder source, HubListing listing, FolderRefusal refusal)
    {
        string[] files = [.. listing.Files.Select(file => file.Name).Where(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)).Take(20)];
        return files.Length == 0 ? refusal.Remedy : $"Name one of its GGUF files: {string.Join(", ", files.Select(file => $"hf:{source.Repository}/{file}"))}";
    }

    /// <summary>What has its place is whole: it was verified before it got it.</summary>
    /// <returns>Null once it is there.</returns>
    private async Task<DownloadResult.Failed?> FetchAsync(ModelSource.HubFolder at, HubFile file, string place, Action<DownloadProgress> report, CancellationToken cancellationToken)
    {
        var target = Path.Combine(place, file.Name);
        if (File.Exists(target)) return null;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var request = new DownloadRequest(hub.UrlOf(at.Repository, at.Revision, file.Name), target, file.Bytes > 0 ? file.Bytes : null, file.Sha256, Hub.Token);
        return await downloads.FetchAsync(request, report, cancellationToken) as DownloadResult.Failed;
    }

    private static long Missing(string place, HubFile file)
    {
        var target = Path.Combine(place, file.Name);
        var part = new FileInfo(PartFile.PathFor(target));
        return File.Exists(target) ? 0 : Math.Max(0, file.Bytes - (part.Exists ? part.Length : 0));
    }
}
