using System.Security.Cryptography;
using System.Text;
using Helix.Core.Clouds;
using Helix.Storage;

namespace Helix.Clouds;

/// <summary>
/// Encrypts the keys of clouds under AES-256-GCM, with a key in a file that only this user can read and that is in no backup. What a key is for belongs to
/// what is authenticated: whoever may write beside it cannot have it sent elsewhere.
/// </summary>
internal sealed class CloudSeal(HelixHome home)
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly string _file = Path.Combine(home.State, "cloud.key");

    /// <exception cref="IOException">The file of the key cannot be read or made.</exception>
    public string Close(string text, string purpose)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var closed = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(closed.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(Key() ?? Make(), TagBytes);
        aes.Encrypt(closed.AsSpan(0, NonceBytes), plain, closed.AsSpan(NonceBytes, plain.Length), closed.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(purpose));
        return Convert.ToBase64String(closed);
    }

    /// <returns>Null where it was closed with another key, or for something else, or was changed.</returns>
    public Secret? Open(string closed, string purpose)
    {
        try
        {
            var bytes = Convert.FromBase64String(closed);
            if (bytes.Length < NonceBytes + TagBytes || Key() is not { } key) return null;
            var plain = new byte[bytes.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(NonceBytes + plain.Length), plain, Encoding.UTF8.GetBytes(purpose));
            return new(Encoding.UTF8.GetString(plain));
        }
        catch (Exception unreadable) when (unreadable is FormatException or CryptographicException or IOException)
        {
            return null;
        }
    }

    /// <returns>Null where there is none, or what is there is none.</returns>
    private byte[]? Key()
    {
        try
        {
            return File.Exists(_file) && File.ReadAllBytes(_file) is { Length: KeyBytes } key ? key : null;
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    private byte[] Make()
    {
        try
        {
            Directory.CreateDirectory(home.State);
            if (File.Exists(_file)) File.Move(_file, _file + ".unreadable", overwrite: true);
            var key = RandomNumberGenerator.GetBytes(KeyBytes);
            var beside = _file + ".new";
            using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                file.Write(key);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, _file, overwrite: true);
            return key;
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }
}
