using System.Security.Cryptography;

namespace Helix.Models;

/// <summary>SHA-256 of a file, in lower-case hexadecimal digits.</summary>
internal static class FileDigest
{
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<string> OfAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan, BufferSize = 1 << 20 });
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
