using Helix.Core.Configuration;
using Helix.Install;
using Helix.Manifests;
using Helix.Storage;
using Microsoft.Data.Sqlite;

namespace Helix.Backup;

/// <summary>Backups of a home in which no daemon runs.</summary>
internal sealed class OfflineBackup
{
    private readonly HelixHome _home;
    private readonly BackupWrite _write;
    private readonly TimeProvider _time;

    public OfflineBackup(HelixHome home, string version, TimeProvider time)
    {
        var (shelf, store) = (new ManifestShelf(home), new ReleaseStore(home));
        var contents = new BackupContents(home, shelf, store);
        (_home, _time, _write) = (home, time, new BackupWrite(home, contents, Copy, version, time));
        Restore = new(home, contents, _write, store, id => shelf.Current.Find(id)?.Install.FirstOrDefault()?.Version, time);

        Task Copy(string path, CancellationToken cancellationToken)
        {
            using var from = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = home.Database, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            from.Open();
            DatabaseFile.Copy(from, path);
            return Task.CompletedTask;
        }
    }

    public BackupRestore Restore { get; }

    /// <summary>Nobody keeps a history, and the user's own command is run by the daemon alone.</summary>
    public Backups Of(BackupConfig config) => new(
        _home, _write, new SecondPlace((_, _) => Task.FromResult<string?>("helix does not run, so it was not run")), () => config, _ => { }, _time);
}
