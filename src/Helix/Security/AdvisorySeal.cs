using System.Security.Cryptography;

namespace Helix.Security;

/// <summary>The last line of a list that was fetched: an ECDSA signature (P-256, SHA-256, in DER) of every byte before it.</summary>
internal static class AdvisorySeal
{
    private static ReadOnlySpan<byte> Mark => "# signature: "u8;

    /// <returns>The list without its seal; null where it has none, or another one than this key makes.</returns>
    /// <param name="publicKey">In PEM.</param>
    public static byte[]? Open(byte[] file, string publicKey)
    {
        var end = file.Length > 0 && file[^1] == '\n' ? file.Length - 1 : file.Length;
        var begin = file.AsSpan(0, end).LastIndexOf((byte)'\n') + 1;
        var line = file.AsSpan(begin, end - begin);
        if (begin == 0 || !line.StartsWith(Mark)) return null;
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(publicKey);
            var seal = Convert.FromBase64String(System.Text.Encoding.ASCII.GetString(line[Mark.Length..]));
            return key.VerifyData(file.AsSpan(0, begin), seal, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) ? file[..begin] : null;
        }
        catch (Exception bad) when (bad is FormatException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }
}
