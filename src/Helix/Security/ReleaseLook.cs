using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Install;
using Helix.Core.Security;
using Helix.Install;
using Helix.SelfUpdate;
using Helix.Storage;
using Helix.Variants;

namespace Helix.Security;

/// <summary>Compares the files of every release with what they were. One that nobody wrote down is written down now.</summary>
/// <param name="program">Folder of helix's own program; null where it is built in place, and changes as it is worked on.</param>
/// <param name="read">Reads the digests of a folder's files; null where that failed.</param>
internal sealed class ReleaseLook(HelixHome home, ReleaseStore store, string? program, Func<string, CancellationToken, Task<FileList?>> read)
{
    /// <summary>Beside what the launcher built into a folder of its own.</summary>
    private const string Stamp = ".stamp";

    /// <summary>In a release of helix itself: it tells when that came into use again. Nothing is run by it.</summary>
    private const string Receipt = "release.json";

    private readonly ReleaseLists _lists = ReleaseLists.Of(home);

    public static string? ProgramOf(HelixHome home, string binary) =>
        Path.GetDirectoryName(binary) is { } folder && (File.Exists(Path.Combine(folder, Stamp)) || new HelixReleases(home).VersionOf(binary) is not null) ? folder : null;

    public async Task<ImmutableArray<ReleaseFacts>> LookAsync(CancellationToken cancellationToken)
    {
        var facts = ImmutableArray.CreateBuilder<ReleaseFacts>();
        foreach (var folders in Folders().GroupBy(folder => folder.Provider).ToArray())
        {
            _lists.Sweep(folders.Key, folders.Select(folder => folder.Version).ToHashSet(StringComparer.Ordinal));
            foreach (var folder in folders)
                if (await CompareAsync(folder, cancellationToken) is { } changed) facts.Add(changed);
        }

        return facts.ToImmutable();
    }

    /// <returns>Null where nothing changed, or it is not there any more as it was when this began.</returns>
    private async Task<ReleaseFacts?> CompareAsync(ReleaseFacts folder, CancellationToken cancellationToken)
    {
        var (was, installed) = (_lists.Read(folder.Provider, folder.Version), Installed(folder));
        if (await read(folder.Folder, cancellationToken) is not { } now || Installed(folder) != installed) return null;
        if (was is null)
        {
            _lists.Write(folder.Provider, folder.Version, now);
            return null;
        }

        var changes = folder.Origin == ReleaseOrigin.Helix ? was.Without(Receipt).To(now.Without(Receipt)) : was.To(now);
        // what was installed again meanwhile has a list of its own
        return changes.IsEmpty || _lists.Read(folder.Provider, folder.Version) is not { } still || !still.Marks.SequenceEqual(was.Marks) ? null : folder with { Changes = changes };
    }

    private static string Installed(ReleaseFacts folder) => ReleaseStore.Receipt(folder.Folder)?.Installed.ToString("O", CultureInfo.InvariantCulture) ?? $"{Directory.GetCreationTimeUtc(folder.Folder):O}";

    private IEnumerable<ReleaseFacts> Folders()
    {
        var none = new FileChanges([], [], []);
        foreach (var id in Directory.Exists(home.Providers) ? Directory.GetDirectories(home.Providers).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToArray() : [])
        {
            var current = store.Current(id)?.Version;
            foreach (var release in store.All(id)) yield return new(id, release.Version, release.Folder, release.Version == current ? ReleaseOrigin.Current : ReleaseOrigin.Kept, none);
        }

        var variants = new VariantStore(home).Root;
        foreach (var folder in Directory.Exists(variants) ? Directory.GetDirectories(variants).Where(path => !Path.GetFileName(path).StartsWith('.')).ToArray() : [])
            yield return new(Fleet.Fleet.Builtin, Path.GetFileName(folder), folder, ReleaseOrigin.Variant, none);
        if (program is not null) yield return new(Fleet.Fleet.Builtin, $"helix-{Path.GetFileName(program)}", program, ReleaseOrigin.Helix, none);
    }
}
