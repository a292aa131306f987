using Helix.Storage;

namespace Helix.Models;

/// <summary>
/// Where things lie in the models folder: <c>blobs/sha256-…</c> and <c>sets/ID/…</c> (models in several files, which engines find by their
/// names) hold the weights, <c>manifests/ID.json</c> name them, <c>partial/</c> holds downloads, and <c>*.gguf</c> and folders with a <c>config.json</c> beside them were dropped there.
/// </summary>
/// <remarks>What begins with <c>.new-</c> is being written; after a crash it is nothing and is removed.</remarks>
internal sealed record LibraryFolder(string Root)
{
    public const string Pattern = "*.gguf";

    private const string Unfinished = ".new-";

    public string Blobs => Path.Combine(Root, "blobs");

    public string Sets => Path.Combine(Root, "sets");

    public string Manifests => Path.Combine(Root, "manifests");

    public string Partial => Path.Combine(Root, "partial");

    /// <summary>Models that were found to be other than they came; nothing uses them.</summary>
    public string Damaged => Path.Combine(Root, "damaged");

    public string Blob(string sha256) => Path.Combine(Blobs, "sha256-" + sha256);

    public string Set(string id) => Path.Combine(Sets, id);

    public string Manifest(string id) => Path.Combine(Manifests, id + ".json");

    /// <summary>Folders beside helix's own that hold a model's configuration.</summary>
    public IEnumerable<string> DroppedFolders() => Directory.EnumerateDirectories(Root)
        .Where(path => !Path.GetFileName(path).StartsWith('.') && !((string[])[Blobs, Sets, Manifests, Partial]).Contains(path) && File.Exists(Path.Combine(path, Helix.Core.Models.FolderShape.Config)))
        .Order(StringComparer.Ordinal);

    /// <summary>A name for something unfinished in <paramref name="folder"/>.</summary>
    public static string NewIn(string folder) => Path.Combine(folder, Unfinished + Guid.NewGuid().ToString("N"));

    public void Create()
    {
        foreach (var folder in (string[])[Root, Blobs, Sets, Manifests, Partial]) Directory.CreateDirectory(folder);
    }

    /// <summary>Removes what a crash left unfinished, and parts of downloads that nobody continued since <paramref name="before"/>.</summary>
    public void Clean(DateTimeOffset before)
    {
        foreach (var folder in (string[])[Blobs, Sets, Manifests])
        {
            foreach (var file in Directory.EnumerateFiles(folder, Unfinished + "*")) File.Delete(file);
            foreach (var set in Directory.EnumerateDirectories(folder, Unfinished + "*")) Directory.Delete(set, recursive: true);
        }

        foreach (var part in Directory.EnumerateFiles(Partial))
            if (File.GetLastWriteTimeUtc(part) < before.UtcDateTime || part.EndsWith(".tmp", StringComparison.Ordinal))
                File.Delete(part);
        foreach (var model in Directory.EnumerateDirectories(Partial))
            if (FileTree.Files(model).All(file => File.GetLastWriteTimeUtc(file) < before.UtcDateTime))
                Directory.Delete(model, recursive: true);
    }
}
