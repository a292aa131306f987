using Helix.Core.Backup;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Models;
using Helix.Storage;

namespace Helix.Backup;

/// <summary>Where a backup goes and how it is encrypted, where that is other than the configuration says.</summary>
/// <param name="To">Path of a file that is not there yet; null for the folder of backups.</param>
internal sealed record BackupWish(string Reason, string? To = null, string? KeyFile = null, string? PassphraseFile = null)
{
    /// <summary>The reason of one that somebody asked for, and waits for.</summary>
    public const string Asked = "asked";
}

/// <param name="Notes">What did not go as it should beside the backup itself.</param>
internal sealed record BackupMade(string Path, long Bytes, BackupManifest Manifest, bool IsEncrypted, IReadOnlyList<string> Notes);

/// <summary>Makes backups, one at a time. Each is restored into a scratch folder before it counts.</summary>
internal sealed class Backups(HelixHome home, BackupWrite write, SecondPlace second, Func<BackupConfig> config, Action<HistoryEvent> tell, TimeProvider time)
{
    /// <summary>Nothing is at work for so long.</summary>
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _turn = new(1, 1);

    public BackupShelf Shelf { get; } = new(home.Backups);

    /// <summary>Backs up as the configuration says: before an update, for example.</summary>
    /// <param name="reason">In words.</param>
    /// <exception cref="BackupException">There is no backup; the history and an alert say why.</exception>
    public Task<BackupMade> BackupNowAsync(string reason, CancellationToken cancellationToken) => MakeAsync(new(reason), cancellationToken);

    /// <exception cref="BackupException">There is no backup; the history and an alert say why.</exception>
    public async Task<BackupMade> MakeAsync(BackupWish wish, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await MakeNowAsync(wish, cancellationToken);
        }
        catch (Exception failed) when (failed is BackupException or IOException or UnauthorizedAccessException)
        {
            Tell(Severity.Error, "backup_failed", wish.Reason, $"no backup could be made ({wish.Reason}): {failed.Message}", isAlert: wish.Reason != BackupWish.Asked);
            throw failed as BackupException ?? new BackupException(failed.Message, "Check that there is room, and who may write there.", "disk");
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<BackupMade> MakeNowAsync(BackupWish wish, CancellationToken cancellationToken)
    {
        if (wish.To is { } to && Path.Exists(to)) throw new BackupException($"{to} is there already", "Choose another name, or remove it first.");
        // a key that cannot be read never leads to a backup that everybody can read
        var key = BackupKey.Load(wish.KeyFile ?? (wish.PassphraseFile is null ? config().KeyFile : null), wish.PassphraseFile);
        Shelf.Sweep(time.GetUtcNow() - s_abandoned);
        var work = Shelf.BeginWork();
        try
        {
            var plain = Path.Combine(work, "backup");
            var manifest = await write.WriteAsync(plain, wish.Reason, Directory.CreateDirectory(Path.Combine(work, "copies")).FullName, cancellationToken);
            var name = new BackupName(BackupName.Usual, manifest.At, key is not null);
            var target = wish.To ?? Path.Combine(Shelf.Folder, name.ToString());
            for (var at = manifest.At; wish.To is null && File.Exists(target); target = Path.Combine(Shelf.Folder, (name with { At = at }).ToString())) at = at.AddSeconds(1);
            var made = key is null ? plain : Path.Combine(work, "encrypted");
            if (key is not null) await BackupCipher.EncryptAsync(plain, made, key, cancellationToken);
            await TryAsync(made, key, target, Directory.CreateDirectory(Path.Combine(work, "trial")).FullName, cancellationToken);
            var bytes = FileTree.LengthOf(made);
            Place(made, target);

            var notes = new List<string>();
            if (wish.To is null)
            {
                Shelf.Retain(Retention.Of(config()));
                notes.AddRange(await second.PassOnAsync(target, config(), cancellationToken));
            }

            foreach (var note in notes) Tell(Severity.Error, "second_place_failed", Path.GetFileName(target), note, isAlert: true);
            Tell(Severity.Info, "backed_up", Path.GetFileName(target), $"{target} was made ({wish.Reason}) and restored on trial: {manifest.Files.Length} files, {ByteCount.Words(bytes)}");
            return new(target, bytes, manifest, key is not null, notes);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Restores it into a scratch folder, and looks whether it could be used. One that could not is kept as bad.</summary>
    private static async Task TryAsync(string made, BackupKey? key, string target, string trial, CancellationToken cancellationToken)
    {
        try
        {
            var unpacked = new HelixHome(trial);
            await BackupOpen.UnpackAsync(made, key, unpacked, target, cancellationToken);
            BackupRead.Try(unpacked, target);
        }
        catch (BackupException bad)
        {
            File.Move(made, target + BackupName.Bad, overwrite: true);
            throw new BackupException($"{bad.Message}; it is kept as {target}{BackupName.Bad}", bad.Remedy, bad.Code);
        }
    }

    /// <summary>The target may be on another disk.</summary>
    private static void Place(string made, string target)
    {
        var beside = target + ".new";
        try
        {
            File.Move(made, beside, overwrite: true);
            File.Move(beside, target);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private void Tell(Severity severity, string what, string subject, string words, bool isAlert = false)
    {
        var now = time.GetUtcNow();
        tell(new(now, HistoryKind.Backup, severity, null, subject, what, words));
        if (isAlert) tell(new(now, HistoryKind.Alert, severity, null, subject, what, words));
    }
}
