using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Helix.Backup;

/// <summary>
/// A backup under AES-256-GCM, in pieces: a head (which key, its salt), then each piece with its tag. The number of a piece and whether it is the
/// last are its nonce, and the head belongs to what is authenticated: nothing can be changed, moved, left out or put behind unseen.
/// </summary>
internal static class BackupCipher
{
    private const int Piece = 1 << 16;
    private const int TagBytes = 16;
    private const int SaltBytes = 16;
    private const int Rounds = 600_000;
    private const int MostRounds = 10_000_000;
    private const byte ByFile = 0;
    private const byte ByPassphrase = 1;

    private static readonly byte[] s_magic = "HELIXBK1"u8.ToArray();

    private static int HeadBytes => s_magic.Length + 1 + sizeof(int) + SaltBytes;

    public static bool IsEncrypted(string file)
    {
        using var stream = File.OpenRead(file);
        var begin = new byte[s_magic.Length];
        return stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length && begin.AsSpan().SequenceEqual(s_magic);
    }

    /// <param name="to">There is no such file yet.</param>
    public static async Task EncryptAsync(string from, string to, BackupKey key, CancellationToken cancellationToken)
    {
        var head = new byte[HeadBytes];
        s_magic.CopyTo(head, 0);
        head[s_magic.Length] = key is BackupKey.OfFile ? ByFile : ByPassphrase;
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(s_magic.Length + 1), Rounds);
        RandomNumberGenerator.Fill(head.AsSpan(HeadBytes - SaltBytes));
        using var aes = new AesGcm(key.Derive(head[^SaltBytes..], Rounds), TagBytes);
        await using var source = File.OpenRead(from);
        await using var target = BackupWrite.New(to);
        await target.WriteAsync(head, cancellationToken);
        var (plain, sealedPiece) = (new byte[Piece], new byte[Piece + TagBytes]);
        for (var number = 0L; ; number++)
        {
            var read = await source.ReadAtLeastAsync(plain, Piece, throwOnEndOfStream: false, cancellationToken);
            var isLast = read < Piece;
            aes.Encrypt(Nonce(number, isLast), plain.AsSpan(0, read), sealedPiece.AsSpan(0, read), sealedPiece.AsSpan(read, TagBytes), head);
            await target.WriteAsync(sealedPiece.AsMemory(0, read + TagBytes), cancellationToken);
            if (isLast) break;
        }

        target.Flush(flushToDisk: true);
    }

    /// <exception cref="BackupException">The key is another, or the file is not what was written.</exception>
    public static async Task DecryptAsync(string from, string to, string named, BackupKey key, CancellationToken cancellationToken)
    {
        await using var source = File.OpenRead(from);
        var head = new byte[HeadBytes];
        if (await source.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, cancellationToken) < HeadBytes || !head.AsSpan().StartsWith(s_magic)) throw Bad(named, "it is not whole");
        var rounds = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(s_magic.Length + 1));
        if (rounds is < 1 or > MostRounds) throw Bad(named, "its head makes no sense");
        if (head[s_magic.Length] != (key is BackupKey.OfFile ? ByFile : ByPassphrase))
            throw new BackupException($"{named} is encrypted with {(key is BackupKey.OfFile ? "a passphrase, not a key file" : "a key file, not a passphrase")}, or was changed", "Name the right one: --key-file FILE or --passphrase-file FILE", "invalid");
        using var aes = new AesGcm(key.Derive(head[^SaltBytes..], rounds), TagBytes);
        await using var target = BackupWrite.New(to);
        var (plain, sealedPiece) = (new byte[Piece], new byte[Piece + TagBytes]);
        try
        {
            for (var number = 0L; ; number++)
            {
                var read = await source.ReadAtLeastAsync(sealedPiece, sealedPiece.Length, throwOnEndOfStream: false, cancellationToken) - TagBytes;
                if (read < 0) throw Bad(named, "it is cut off");
                var isLast = read < Piece;
                aes.Decrypt(Nonce(number, isLast), sealedPiece.AsSpan(0, read), sealedPiece.AsSpan(read, TagBytes), plain.AsSpan(0, read), head);
                await target.WriteAsync(plain.AsMemory(0, read), cancellationToken);
                if (isLast) return;
            }
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Bad(named, "the key or passphrase is another, or it was damaged or changed");
        }
    }

    private static byte[] Nonce(long number, bool isLast)
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteInt64BigEndian(nonce, number);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }

    private static BackupException Bad(string named, string why) => new($"{named} is refused: {why}", "Check the key, or choose another one; see: helix backup list");
}
