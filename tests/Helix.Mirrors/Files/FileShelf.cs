using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Helix.Mirrors.Files;

/// <summary>Single files by their path: release assets and their checksum files.</summary>
internal sealed class FileShelf : IMirror
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public IEnumerable<string> Paths => _files.Keys;

    public byte[] this[string path] => _files[path];

    public void Add(string path, byte[] bytes) => _files[path] = bytes;

    /// <summary>The file, and beside it <c>PATH.sha256</c> in the format of sha256sum.</summary>
    public void AddWithDigest(string path, byte[] bytes)
    {
        Add(path, bytes);
        Add($"{path}.sha256", System.Text.Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  {System.IO.Path.GetFileName(path)}\n"));
    }

    public async Task<bool> TryAnswerAsync(Request request)
    {
        if (!_files.TryGetValue(request.Path, out var bytes)) return false;
        await request.SendAsync(bytes);
        return true;
    }
}
