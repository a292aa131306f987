using Helix.Core.Models;
using Helix.Install;

namespace Helix.Models;

/// <summary>Owns the models folder: what it holds, under which names, and every change to it.</summary>
internal sealed partial class ModelLibrary(LibraryFolder folder, TimeProvider time, ILogger<ModelLibrary> log) : IDisposable
{
    /// <summary>A download that nobody continued for so long is given up.</summary>
    private static readonly TimeSpan s_partsKept = TimeSpan.FromDays(14);

    private readonly Published<LibrarySnapshot> _published = new(LibrarySnapshot.Empty);
    private readonly FolderLook _look = new(folder, time);

    /// <summary>Protects the folder and the snapshot: one change or look at a time.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    public LibraryFolder Folder => folder;

    public LibrarySnapshot Current => _published.Current;

    public long Version => _published.Version;

    public Task ChangedAsync(long version, CancellationToken cancellationToken) => _published.ChangedAsync(version, cancellationToken);

    /// <summary>Makes the folder, removes what a crash left unfinished, and looks through it.</summary>
    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    public async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        folder.Create();
        folder.Clean(time.GetUtcNow() - s_partsKept);
        return await LookAsync(cancellationToken);
    }

    /// <summary>Looks what is in the folder now.</summary>
    /// <returns>True if a file is still being written there, so that another look soon is worth it.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await PublishAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes a file (with all its parts) or a folder into the library: copied, or moved where <paramref name="move"/> is set.</summary>
    /// <param name="name">The id; null for one made from the file's name.</param>
    public async Task<LibraryOutcome> AddAsync(string path, string? name, bool move, CancellationToken cancellationToken)
    {
        if (!Path.IsPathFullyQualified(path)) return new LibraryOutcome.Refused("invalid", $"{path} is not an absolute path", "Give the whole path.");
        if (Directory.Exists(path))
            return await ChangeAsync(() => FolderIntake.TakeAsync(this, path, name, move ? IntakeMode.Move : IntakeMode.Copy, time.GetUtcNow(), cancellationToken), cancellationToken);
        var paths = ModelParts.Of(path);
        if (paths.FirstOrDefault(part => !File.Exists(part)) is { } missing) return new LibraryOutcome.Refused("not_found", $"there is no file {missing}", "Check the path.");
        return await ChangeAsync(
            async () =>
            {
                var (facts, refusal) = await ModelParts.ReadAsync(paths, cancellationToken);
                return facts is null
                    ? new LibraryOutcome.Refused("invalid", $"{path} cannot be used: {refusal}", "Fetch the file again, or choose another.")
                    : await LibraryIntake.TakeAsync(this, [.. paths.Select(part => new IntakeFile(part, Path.GetFileName(part), null, move ? IntakeMode.Move : IntakeMode.Copy))], name, path, time.GetUtcNow(), cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Takes files that were fetched for the library: they are moved.</summary>
    public async Task<LibraryOutcome> TakeFetchedAsync(IReadOnlyList<IntakeFile> files, string? name, string source, CancellationToken cancellationToken) =>
        await ChangeAsync(() => LibraryIntake.TakeAsync(this, files, name, source, time.GetUtcNow(), cancellationToken), cancellationToken);

    /// <summary>Takes a folder that was fetched for the library: its files are moved.</summary>
    /// <param name="source">Where it came from.</param>
    public async Task<LibraryOutcome> TakeFetchedFolderAsync(string path, string? name, string suggested, string source, CancellationToken cancellationToken) =>
        await ChangeAsync(() => FolderIntake.TakeAsync(this, path, name, IntakeMode.Move, time.GetUtcNow(), cancellationToken, suggested, source), cancellationToken);

    /// <summary>Brings in what another program has: under a second name for the same files where the disk allows it, else copied. Nothing of the program's is changed.</summary>
    public async Task<LibraryOutcome> ImportAsync(FoundModel found, CancellationToken cancellationToken) => await ChangeAsync(
        async () =>
        {
            if (found.In(Current) is { } there) return new LibraryOutcome.Added(there, $"these weights were there already, as {there.Id}");
            if (found.Format != ModelFormat.Gguf) return await FolderIntake.TakeAsync(this, found.Path, null, IntakeMode.Share, time.GetUtcNow(), cancellationToken, found.Id);
            var paths = ModelParts.Of(found.Path);
            return await LibraryIntake.TakeAsync(
                this, [.. paths.Select(part => new IntakeFile(part, paths.Count == 1 ? $"{found.Id}.gguf" : Path.GetFileName(part), null, IntakeMode.Share))],
                null, found.Path, time.GetUtcNow(), cancellationToken);
        },
        cancellationToken);

    /// <param name="force">Also delete a file that somebody else put into the folder.</param>
    public async Task<LibraryOutcome> RemoveAsync(string id, bool force, CancellationToken cancellationToken) =>
        await ChangeAsync(() => Task.FromResult(Remove(id, force)), cancellationToken);

    /// <summary>What was written down of a model that helix keeps, whatever has become of its weights; null for any other.</summary>
    public LibraryManifest? ManifestOf(string id) => Current.Find(id) is not { Source: LibraryModel.Dropped } && File.Exists(folder.Manifest(id)) ? LibraryManifest.Read(folder.Manifest(id)).Manifest : null;

    /// <summary>Takes the weights of a model that is damaged out of the library, and keeps them elsewhere. Its name stays, for those that come again.</summary>
    /// <returns>The folder in which they lie now.</returns>
    /// <exception cref="IOException">They cannot be moved.</exception>
    public async Task<string> SetAsideAsync(string id, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var aside = Directory.CreateDirectory(Path.Combine(folder.Damaged, $"{id}-{time.GetUtcNow():yyyyMMdd-HHmmss}")).FullName;
            var files = ManifestOf(id)?.PathsIn(folder).ToArray() ?? [];
            File.Copy(folder.Manifest(id), Path.Combine(aside, "manifest.json"));
            foreach (var (path, file) in files.Where(each => File.Exists(each.Path)))
            {
                var place = Path.Combine(aside, file.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(place)!);
                File.Move(path, place, overwrite: true);
            }

            if (Directory.Exists(folder.Set(id))) Directory.Delete(folder.Set(id), recursive: true);
            await PublishAsync(CancellationToken.None);
            return aside;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What lies among the weights and is named by no model: an intake was interrupted. Empty while a manifest cannot be read, for it may name them.</summary>
    public async Task<IReadOnlyList<string>> NamelessAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return Nameless();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Deletes those of <paramref name="paths"/> that no model names.</summary>
    public async Task DropNamelessAsync(IReadOnlyCollection<string> paths, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            foreach (var path in Nameless().Where(paths.Contains)) Try(() => DiskUse.Delete(path));
            await PublishAsync(CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }

        static void Try(Action action)
        {
            try
            {
                action();
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                // it is still there, and whoever asked sees that
            }
        }
    }

    public void Dispose() => _turn.Dispose();

    private List<string> Nameless()
    {
        folder.Create();
        var manifests = Directory.EnumerateFiles(folder.Manifests, "*.json").Select(LibraryManifest.Read).ToArray();
        if (manifests.Any(read => read.Manifest is null)) return [];
        var named = manifests.SelectMany(read => read.Manifest!.PathsIn(folder)).Select(pair => pair.Path).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Directory.EnumerateFiles(folder.Blobs, "sha256-*").Where(path => !named.Contains(path)),
            .. Directory.EnumerateDirectories(folder.Sets).Where(path => !Path.GetFileName(path).StartsWith('.') && !File.Exists(folder.Manifest(Path.GetFileName(path)))),
        ];
    }

    private LibraryOutcome Remove(string id, bool force)
    {
        if (Current.Find(id) is { Source: LibraryModel.Dropped } dropped)
        {
            var isFolder = dropped.Format != ModelFormat.Gguf;
            var paths = isFolder ? [dropped.Path] : ModelParts.Of(dropped.Path);
            if (!force) return new LibraryOutcome.Refused("conflict", $"{id} is a {(isFolder ? "folder" : "file")} that you put there yourself: {dropped.Path}", "Remove it, or say --force and helix deletes it.");
            if (isFolder) Directory.Delete(dropped.Path, recursive: true);
            else foreach (var path in paths) File.Delete(path);
            return new LibraryOutcome.Removed($"{id} is removed: {string.Join(", ", paths)} deleted");
        }

        if (ModelId.Refusal(id) is not null || !File.Exists(folder.Manifest(id)))
            return new LibraryOutcome.Refused("not_found", $"there is no model {id}", Current.Models.Length == 0 ? "The library is empty." : $"There are: {string.Join(", ", Current.Models.Select(model => model.Id))}.");

        // the name goes first: a crash in between leaves weights without a name, never a name without weights
        var (manifest, _) = LibraryManifest.Read(folder.Manifest(id));
        File.Delete(folder.Manifest(id));
        if (Directory.Exists(folder.Set(id)))
        {
            var doomed = LibraryFolder.NewIn(folder.Sets);
            Directory.Move(folder.Set(id), doomed);
            Directory.Delete(doomed, recursive: true);
        }

        if (manifest is { IsFolder: false, Files: [var only] } && !IsNamed(only.Sha256)) File.Delete(folder.Blob(only.Sha256));
        return new LibraryOutcome.Removed($"{id} is removed");
    }

    /// <summary>True also while a manifest cannot be read: it may name these weights.</summary>
    private bool IsNamed(string sha256) =>
        Directory.EnumerateFiles(folder.Manifests, "*.json").Select(LibraryManifest.Read).Any(read => read.Manifest is null || read.Manifest.Files.Any(file => file.Sha256 == sha256));

    private async Task<LibraryOutcome> ChangeAsync(Func<Task<LibraryOutcome>> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            folder.Create();
            var outcome = await change();
            LogOutcome(outcome);
            await PublishAsync(CancellationToken.None);
            return outcome;
        }
        catch (IOException full) when (FreeSpace.IsExhausted(full))
        {
            var failure = FreeSpace.Exhausted(folder.Root, null);
            return new LibraryOutcome.Refused("no_space", failure.Reason, failure.Remedy);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new LibraryOutcome.Refused("disk", refused.Message, $"Check who may read the file and write to {folder.Root}.");
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> PublishAsync(CancellationToken cancellationToken)
    {
        folder.Create();
        var (snapshot, pending) = await _look.LookAsync(cancellationToken);
        if (!snapshot.IsSame(Current))
        {
            foreach (var problem in snapshot.Problems.Except(Current.Problems)) LogProblem(problem.File, problem.Reason);
            _published.Replace(snapshot);
        }

        return pending;
    }

    private void LogOutcome(LibraryOutcome outcome)
    {
        if (outcome is LibraryOutcome.Added(var model, _)) LogAdded(model.Id, model.Source, model.Bytes);
        if (outcome is LibraryOutcome.Removed(var message)) LogRemoved(message);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Id} added from {Source} ({Bytes} bytes)")]
    private partial void LogAdded(string id, string source, long bytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model removed: {What}")]
    private partial void LogRemoved(string what);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not usable in the models folder: {File}: {Reason}")]
    private partial void LogProblem(string file, string reason);
}
