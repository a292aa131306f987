using System.Collections.Immutable;
using Helix.Configuration;
using Helix.Core.Manifests;
using Helix.Storage;

namespace Helix.Manifests;

/// <summary>Every manifest there is, and what is wrong with those that were left out.</summary>
/// <param name="Manifests">By category and id.</param>
/// <param name="Problems">Each with the path of its file, for a user.</param>
internal sealed record ManifestSet(ImmutableArray<Manifest> Manifests, ImmutableArray<string> Problems)
{
    public Manifest? Find(string id) => Manifests.FirstOrDefault(manifest => manifest.Id == id);
}

/// <summary>
/// helix's own manifests with the user's over them: a user's file adds a provider, or replaces ours of the same id as a whole.
/// A file that is not right is left out and named; it never keeps helix from starting. Files are read again when they change.
/// </summary>
internal sealed class ManifestShelf(HelixHome home)
{
    private static readonly string[] s_endings = [".yaml", ".yml"];

    private readonly Lock _reading = new(); // several requests may ask at the same moment
    private ImmutableArray<Stamp> _seen = [];
    private ManifestSet? _set;

    public ManifestSet Current
    {
        get
        {
            lock (_reading)
            {
                var (files, problem) = Look();
                if (_set is not null && files.SequenceEqual(_seen) && problem is null) return _set;
                _seen = files;
                return _set = Read(files, problem);
            }
        }
    }

    /// <summary>By its name.</summary>
    public static bool IsManifest(string file) => s_endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    private (ImmutableArray<Stamp> Files, string? Problem) Look()
    {
        try
        {
            var folder = new DirectoryInfo(home.UserProviders);
            if (!folder.Exists) return ([], null);
            return ([.. folder.EnumerateFiles().Where(file => IsManifest(file.Name)).OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => new Stamp(file.FullName, FileTree.LengthOf(file.FullName), file.LastWriteTimeUtc))], null);
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return ([], $"{home.UserProviders} cannot be read: {closed.Message}");
        }
    }

    private static ManifestSet Read(ImmutableArray<Stamp> files, string? problem)
    {
        var all = ManifestResource.All.ToDictionary(manifest => manifest.Id, StringComparer.Ordinal);
        var (problems, owner) = (new List<string>(), new Dictionary<string, string>(StringComparer.Ordinal));
        if (problem is not null) problems.Add(problem);
        foreach (var stamp in files)
        {
            var file = stamp.Path;
            switch (Parse(stamp))
            {
                case ManifestOutcome.Good(var manifest) when owner.TryGetValue(manifest.Id, out var first):
                    problems.Add($"{file} was left out: {first} describes {manifest.Id} already; keep one of the two");
                    break;
                case ManifestOutcome.Good(var manifest):
                    (all[manifest.Id], owner[manifest.Id]) = (manifest, file);
                    break;
                case ManifestOutcome.Bad(var errors):
                    problems.AddRange(errors.Select(error => $"{file} was left out: {error}"));
                    break;
            }
        }

        return new([.. all.Values.OrderBy(manifest => Manifest.Categories.IndexOf(manifest.Category)).ThenBy(manifest => manifest.Id, StringComparer.Ordinal)], [.. problems]);
    }

    /// <summary>What has no length is not opened: it may be a pipe that nobody writes to.</summary>
    private static ManifestOutcome Parse(Stamp file) => (FileTree.LeadsNowhere(file.Path) ? new FileText.Refused("it is a link that leads nowhere")
        : file.Length == 0 ? new FileText.Refused("the file is empty, or no file that can be read; a manifest begins with \"id:\"")
        : ConfigFile.Read(file.Path)) switch
    {
        FileText.Is(var text) => ManifestText.Parse(text),
        FileText.Refused(var why) => new ManifestOutcome.Bad([new("", null, why)]),
        _ => throw new InvalidOperationException("a text is either there or refused"),
    };

    /// <summary>What tells that a file is another than before.</summary>
    private sealed record Stamp(string Path, long Length, DateTime Written);
}
