using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Helix.Core.Hardware;

namespace Helix.Variants;

/// <summary>The packed file of an npm package: checked, then only its libraries are taken out.</summary>
internal static class PackedLibraries
{
    /// <summary>Null if the file is the one that was pinned, else what it is instead.</summary>
    public static async Task<string?> CheckAsync(string file, EnginePackage package, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        if (stream.Length != package.PackedBytes) return $"{package.Name} {package.Version} has {stream.Length} bytes instead of {package.PackedBytes}";
        var actual = "sha512-" + Convert.ToBase64String(await SHA512.HashDataAsync(stream, cancellationToken));
        return actual == package.Integrity ? null : $"{package.Name} {package.Version} is not what it was when it was pinned (its integrity is {actual})";
    }

    /// <summary>Writes the libraries into a folder, each to the disk itself. Links, folders and names with a way in them are left in the pack.</summary>
    public static async Task UnpackAsync(string file, EnginePackage package, string target, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        await using var unzipped = new GZipStream(stream, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (entry is not { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile, DataStream: { } data } || !entry.Name.StartsWith(package.Folder, StringComparison.Ordinal)) continue;
            var name = entry.Name[package.Folder.Length..];
            if (name.Contains('/', StringComparison.Ordinal) || !EnginePackages.IsNeeded(name)) continue;
            await using var library = new FileStream(Path.Combine(target, name), FileMode.Create, FileAccess.Write);
            await data.CopyToAsync(library, cancellationToken);
            library.Flush(flushToDisk: true);
        }
    }
}
