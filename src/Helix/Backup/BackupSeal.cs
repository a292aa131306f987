using System.Security.Cryptography;

namespace Helix.Backup;

/// <summary>
/// How a backup begins: an empty member of gzip whose header carries the digest of every byte that follows. What it begins with is fixed, so no
/// byte of the file can change unseen; and it is a tar.gz like any other, for whoever has no helix at hand.
/// </summary>
internal static class BackupSeal
{
    private const int DigestBytes = 32;

    /// <summary>Gzip with an extra field HX of 32 bytes.</summary>
    private static readonly byte[] s_before = [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, DigestBytes + 4, 0, (byte)'H', (byte)'X', DigestBytes, 0];

    /// <summary>No data, its check sum, its length.</summary>
    private static readonly byte[] s_after = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static int Length { get; } = s_before.Length + DigestBytes + s_after.Length;

    /// <summary>Leaves room for the digest.</summary>
    public static void Begin(Stream file)
    {
        file.Write(s_before);
        file.Write(new byte[DigestBytes]);
        file.Write(s_after);
    }

    /// <summary>Writes the digest of what was written.</summary>
    public static async Task CloseAsync(FileStream file, CancellationToken cancellationToken)
    {
        file.Position = Length;
        var digest = await SHA256.HashDataAsync(file, cancellationToken);
        file.Position = s_before.Length;
        file.Write(digest);
    }

    /// <summary>Why this is not what was written; null where it is.</summary>
    /// <param name="file">Read to its end.</param>
    public static async Task<string?> RefusalAsync(Stream file, CancellationToken cancellationToken)
    {
        var begin = new byte[Length];
        if (await file.ReadAtLeastAsync(begin, Length, throwOnEndOfStream: false, cancellationToken) < Length || !begin.AsSpan().StartsWith(s_before) || !begin.AsSpan().EndsWith(s_after))
            return "it does not begin as a backup of helix does";
        var digest = await SHA256.HashDataAsync(file, cancellationToken);
        return digest.AsSpan().SequenceEqual(begin.AsSpan(s_before.Length, DigestBytes)) ? null : "it is not what was written: it was damaged or changed";
    }
}
