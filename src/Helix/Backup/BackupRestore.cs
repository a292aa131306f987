using System.Collections.Immutable;
using Helix.Core.Backup;
using Helix.Core.Updates;
using Helix.Install;
using Helix.Models;
using Helix.Storage;
using Microsoft.Data.Sqlite;

namespace Helix.Backup;

/// <param name="Change"><c>new</c>, <c>replaced</c> or <c>same</c>.</param>
internal sealed record RestoreChange(string Path, string Change);

/// <param name="Before">What was there before is kept in it; null where nothing was.</param>
/// <param name="ToInstall">Providers, with their versions, that the next start installs again.</param>
/// <param name="ToFetch">Models whose weights the next start fetches again.</param>
internal sealed record Restored(BackupManifest Manifest, ImmutableArray<RestoreChange> Changes, string? Before, ImmutableArray<string> ToInstall, ImmutableArray<string> ToFetch);

/// <summary>
/// Brings what a backup holds into a home in which nothing runs. Everything is unpacked and checked beside it first; what is there is backed up
/// before; files that the backup does not hold stay.
/// </summary>
/// <param name="known">The version of a provider that this helix installs by itself; null for none.</param>
internal sealed class BackupRestore(HelixHome home, BackupContents contents, BackupWrite write, ReleaseStore store, Func<string, string?> known, TimeProvider time)
{
    private readonly BackupShelf _shelf = new(home.Backups);
    private readonly RestoreJournal _journal = new(home);

    /// <param name="onlyLook">Nothing is changed.</param>
    /// <exception cref="BackupException">It is refused, and nothing was changed.</exception>
    public async Task<Restored> RunAsync(string file, BackupKey? key, bool onlyLook, CancellationToken cancellationToken)
    {
        if (!onlyLook) _journal.Finish();
        var scratch = onlyLook ? Directory.CreateTempSubdirectory("helix-backup-").FullName : _shelf.BeginWork();
        var isBegun = false;
        try
        {
            var unpacked = new HelixHome(scratch);
            var manifest = await BackupOpen.UnpackAsync(file, key, unpacked, file, cancellationToken);
            BackupRead.Try(unpacked, file);
            var toInstall = Wish(unpacked, manifest);
            ImmutableArray<string> files = [.. manifest.Files.Select(entry => entry.Path).Concat(toInstall.Select(install => install.Words)).Distinct(StringComparer.Ordinal)];
            ImmutableArray<RestoreChange> changes = [.. files.Select(path => new RestoreChange(path, Change(Path.Combine(unpacked.LocalLlm, path), Path.Combine(home.LocalLlm, path))))];
            var toFetch = Absent(unpacked, manifest);
            var before = !onlyLook && contents.IsAnything ? await KeepAsync(cancellationToken) : null;
            if (!onlyLook)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _journal.Begin(new(Path.GetFileName(scratch), files));
                isBegun = true;
                _journal.Finish();
            }

            return new(manifest, changes, before, [.. toInstall.Select(install => install.Label)], toFetch);
        }
        finally
        {
            if (!isBegun && Directory.Exists(scratch)) Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Releases are not in a backup: the next start is told to install the same versions.</summary>
    private List<(string Label, string Words)> Wish(HelixHome unpacked, BackupManifest manifest)
    {
        var (from, wishes) = (new ReleaseStore(unpacked), new List<(string, string)>());
        foreach (var release in manifest.Releases.Where(release => store.Current(release.Provider)?.Version != release.Version))
        {
            var (words, version) = (from.Words(release.Provider), release.Version.Split('+')[0]);
            // one that was not asked for by name goes on following its manifest and updates, where that means the same version
            var follows = words.Pinned is null && known(release.Provider) is { } manifests && (ChosenVersion.Of(words.Chosen, manifests, null, words.Refused ?? [], words.Beyond) ?? manifests) == version;
            from.Remember(release.Provider, words with { Removed = false, Wished = follows ? "" : version });
            wishes.Add(($"{release.Provider} {version}", contents.Named(Path.Combine(store.FolderOf(release.Provider), "words.json"))));
        }

        return wishes;
    }

    private ImmutableArray<string> Absent(HelixHome unpacked, BackupManifest manifest)
    {
        var (names, library) = (new LibraryFolder(unpacked.Models), new LibraryFolder(home.Models));
        return [.. manifest.Models.Where(model => LibraryManifest.Read(names.Manifest(model.Id)).Manifest is { } its && !its.PathsIn(library).All(pair => File.Exists(pair.Path))).Select(model => model.Id)];
    }

    /// <summary>A database that is too broken to be copied is put aside as it is.</summary>
    private async Task<string> KeepAsync(CancellationToken cancellationToken)
    {
        var work = _shelf.BeginWork();
        try
        {
            var at = time.GetUtcNow();
            var target = Path.Combine(home.Backups, new BackupName(BackupName.BeforeRestore, at, false).ToString());
            while (File.Exists(target)) target = Path.Combine(home.Backups, new BackupName(BackupName.BeforeRestore, at = at.AddSeconds(1), false).ToString());
            var made = Path.Combine(work, "backup");
            try
            {
                await WriteAsync("copies");
            }
            catch (SqliteException)
            {
                DatabaseFile.SetAside(home.Database, at);
                await WriteAsync("others");
            }

            File.Move(made, target);
            return target;

            Task WriteAsync(string copies) => write.WriteAsync(made, "before a restore", Directory.CreateDirectory(Path.Combine(work, copies)).FullName, cancellationToken);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static string Change(string fresh, string place) =>
        !File.Exists(place) ? "new" : FileTree.LengthOf(place) == FileTree.LengthOf(fresh) && File.ReadAllBytes(place).AsSpan().SequenceEqual(File.ReadAllBytes(fresh)) ? "same" : "replaced";
}
