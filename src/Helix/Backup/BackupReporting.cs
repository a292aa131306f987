using Helix.Contracts;

namespace Helix.Backup;

/// <summary>Backups as helix's own API and command line tell of them.</summary>
internal static class BackupReporting
{
    public static BackupList ListOf(BackupShelf shelf) => new(shelf.Folder, [.. shelf.All.Select(backup => new BackupListed(backup.Path, backup.Name.At, backup.Bytes, backup.Name.IsEncrypted))]);

    public static BackupReport Of(BackupMade made) =>
        new(made.Path, made.Bytes, made.Manifest.At, made.Manifest.Reason, made.Manifest.Helix, made.Manifest.Host, made.IsEncrypted, [.. made.Manifest.Files.Select(file => new BackupFileReport(file.Path, file.Bytes, file.Sha256))], made.Notes);

    public static RestoreReport Of(Restored restored, string file, bool onlyLook) => new(
        file, onlyLook, restored.Manifest.At, restored.Manifest.Helix, restored.Manifest.Host, restored.Before, [.. restored.Changes.Select(change => new RestoreChangeReport(change.Path, change.Change))], [.. restored.ToInstall], [.. restored.ToFetch]);
}
