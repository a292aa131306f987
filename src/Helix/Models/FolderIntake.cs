using Helix.Core.Models;

namespace Helix.Models;

/// <summary>Takes a model folder into the library: all its files into one set, then the manifest that names them.</summary>
internal static class FolderIntake
{
    /// <param name="how">Whether the files may be taken, or shared, instead of copied.</param>
    /// <param name="source">Where the folder comes from, if that is not its path.</param>
    /// <param name="suggested">The id where it is free and no <paramref name="name"/> is wanted; null for one made from the folder's name.</param>
    public static async Task<LibraryOutcome> TakeAsync(
        ModelLibrary library, string path, string? name, IntakeMode how, DateTimeOffset now, CancellationToken cancellationToken, string? suggested = null, string? source = null)
    {
        if (name is not null && LibraryIntake.NameRefusal(library, name) is { } taken) return taken;
        var (found, refusal) = await FolderReader.ReadAsync(path, cancellationToken);
        if (found is null) return Refused(path, refusal!);

        var folder = library.Folder;
        var fresh = LibraryFolder.NewIn(folder.Sets);
        Directory.CreateDirectory(fresh);
        try
        {
            var files = new List<ManifestFile>();
            foreach (var file in found.Shape.Weights.Concat(found.Shape.Beside))
            {
                var target = Path.Combine(fresh, file);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                var (copied, full) = await FileCopy.CopyAsync(Path.Combine(path, file), target, how, cancellationToken);
                if (copied is null) return new LibraryOutcome.Refused("no_space", full!.Reason, full.Remedy);
                files.Add(copied with { Name = file });
            }

            // what counts is what has arrived: the folder may have changed meanwhile
            var (kept, broken) = await FolderReader.ReadAsync(fresh, cancellationToken);
            if (kept is null) return Refused(path, broken!);

            if (name is null && Same(library, files) is { } there) return new LibraryOutcome.Added(there, $"these weights were there already, as {there.Id}");
            var id = name ?? LibraryIntake.FreeId(library, suggested ?? ModelId.FromFileName(NameOf(path)));
            var manifest = LibraryManifest.Of(id, files, source ?? path, now, kept.Facts, kept.Format);
            Directory.Move(fresh, folder.Set(id));
            manifest.Write(folder);
            if (how == IntakeMode.Move) Remove(path, files);
            return new LibraryOutcome.Added(new LibraryModel(id, folder.Set(id), files.Sum(file => file.Bytes), null, kept.Facts, source ?? path, now, kept.Format));
        }
        finally
        {
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
        }
    }

    private static LibraryOutcome.Refused Refused(string path, FolderRefusal refusal) => new("invalid", $"{path} cannot be used: {refusal.Reason}", refusal.Remedy);

    /// <summary>The last word of a path.</summary>
    private static string NameOf(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) is { Length: > 0 } name ? name : "model";

    private static LibraryModel? Same(ModelLibrary library, List<ManifestFile> files)
    {
        var weights = Weights(files);
        return library.Current.Models.FirstOrDefault(model =>
            model.Format != ModelFormat.Gguf && model.Source != LibraryModel.Dropped
            && LibraryManifest.Read(library.Folder.Manifest(model.Id)).Manifest is { } manifest && weights.SetEquals(Weights(manifest.Files)));
    }

    private static HashSet<string> Weights(IEnumerable<ManifestFile> files) =>
        [.. files.Where(file => file.Name.EndsWith(FolderShape.End, StringComparison.Ordinal)).Select(file => file.Sha256)];

    /// <summary>Only what was taken: whatever else lies in the folder is not helix's.</summary>
    private static void Remove(string path, List<ManifestFile> files)
    {
        foreach (var file in files) File.Delete(Path.Combine(path, file.Name));
        foreach (var part in Directory.EnumerateDirectories(path).Append(path).ToArray())
            if (!Directory.EnumerateFileSystemEntries(part).Any())
                Directory.Delete(part);
    }
}

/// <summary>What may become of the files that a model comes from.</summary>
internal enum IntakeMode
{
    /// <summary>They stay, and the library has its own.</summary>
    Copy,

    /// <summary>They stay, and the library may use the very same files under names of its own.</summary>
    Share,

    /// <summary>They go once the library has them.</summary>
    Move,
}
