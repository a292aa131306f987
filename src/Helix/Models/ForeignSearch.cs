using Helix.Configuration;
using Helix.Core.Models;
using Helix.Storage;

namespace Helix.Models;

/// <summary>Looks through the models of other programs. Reads and never writes; what is half, broken or moving is left out with its reason.</summary>
internal sealed class ForeignSearch(Func<IEnumerable<ForeignPlace>> places, TimeProvider time)
{
    /// <summary>What was written to so lately may still be on its way.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(5);

    private const int MaxDepth = 6;
    private const int MaxManifestBytes = 1 << 20;

    private static readonly string[] s_halves = [".part", ".partial", ".incomplete", ".tmp", ".crdownload", ".downloadinprogress", ".download", ".aria2"];

    public async Task<FoundModels> FindAsync(CancellationToken cancellationToken)
    {
        var shelf = new Shelf();
        foreach (var place in places())
        {
            await GuardAsync(shelf, place.Program, place.Folder, async () =>
            {
                if (!Directory.Exists(place.Folder)) return;
                await (place.Kind switch
                {
                    ShelfKind.Ollama => OllamaAsync(place, shelf, cancellationToken),
                    ShelfKind.HubCache => HubCacheAsync(place, shelf, cancellationToken),
                    ShelfKind.Jan => JanAsync(place, shelf, cancellationToken),
                    _ => PlainAsync(place, place.Folder, place.Folder, shelf, 0, cancellationToken),
                });
            });
        }

        return new([.. shelf.Models.DistinctBy(model => model.Name).OrderBy(model => model.Name, StringComparer.Ordinal)], [.. shelf.LeftOut.DistinctBy(left => left.Path).OrderBy(left => left.Name, StringComparer.Ordinal)]);
    }

    private async Task OllamaAsync(ForeignPlace place, Shelf shelf, CancellationToken cancellationToken)
    {
        var manifests = Path.Combine(place.Folder, "manifests");
        if (!Directory.Exists(manifests)) return;
        foreach (var file in FileTree.Files(manifests).Order(StringComparer.Ordinal))
        {
            if (Path.GetRelativePath(manifests, file).Split('/') is not [.. var host, var space, var model, var tag] || host.Length == 0 || tag.StartsWith('.')) continue;
            var name = $"{place.Program}:{OllamaManifest.NameOf(string.Join('/', host), space, model, tag)}";
            await GuardAsync(shelf, name, file, async () =>
            {
                switch (new FileInfo(file).Length > MaxManifestBytes ? new OllamaManifest.Unusable("its manifest is too large") : OllamaManifest.Read(await File.ReadAllBytesAsync(file, cancellationToken)))
                {
                    case OllamaManifest.Unusable(var reason):
                        shelf.LeftOut.Add(new(name, file, reason));
                        break;
                    case OllamaManifest.Weights(var digest, var bytes):
                        var blob = Path.Combine(place.Folder, "blobs", $"sha256-{digest}");
                        if (!File.Exists(blob)) shelf.LeftOut.Add(new(name, file, Directory.EnumerateFiles(Path.GetDirectoryName(blob)!, Path.GetFileName(blob) + "-partial*").Any() ? "its download is not finished" : "its weights are not there"));
                        else if (GgufFile.LengthOf(blob) != bytes) shelf.LeftOut.Add(new(name, file, $"its weights have {GgufFile.LengthOf(blob)} bytes instead of {bytes}"));
                        else await FileAsync(name, blob, ModelId.FromFileName(tag == "latest" ? model : $"{model}-{tag}"), digest, shelf, cancellationToken);
                        break;
                }
            });
        }
    }

    private async Task JanAsync(ForeignPlace place, Shelf shelf, CancellationToken cancellationToken)
    {
        foreach (var models in (string[])[Path.Combine(place.Folder, "llamacpp", "models"), Path.Combine(place.Folder, "models")])
        {
            if (!Directory.Exists(models)) continue;
            // names have slashes, and so have their folders
            foreach (var note in Directory.EnumerateFiles(models, "model.yml", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth }).Order(StringComparer.Ordinal))
            {
                var id = Path.GetRelativePath(models, Path.GetDirectoryName(note)!);
                var name = $"{place.Program}:{id}";
                await GuardAsync(shelf, name, note, async () =>
                {
                    if (ModelPathIn(note) is not { } said) shelf.LeftOut.Add(new(name, note, "its model.yml does not say model_path"));
                    else if (Path.Combine(place.Folder, said) is var path && !File.Exists(path)) shelf.LeftOut.Add(new(name, note, "its weights are not there"));
                    else await FileAsync(name, path, ModelId.FromFileName(id), null, shelf, cancellationToken);
                });
            }
        }
    }

    private static string? ModelPathIn(string note)
    {
        if (ConfigFile.Read(note) is not FileText.Is(var text)) return null;
        try
        {
            return YamlDocument.Of(text).Values is System.Text.Json.Nodes.JsonObject values && values["model_path"] is System.Text.Json.Nodes.JsonValue path && path.TryGetValue<string>(out var said) && said.Length > 0 ? said : null;
        }
        catch (YamlRefusedException)
        {
            return null;
        }
    }

    private async Task HubCacheAsync(ForeignPlace place, Shelf shelf, CancellationToken cancellationToken)
    {
        foreach (var repository in Directory.EnumerateDirectories(place.Folder).Order(StringComparer.Ordinal))
        {
            if (HubCacheName.Repository(Path.GetFileName(repository)) is not { } name) continue;
            await GuardAsync(shelf, $"{place.Program}:{name}", repository, async () =>
            {
                var (before, halves) = (shelf.Models.Count + shelf.LeftOut.Count, Halves(repository));
                if (Snapshot(repository) is { } snapshot)
                    await PlainAsync(place with { Folder = snapshot }, snapshot, name, shelf, 0, cancellationToken);
                if (halves && shelf.Models.Count + shelf.LeftOut.Count == before) shelf.LeftOut.Add(new($"{place.Program}:{name}", repository, "its download is not finished"));
            });
        }
    }

    /// <summary>The snapshot of the main branch, else the newest.</summary>
    private static string? Snapshot(string repository)
    {
        var snapshots = Path.Combine(repository, "snapshots");
        if (!Directory.Exists(snapshots)) return null;
        var main = Path.Combine(repository, "refs", "main");
        if (File.Exists(main) && new FileInfo(main).Length < 256 && File.ReadAllText(main).Trim() is { Length: > 0 } commit && !commit.Contains('/', StringComparison.Ordinal)
            && Directory.Exists(Path.Combine(snapshots, commit))) return Path.Combine(snapshots, commit);
        return Directory.EnumerateDirectories(snapshots).OrderByDescending(Directory.GetLastWriteTimeUtc).ThenBy(path => path, StringComparer.Ordinal).FirstOrDefault();
    }

    private static bool Halves(string repository) =>
        Directory.Exists(Path.Combine(repository, "blobs")) && Directory.EnumerateFiles(Path.Combine(repository, "blobs"), "*.incomplete").Any();

    /// <param name="root">What names are told relative to: a folder, or a repository's name for its snapshot.</param>
    private async Task PlainAsync(ForeignPlace place, string folder, string root, Shelf shelf, int depth, CancellationToken cancellationToken)
    {
        string NameOf(string path)
        {
            var inside = Path.GetRelativePath(place.Folder, path);
            return root == place.Folder ? $"{place.Program}:{inside}" : inside == "." ? $"{place.Program}:{root}" : $"{place.Program}:{root}/{inside}";
        }

        if (File.Exists(Path.Combine(folder, FolderShape.Config)) && HasWeights(folder)) await GuardAsync(shelf, NameOf(folder), folder, () => FolderAsync(NameOf(folder), folder, root, shelf, cancellationToken));
        var files = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).ToArray();
        foreach (var half in files.Where(IsHalf)) shelf.LeftOut.Add(new(NameOf(half), half, "its download is not finished"));
        foreach (var group in files.Where(IsGguf).GroupBy(path => ShardName.Parse(Path.GetFileName(path)) is { } part ? part with { Number = 1 } : null as object ?? path))
        {
            var path = group.First();
            await GuardAsync(shelf, NameOf(path), path, () => FileAsync(NameOf(path), path, ModelId.FromFileName(path), HubDigest(path), shelf, cancellationToken));
        }

        if (depth == MaxDepth) return;
        foreach (var inside in Directory.EnumerateDirectories(folder).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal))
        {
            // a link to a folder could lead in a circle, or to everything
            if (new DirectoryInfo(inside).LinkTarget is null)
                await GuardAsync(shelf, NameOf(inside), inside, () => PlainAsync(place, inside, root, shelf, depth + 1, cancellationToken));
        }
    }

    private static bool HasWeights(string folder) => Directory.EnumerateFiles(folder).Any(path => Path.GetExtension(path) is FolderShape.End or ".bin" or ".pth");

    private static bool IsGguf(string path) =>
        path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !IsHalf(path) && !Path.GetFileName(path).StartsWith("mmproj", StringComparison.OrdinalIgnoreCase);

    private static bool IsHalf(string path)
    {
        var name = Path.GetFileName(path).ToLowerInvariant();
        if (name.StartsWith("incomplete-", StringComparison.Ordinal) && name.EndsWith(".gguf", StringComparison.Ordinal)) return true;
        return s_halves.Any(end => name.EndsWith(end, StringComparison.Ordinal)) && (name.Contains(".gguf", StringComparison.Ordinal) || name.Contains(FolderShape.End, StringComparison.Ordinal));
    }

    /// <summary>The hub's cache keeps large files under their digests.</summary>
    private static string? HubDigest(string path) => new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { Name: var name } && ModelSource.IsDigest(name) ? name : null;

    private async Task FileAsync(string name, string path, string id, string? digest, Shelf shelf, CancellationToken cancellationToken)
    {
        var parts = ModelParts.Of(path);
        if (parts.FirstOrDefault(part => !Exists(part)) is { } missing)
        {
            shelf.LeftOut.Add(new(name, path, $"{Path.GetFileName(missing)} is not there"));
            return;
        }

        if (parts.Any(IsMoving)) shelf.LeftOut.Add(new(name, path, "it is being written now"));
        else if (await ModelParts.ReadAsync(parts, cancellationToken) is (null, var refusal)) shelf.LeftOut.Add(new(name, path, refusal!));
        else shelf.Models.Add(new(name, parts[0], id, ModelFormat.Gguf, parts.Sum(GgufFile.LengthOf), parts.Count == 1 ? digest : null));
    }

    private async Task FolderAsync(string name, string path, string root, Shelf shelf, CancellationToken cancellationToken)
    {
        var (found, refusal) = await FolderReader.ReadAsync(path, cancellationToken);
        if (found is null) shelf.LeftOut.Add(new(name, path, refusal!.Reason));
        else if (found.Facts.Role == ModelRole.Other) shelf.LeftOut.Add(new(name, path, $"it is no model for text ({found.Facts.Architecture})"));
        else if (found.Shape.Weights.Any(file => IsMoving(Path.Combine(path, file)))) shelf.LeftOut.Add(new(name, path, "it is being written now"));
        else
        {
            var files = FolderReader.Files(path).Where(file => found.Shape.Weights.Contains(file.Name) || found.Shape.Beside.Contains(file.Name));
            shelf.Models.Add(new(name, path, ModelId.FromFileName(name.EndsWith($":{root}", StringComparison.Ordinal) ? root : path), found.Format, files.Sum(file => file.Bytes), null));
        }
    }

    private static bool Exists(string path) => File.Exists(path) && new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is not { Exists: false };

    private bool IsMoving(string path)
    {
        var file = new FileInfo(path);
        var written = (file.ResolveLinkTarget(returnFinalTarget: true) ?? file).LastWriteTimeUtc;
        var age = time.GetUtcNow().UtcDateTime - written;
        return age >= TimeSpan.Zero && age < s_settled;
    }

    /// <summary>What cannot be read is left out, and the others go on.</summary>
    private static async Task GuardAsync(Shelf shelf, string name, string path, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            shelf.LeftOut.Add(new(name, path, $"it cannot be read: {unreadable.Message}"));
        }
    }

    private sealed class Shelf
    {
        public List<FoundModel> Models { get; } = [];

        public List<LeftOut> LeftOut { get; } = [];
    }
}
