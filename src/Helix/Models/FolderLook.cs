using System.Collections.Immutable;
using Helix.Core.Models;

namespace Helix.Models;

/// <summary>Looks through the models folder. Keeps only what makes the next look cheap; everything is read again when a file changed.</summary>
internal sealed class FolderLook(LibraryFolder folder, TimeProvider time)
{
    /// <summary>A file that nobody has written to for this long is taken for finished.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SeenFolder> _folders = new(StringComparer.Ordinal);

    private sealed record Seen(long Bytes, DateTime Written, long FirstSeen, GgufReading? Reading);

    private sealed record SeenFolder(ImmutableArray<(string Name, long Bytes, DateTime Written)> Files, long FirstSeen, (ModelFolder? Folder, FolderRefusal? Refusal)? Reading);

    /// <param name="Pending">A file is still being written: look again soon.</param>
    internal sealed record Result(LibrarySnapshot Snapshot, bool Pending);

    public async Task<Result> LookAsync(CancellationToken cancellationToken)
    {
        var models = ImmutableArray.CreateBuilder<LibraryModel>();
        var problems = ImmutableArray.CreateBuilder<LibraryProblem>();
        var kept = new HashSet<string>(StringComparer.Ordinal);
        var (absent, damaged) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>());
        foreach (var path in Directory.EnumerateFiles(folder.Manifests, "*.json").Order(StringComparer.Ordinal))
            await GuardAsync(path, problems, () => KeptAsync(path, models, problems, absent, damaged, kept, cancellationToken));
        if (problems.Count == 0) AddNameless(problems, kept);
        var pending = await DroppedAsync(models, problems, cancellationToken);
        pending |= await DroppedFoldersAsync(models, problems, cancellationToken);
        foreach (var gone in _seen.Keys.Where(path => !File.Exists(path)).ToArray()) _seen.Remove(gone);
        foreach (var gone in _folders.Keys.Where(path => !Directory.Exists(path)).ToArray()) _folders.Remove(gone);
        return new Result(new LibrarySnapshot(true, models.ToImmutable(), problems.ToImmutable()) { Absent = absent.ToImmutable(), Damaged = damaged.ToImmutable() }, pending);
    }

    private async Task KeptAsync(
        string path, ImmutableArray<LibraryModel>.Builder models, ImmutableArray<LibraryProblem>.Builder problems, ImmutableArray<string>.Builder absent,
        ImmutableArray<string>.Builder damaged, HashSet<string> kept, CancellationToken cancellationToken)
    {
        var (manifest, problem) = LibraryManifest.Read(path);
        if (manifest is null)
        {
            problems.Add(new(path, $"this is not a manifest: {problem}", "Remove the file, then add the model again: helix models add FILE"));
            return;
        }

        var isAbsent = manifest.IsAbsentFrom(folder);
        if (isAbsent) absent.Add(manifest.Id);
        var again = $"Remove it and add it again: helix models remove {manifest.Id}";
        foreach (var (file, wanted) in manifest.PathsIn(folder))
        {
            kept.Add(file);
            var bytes = File.Exists(file) ? GgufFile.LengthOf(file) : -1;
            if (bytes == wanted.Bytes) continue;
            if (!isAbsent) damaged.Add(manifest.Id);
            problems.Add(new(path, bytes < 0 ? $"{manifest.Id}: the file {file} is gone" : $"{manifest.Id}: {file} has {bytes} bytes instead of {wanted.Bytes}", again));
            return;
        }

        if (manifest.IsFolder)
        {
            var (found, why) = await ReadFolderAsync(folder.Set(manifest.Id), cancellationToken);
            if (found is null) Damaged(why!.Reason);
            else models.Add(new(manifest.Id, folder.Set(manifest.Id), manifest.Files.Sum(file => file.Bytes), null, found.Facts, manifest.Source, manifest.Added, found.Format));
            return;
        }

        var paths = manifest.PathsIn(folder).Select(pair => pair.Path).ToArray();
        var (facts, refusal) = await ModelParts.ReadAsync(paths, ReadAsync, cancellationToken);
        if (facts is null) Damaged(refusal!);
        else models.Add(new(manifest.Id, paths[0], manifest.Files.Sum(file => file.Bytes), paths.Length == 1 ? manifest.Files[0].Sha256 : null, facts, manifest.Source, manifest.Added));

        void Damaged(string why)
        {
            damaged.Add(manifest.Id);
            problems.Add(new(path, $"{manifest.Id}: {why}", again));
        }
    }

    /// <summary>Weights without a name: a crash came between the file and its manifest. They are shown, never removed: somebody may have moved them here.</summary>
    private void AddNameless(ImmutableArray<LibraryProblem>.Builder problems, HashSet<string> kept)
    {
        foreach (var blob in Directory.EnumerateFiles(folder.Blobs, "sha256-*").Where(path => !kept.Contains(path)))
            problems.Add(new(blob, "these weights have no name: adding them was interrupted", $"helix models add {blob} --name NAME --move, or delete the file"));
        foreach (var set in Directory.EnumerateDirectories(folder.Sets).Where(path => !File.Exists(folder.Manifest(Path.GetFileName(path)))))
            problems.Add(new(
                set, "these weights have no name: adding them was interrupted",
                File.Exists(Path.Combine(set, FolderShape.Config)) ? $"helix models add {set} --move, or delete the folder" : "Add the first file in it with helix models add FILE --move, then delete the folder"));
    }

    private async Task<bool> DroppedAsync(ImmutableArray<LibraryModel>.Builder models, ImmutableArray<LibraryProblem>.Builder problems, CancellationToken cancellationToken)
    {
        var pending = false;
        var files = Directory.EnumerateFiles(folder.Root, LibraryFolder.Pattern).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal);
        foreach (var group in files.GroupBy(path => ShardName.Parse(Path.GetFileName(path)) is { } part ? part with { Number = 1 } : null as object ?? path))
        {
            var path = group.First();
            await GuardAsync(path, problems, async () =>
            {
                if (group.All(IsSettled)) await DroppedAsync(path, group.ToHashSet(StringComparer.Ordinal), models, problems, cancellationToken);
                else pending = true;
            });
        }

        return pending;
    }

    /// <summary>Folders with a model that somebody put into the library's own.</summary>
    private async Task<bool> DroppedFoldersAsync(ImmutableArray<LibraryModel>.Builder models, ImmutableArray<LibraryProblem>.Builder problems, CancellationToken cancellationToken)
    {
        var pending = false;
        foreach (var path in folder.DroppedFolders())
        {
            await GuardAsync(path, problems, async () =>
            {
                if (!IsSettledFolder(path))
                {
                    pending = true;
                    return;
                }

                var (found, refusal) = await ReadFolderAsync(path, cancellationToken);
                if (found is null)
                {
                    problems.Add(new(path, refusal!.Reason, refusal.Remedy));
                    return;
                }

                var id = ModelId.Unique(ModelId.FromFileName(path), taken => models.Any(model => model.Id == taken));
                var files = _folders[path].Files;
                models.Add(new(id, path, files.Sum(file => file.Bytes), null, found.Facts, LibraryModel.Dropped, new DateTimeOffset(files.Max(file => file.Written), TimeSpan.Zero), found.Format));
            });
        }

        return pending;
    }

    /// <summary>A file that cannot be read is one problem, and the others go on.</summary>
    private static async Task GuardAsync(string path, ImmutableArray<LibraryProblem>.Builder problems, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(path, $"it cannot be read: {unreadable.Message}", "Check that it is there and who may read it."));
        }
    }

    private async Task DroppedAsync(
        string path, HashSet<string> there, ImmutableArray<LibraryModel>.Builder models, ImmutableArray<LibraryProblem>.Builder problems, CancellationToken cancellationToken)
    {
        var parts = ModelParts.Of(path);
        if (parts.FirstOrDefault(part => !there.Contains(part)) is { } missing)
        {
            problems.Add(new(path, $"one of the model's {parts.Count} files is missing: {Path.GetFileName(missing)}", "Copy the missing file here too."));
            return;
        }

        var (facts, refusal) = await ModelParts.ReadAsync(parts, ReadAsync, cancellationToken);
        if (facts is null)
        {
            problems.Add(new(path, refusal!, "Copy the file again, or remove it."));
            return;
        }

        var files = parts.Select(part => _seen[part]).ToArray();
        var id = ModelId.Unique(ModelId.FromFileName(path), taken => models.Any(model => model.Id == taken));
        models.Add(new(id, parts[0], files.Sum(file => file.Bytes), null, facts, LibraryModel.Dropped, new DateTimeOffset(files.Max(file => file.Written), TimeSpan.Zero)));
    }

    private bool IsSettled(string path)
    {
        var now = Look(path);
        return time.GetUtcNow().UtcDateTime - now.Written >= s_settled || time.GetElapsedTime(now.FirstSeen) >= s_settled;
    }

    private bool IsSettledFolder(string path)
    {
        var now = LookFolder(path);
        return now.Files.All(file => time.GetUtcNow().UtcDateTime - file.Written >= s_settled) || time.GetElapsedTime(now.FirstSeen) >= s_settled;
    }

    private async Task<(ModelFolder? Folder, FolderRefusal? Refusal)> ReadFolderAsync(string path, CancellationToken cancellationToken)
    {
        var seen = LookFolder(path);
        if (seen.Reading is { } known) return known;
        var reading = await FolderReader.ReadAsync(path, cancellationToken);
        _folders[path] = seen with { Reading = reading };
        return reading;
    }

    private SeenFolder LookFolder(string path)
    {
        ImmutableArray<(string, long, DateTime)> files = [.. FolderReader.Files(path).Select(file => (file.Name, file.Bytes, File.GetLastWriteTimeUtc(Path.Combine(path, file.Name))))];
        if (_folders.TryGetValue(path, out var seen) && seen.Files.SequenceEqual(files)) return seen;
        return _folders[path] = new SeenFolder(files, time.GetTimestamp(), null);
    }

    private async Task<GgufReading> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var seen = Look(path);
        if (seen.Reading is { } known) return known;
        var reading = await GgufFile.ReadAsync(path, cancellationToken);
        _seen[path] = seen with { Reading = reading };
        return reading;
    }

    /// <summary>The file as it is now: what was known of it stays if it did not change.</summary>
    private Seen Look(string path)
    {
        var (bytes, written) = (GgufFile.LengthOf(path), File.GetLastWriteTimeUtc(path));
        if (_seen.TryGetValue(path, out var seen) && seen.Bytes == bytes && seen.Written == written) return seen;
        return _seen[path] = new Seen(bytes, written, time.GetTimestamp(), null);
    }
}
