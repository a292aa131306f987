using Helix.Core.Backup;
using Helix.Storage;

namespace Helix.Backup;

internal sealed record ShelvedBackup(string Path, BackupName Name, long Bytes);

/// <summary>A folder of backups.</summary>
internal sealed class BackupShelf(string folder)
{
    /// <summary>How a folder begins in which something is made or tried; after a crash it is nothing.</summary>
    private const string Work = ".work-";

    public string Folder => folder;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<ShelvedBackup> All => !Directory.Exists(folder) ? [] :
    [
        .. Directory.GetFiles(folder).Select(path => BackupName.Parse(Path.GetFileName(path)) is { } name ? new ShelvedBackup(path, name, FileTree.LengthOf(path)) : null)
            .OfType<ShelvedBackup>().OrderByDescending(backup => backup.Name.At),
    ];

    /// <summary>Those that <see cref="Retention"/> looks after.</summary>
    public IEnumerable<ShelvedBackup> Usual => All.Where(backup => backup.Name.Prefix == BackupName.Usual);

    /// <summary>An empty folder, for helix alone.</summary>
    public string BeginWork()
    {
        Directory.CreateDirectory(folder, HomeFolder.OwnerOnly);
        return Directory.CreateDirectory(Path.Combine(folder, Work + Guid.NewGuid().ToString("N")), HomeFolder.OwnerOnly).FullName;
    }

    /// <summary>Removes what a crash left.</summary>
    /// <param name="before">What is younger may be at work.</param>
    public void Sweep(DateTimeOffset before)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var left in Directory.GetDirectories(folder, Work + "*").Where(path => Directory.GetLastWriteTimeUtc(path) < before.UtcDateTime)) Directory.Delete(left, recursive: true);
    }

    /// <summary>Deletes what is kept no longer.</summary>
    public void Retain(Retention retention)
    {
        var usual = Usual.ToArray();
        var kept = retention.Keep(usual.Select(backup => backup.Name.At));
        foreach (var backup in usual.Where(backup => !kept.Contains(backup.Name.At))) File.Delete(backup.Path);
    }
}
