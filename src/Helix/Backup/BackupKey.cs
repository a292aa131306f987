using System.Security.Cryptography;
using System.Text;

namespace Helix.Backup;

/// <summary>With what a backup is encrypted. It is named by a file or the environment, never written on a command line.</summary>
internal abstract record BackupKey
{
    public const string Variable = "HELIX_BACKUP_PASSPHRASE";

    public const int Bytes = 32;

    private const int MostBytes = 4096;

    private BackupKey() { }

    internal sealed record OfFile(byte[] Key) : BackupKey;

    internal sealed record Passphrase(string Text) : BackupKey;

    /// <param name="keyFile">32 random bytes; null for none.</param>
    /// <param name="passphraseFile">One line; null for none.</param>
    /// <returns>Null where neither is named.</returns>
    /// <exception cref="BackupException">What is named cannot be used.</exception>
    public static BackupKey? Load(string? keyFile, string? passphraseFile)
    {
        if (keyFile is not null)
        {
            var key = Read(keyFile);
            return key.Length == Bytes ? new OfFile(key) : throw new BackupException($"{keyFile} has {key.Length} bytes, and a key has {Bytes}", $"Make one: head -c {Bytes} /dev/urandom > KEYFILE", "invalid");
        }

        if (passphraseFile is null) return null;
        var text = Encoding.UTF8.GetString(Read(passphraseFile)).TrimEnd('\r', '\n');
        return text.Length > 0 ? new Passphrase(text) : throw new BackupException($"{passphraseFile} is empty", "Write the passphrase into it.", "invalid");
    }

    public static BackupKey? FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? new Passphrase(text) : null;

    /// <summary>Another one for each backup.</summary>
    public byte[] Derive(byte[] salt, int iterations) => this switch
    {
        OfFile(var key) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, Bytes, salt, "helix backup"u8.ToArray()),
        Passphrase(var text) => Rfc2898DeriveBytes.Pbkdf2(text, salt, iterations, HashAlgorithmName.SHA256, Bytes),
        _ => throw new InvalidOperationException("a key is a file's or a passphrase's"),
    };

    private static byte[] Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            var bytes = new byte[MostBytes + 1];
            return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"{path} cannot be read: {unreadable.Message}", "Check the path and who may read it.", unreadable is FileNotFoundException or DirectoryNotFoundException ? "not_found" : "conflict");
        }
    }
}
