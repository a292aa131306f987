using Helix.Core.Models;

namespace Helix.Models;

/// <param name="Name">What the file is called where it comes from.</param>
/// <param name="Sha256">Its digest if that was computed while it arrived; null: it is computed now.</param>
/// <param name="How">Whether the file may be taken, or shared, instead of copied.</param>
internal sealed record IntakeFile(string Path, string Name, string? Sha256, IntakeMode How);

/// <summary>Takes files into the library: weights first, then the manifest that names them, each appearing whole or not at all.</summary>
internal static class LibraryIntake
{
    public static async Task<LibraryOutcome> TakeAsync(
        ModelLibrary library, IReadOnlyList<IntakeFile> files, string? name, string source, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var folder = library.Folder;
        if (name is not null && NameRefusal(library, name) is { } refusal) return refusal;

        var staged = new List<(string Path, ManifestFile File)>();
        try
        {
            foreach (var file in files)
            {
                var (kept, failure) = await StageAsync(folder, file, staged, cancellationToken);
                if (kept is null) return failure!;
            }

            var (facts, wrong) = await ModelParts.ReadAsync([.. staged.Select(file => file.Path)], cancellationToken);
            if (facts is null) return new LibraryOutcome.Refused("invalid", $"{source} cannot be used: {wrong}", "Fetch the file again, or choose another.");

            if (name is null && Same(library.Current, staged) is { } there) return new LibraryOutcome.Added(there, $"these weights were there already, as {there.Id}");
            var id = name ?? FreeId(library, ModelId.FromFileName(files[0].Name));
            var manifest = LibraryManifest.Of(id, [.. staged.Select(file => file.File)], source, now, facts);
            Keep(folder, manifest, staged);
            manifest.Write(folder);
            var paths = manifest.PathsIn(folder).Select(pair => pair.Path).ToHashSet(StringComparer.Ordinal);
            foreach (var moved in files.Where(file => file.How == IntakeMode.Move && !paths.Contains(file.Path))) File.Delete(moved.Path);
            var first = staged[0].File;
            return new LibraryOutcome.Added(new LibraryModel(id, manifest.PathIn(folder), staged.Sum(file => file.File.Bytes), staged.Count == 1 ? first.Sha256 : null, facts, source, now));
        }
        finally
        {
            foreach (var (path, _) in staged) File.Delete(path);
        }
    }

    /// <summary>Null if a new model may have this name.</summary>
    public static LibraryOutcome.Refused? NameRefusal(ModelLibrary library, string name) => ModelId.Refusal(name) is { } refusal
        ? new LibraryOutcome.Refused("invalid", refusal, "Choose another name.")
        : IsTaken(library, name) && !IsAbsent(library, name) ? new LibraryOutcome.Refused("conflict", $"there is a model {name} already", $"Choose another name, or remove it first: helix models remove {name}") : null;

    /// <summary>The id, with a number behind it where it is taken.</summary>
    public static string FreeId(ModelLibrary library, string id) => ModelId.Unique(id, taken => IsTaken(library, taken));

    /// <summary>Brings a file to the disk of the library under a name that means unfinished.</summary>
    private static async Task<(ManifestFile? File, LibraryOutcome? Failure)> StageAsync(
        LibraryFolder folder, IntakeFile file, List<(string Path, ManifestFile File)> staged, CancellationToken cancellationToken)
    {
        var fresh = LibraryFolder.NewIn(folder.Blobs);
        if (file is { How: IntakeMode.Move, Sha256: { } known })
        {
            // fetched into the library's own folder: a rename, and after a crash before the manifest it is fetched again
            var fetched = new ManifestFile(file.Name, known, GgufFile.LengthOf(file.Path));
            File.Move(file.Path, fresh);
            staged.Add((fresh, fetched));
            return (fetched, null);
        }

        staged.Add((fresh, new ManifestFile(file.Name, "", 0)));
        var (copied, refusal) = await FileCopy.CopyAsync(file.Path, fresh, file.How, cancellationToken);
        if (copied is null) return (null, new LibraryOutcome.Refused("no_space", refusal!.Reason, refusal.Remedy));
        staged[^1] = (fresh, copied with { Name = file.Name });
        return (copied, null);
    }

    private static void Keep(LibraryFolder folder, LibraryManifest manifest, List<(string Path, ManifestFile File)> staged)
    {
        if (staged.Count == 1)
        {
            File.Move(staged[0].Path, folder.Blob(staged[0].File.Sha256), overwrite: true);
            return;
        }

        var fresh = LibraryFolder.NewIn(folder.Sets);
        Directory.CreateDirectory(fresh);
        foreach (var (path, file) in staged) File.Move(path, Path.Combine(fresh, file.Name));
        Directory.Move(fresh, folder.Set(manifest.Id));
    }

    private static LibraryModel? Same(LibrarySnapshot current, List<(string Path, ManifestFile File)> staged) =>
        staged.Count == 1 ? current.Models.FirstOrDefault(model => model.Sha256 == staged[0].File.Sha256) : null;

    private static bool IsTaken(ModelLibrary library, string id) =>
        library.Current.Find(id) is not null || File.Exists(library.Folder.Manifest(id)) || Directory.Exists(library.Folder.Set(id));

    /// <summary>A name that has no weights is given to those that come for it.</summary>
    private static bool IsAbsent(ModelLibrary library, string id) =>
        library.Current.Find(id) is null && LibraryManifest.Read(library.Folder.Manifest(id)).Manifest is { } manifest && manifest.IsAbsentFrom(library.Folder);
}
