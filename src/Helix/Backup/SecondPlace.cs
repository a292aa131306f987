using System.Security.Cryptography;
using Helix.Core.Backup;
using Helix.Core.Configuration;
using Helix.Storage;

namespace Helix.Backup;

/// <summary>Passes a backup on: to a folder, and to a command of the user's.</summary>
/// <param name="run">Runs a command line to its end: null when it went well, else why not.</param>
internal sealed class SecondPlace(Func<IReadOnlyList<string>, CancellationToken, Task<string?>> run)
{
    public const string FilePlaceholder = "{file}";

    /// <returns>What went wrong; the backup itself is where it is.</returns>
    public async Task<IReadOnlyList<string>> PassOnAsync(string backup, BackupConfig config, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        if (config.SecondPlace is { } folder && await CopyAsync(backup, folder, Retention.Of(config), cancellationToken) is { } refusal) notes.Add($"{backup} could not be copied to {folder}: {refusal}");
        if (config.Command is { IsEmpty: false } words && await run([.. words.Select(word => word.Replace(FilePlaceholder, backup, StringComparison.Ordinal))], cancellationToken) is { } failure)
            notes.Add($"the command for {backup} failed: {failure}");
        return notes;
    }

    private static async Task<string?> CopyAsync(string backup, string folder, Retention retention, CancellationToken cancellationToken)
    {
        // several machines may share it
        var mine = Path.Combine(folder, Environment.MachineName);
        var target = Path.Combine(mine, Path.GetFileName(backup));
        var beside = target + ".new";
        try
        {
            // a disk that is not mounted is no folder to be made
            if (!Directory.Exists(folder)) return "there is no such folder";
            Directory.CreateDirectory(mine, HomeFolder.OwnerOnly);
            File.Delete(beside);
            await using (var from = File.OpenRead(backup))
            await using (var to = BackupWrite.New(beside))
            {
                await from.CopyToAsync(to, cancellationToken);
                to.Flush(flushToDisk: true);
            }

            var (wanted, there) = (await DigestAsync(backup, cancellationToken), await DigestAsync(beside, cancellationToken));
            if (!wanted.SequenceEqual(there)) return "what was written there is not what was read";
            File.Move(beside, target, overwrite: true);
            new BackupShelf(mine).Retain(retention);
            return null;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            return disk.Message;
        }
        finally
        {
            if (Directory.Exists(mine)) File.Delete(beside);
        }
    }

    private static async Task<byte[]> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return await SHA256.HashDataAsync(stream, cancellationToken);
    }
}
