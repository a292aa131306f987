using System.Security.Cryptography;
using System.Text;
using Helix.Core.Install;

namespace Helix.SelfUpdate;

/// <summary>Whether an archive is what the owner of a key made: he signs a list of digests, and the archive's own stands in it.</summary>
internal static class ReleaseSignature
{
    /// <summary>The list beside the archive, as sha256sum writes it.</summary>
    public const string ListName = "SHA256SUMS";

    /// <summary>ECDSA over SHA-256 of that list, as <c>openssl dgst -sha256 -sign</c> writes it.</summary>
    public const string SignatureName = "SHA256SUMS.sig";

    private const int KeyBits = 256;

    /// <param name="key">The public key, as PEM.</param>
    /// <param name="archive">The file, wherever it lies.</param>
    /// <param name="name">Under which it stands in the list.</param>
    /// <returns>Null for an archive that may be used; else why not.</returns>
    public static async Task<string?> RefusalAsync(string key, byte[] list, byte[] signature, string archive, string name, CancellationToken cancellationToken)
    {
        if (SignatureRefusal(key, list, signature) is { } refusal) return refusal;
        if (ChecksumFile.Find(Encoding.UTF8.GetString(list), name) is not ("sha256", var wanted)) return $"{ListName} names no SHA-256 of {name}";
        await using var file = new FileStream(archive, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        return digest == wanted ? null : $"the SHA-256 of {name} is {digest}, and {ListName} says {wanted}";
    }

    private static string? SignatureRefusal(string key, byte[] list, byte[] signature)
    {
        try
        {
            using var its = ECDsa.Create();
            its.ImportFromPem(key);
            if (its.KeySize != KeyBits) return $"the key in updates.helix_key is not one of ECDSA P-256 (it has {its.KeySize} bits)";
            return its.VerifyData(list, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) ? null : $"{SignatureName} is no signature of {ListName} by the key in updates.helix_key";
        }
        catch (Exception unusable) when (unusable is ArgumentException or CryptographicException)
        {
            return $"the key in updates.helix_key, or {SignatureName}, cannot be used: {unusable.Message}";
        }
    }
}
