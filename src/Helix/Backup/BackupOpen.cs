using Helix.Core.Backup;
using Helix.Storage;

namespace Helix.Backup;

/// <summary>Opens a backup, encrypted or not.</summary>
internal static class BackupOpen
{
    /// <param name="key">Null where there is none at hand.</param>
    /// <param name="into">Empty; what is unpacked is a home of its own then.</param>
    /// <exception cref="BackupException">It cannot be opened, or is not what was written.</exception>
    public static async Task<BackupManifest> UnpackAsync(string file, BackupKey? key, HelixHome into, string named, CancellationToken cancellationToken)
    {
        if (!File.Exists(file)) throw new BackupException($"there is no file {file}", "Check the path; see: helix backup list", "not_found");
        if (!BackupCipher.IsEncrypted(file)) return await BackupRead.UnpackAsync(file, into.LocalLlm, named, cancellationToken);
        if (key is null) throw new BackupException($"{named} is encrypted", $"Name its key: --key-file FILE, --passphrase-file FILE, or the variable {BackupKey.Variable}", "invalid");
        var plain = Path.Combine(into.Root, "plain");
        try
        {
            await BackupCipher.DecryptAsync(file, plain, named, key, cancellationToken);
            return await BackupRead.UnpackAsync(plain, into.LocalLlm, named, cancellationToken);
        }
        finally
        {
            File.Delete(plain);
        }
    }
}
