using System.Security.Cryptography;
using System.Text;
using Helix.Contracts;
using Helix.Core.Models;
using Helix.Install;

namespace Helix.Models;

/// <summary>Fetches one model with all its parts, and gives it to the library once its header was read.</summary>
internal sealed class ModelFetch(ModelLibrary library, Downloads downloads, Hub hub)
{
    /// <param name="bytes">Declared length, where the caller knows it.</param>
    public async Task<LibraryOutcome> RunAsync(ModelSource source, long? bytes, string? name, Action<PullEvent> report, CancellationToken cancellationToken)
    {
        if (source is ModelSource.HubFolder folder) return await new FolderFetch(library, downloads, hub).RunAsync(folder, name, report, cancellationToken);
        Tell(report, "resolving", source.ToString());
        library.Folder.Create();
        var (files, origin, failure) = await ResolveAsync(source, bytes, cancellationToken);
        if (failure is not null) return Refused(failure);
        if (files is [{ Sha256: { } known }] && library.Current.Models.FirstOrDefault(model => model.Sha256 == known) is { } there)
            return new LibraryOutcome.Added(there, name is null || name == there.Id ? "it was there already" : $"these weights were there already, as {there.Id}; nothing was fetched, and the name {name} was not given");
        if (FreeSpace.Refusal(library.Folder.Partial, Missing(files)) is { } full) return Refused(full);

        var (done, total) = (0L, files.All(file => file.Bytes is not null) ? files.Sum(file => file.Bytes) : null);
        var arrived = new List<IntakeFile>();
        foreach (var file in files)
        {
            var (before, part) = (done, files.Count == 1 ? null : $"file {arrived.Count + 1} of {files.Count}");
            var result = await downloads.FetchAsync(
                file,
                at => report(new PullEvent("downloading", at.Note ?? part, before + at.DoneBytes, total ?? (files.Count == 1 ? at.TotalBytes : null), at.BytesPerSecond, null, null)),
                cancellationToken);
            if (result is DownloadResult.Failed trouble) return Refused(trouble);
            var whole = (DownloadResult.Done)result;
            done += whole.Bytes;
            arrived.Add(new IntakeFile(whole.Path, NameOf(file.Url), whole.Sha256, IntakeMode.Move));
        }

        report(new PullEvent("verifying", "reading the file's header", done, done, null, null, null));
        var outcome = await library.TakeFetchedAsync(arrived, name, origin, cancellationToken);
        return outcome is LibraryOutcome.Added added && files.Any(file => file.Sha256 is null)
            ? added with { Note = added.Note ?? "nobody declared a digest for this file: only the connection vouches for it. Its own digest is recorded" }
            : outcome;
    }

    private async Task<(IReadOnlyList<DownloadRequest> Files, string Origin, DownloadResult.Failed? Failure)> ResolveAsync(ModelSource source, long? bytes, CancellationToken cancellationToken)
    {
        var files = new List<DownloadRequest>();
        if (source is ModelSource.Address(var url, var digest))
        {
            var names = Parts(NameOf(url));
            files.AddRange(names.Count == 1 ? [Request(url, null, digest, null)] : names.Select(part => Request(new Uri(url, Uri.EscapeDataString(part) + url.Query), null, null, null)));
            return (files, source.ToString(), null);
        }

        var wanted = (ModelSource.Hub)source;
        var parts = Parts(Path.GetFileName(wanted.Path));
        foreach (var part in parts)
        {
            var one = wanted with { Path = wanted.Path[..^Path.GetFileName(wanted.Path).Length] + part, Sha256 = parts.Count == 1 ? wanted.Sha256 : null };
            switch (await hub.FindAsync(one, cancellationToken))
            {
                case HubAnswer.Failed(var failure): return ([], "", failure);
                case HubAnswer.Found(var at, var commit, var size, var sha256):
                    wanted = wanted with { Revision = commit };
                    files.Add(Request(at, bytes ?? size, sha256, Hub.Token));
                    break;
            }
        }

        return (files, (wanted with { Sha256 = null }).ToString(), null);
    }

    private DownloadRequest Request(Uri url, long? bytes, string? sha256, string? token)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.AbsoluteUri)))[..32];
        return new DownloadRequest(url, Path.Combine(library.Folder.Partial, key + ".gguf"), bytes, sha256, token);
    }

    private static long Missing(IReadOnlyList<DownloadRequest> files) => files.Sum(file =>
    {
        var part = new FileInfo(PartFile.PathFor(file.Target));
        return Math.Max(0, (file.Bytes ?? 0) - (part.Exists ? part.Length : 0));
    });

    private static IReadOnlyList<string> Parts(string fileName) => ShardName.Parse(fileName) is { } shard ? [.. shard.All().Select(part => part.FileName)] : [fileName];

    /// <summary>The last part of the path; a slash that was hidden as <c>%2F</c> leads nowhere.</summary>
    private static string NameOf(Uri url) => Path.GetFileName(Uri.UnescapeDataString(url.Segments[^1])) is { Length: > 0 } and not "." and not ".." and var name ? name : "model.gguf";

    private static void Tell(Action<PullEvent> report, string phase, string detail) => report(new PullEvent(phase, detail, 0, null, null, null, null));

    internal static LibraryOutcome.Refused Refused(DownloadResult.Failed failure) => new(CodeOf(failure.Trouble), failure.Reason, failure.Remedy);

    private static string CodeOf(DownloadTrouble trouble) => trouble switch
    {
        DownloadTrouble.Offline => "offline",
        DownloadTrouble.Unreachable => "unreachable",
        DownloadTrouble.NotFound => "not_found",
        DownloadTrouble.Denied => "denied",
        DownloadTrouble.Interrupted => "interrupted",
        DownloadTrouble.Tampered => "tampered",
        DownloadTrouble.Insecure => "insecure",
        DownloadTrouble.NoSpace => "no_space",
        DownloadTrouble.Disk => "disk",
        _ => "upstream",
    };
}
