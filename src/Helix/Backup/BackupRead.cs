using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Helix.Configuration;
using Helix.Core.Backup;
using Helix.Core.Configuration;
using Helix.Storage;

namespace Helix.Backup;

/// <summary>Unpacks a backup into an empty folder, and believes nothing of it before it was checked.</summary>
internal static class BackupRead
{
    private const int LargestManifest = 32 << 20;

    /// <param name="file">Not encrypted, or not any more.</param>
    /// <param name="named">What the user calls it.</param>
    /// <exception cref="BackupException">It is not whole, not a backup, or not what was written.</exception>
    public static async Task<BackupManifest> UnpackAsync(string file, string folder, string named, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
            if (await BackupSeal.RefusalAsync(stream, cancellationToken) is { } refusal) throw Bad(named, refusal);
            stream.Position = BackupSeal.Length;
            await using var zipped = new GZipStream(stream, CompressionMode.Decompress);
            await using var tar = new TarReader(zipped);
            var manifest = await ManifestAsync(await tar.GetNextEntryAsync(copyData: false, cancellationToken), named, cancellationToken);
            var missing = manifest.Files.ToDictionary(entry => BackupManifest.Home + entry.Path, StringComparer.Ordinal);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (entry.EntryType is not TarEntryType.RegularFile || !missing.Remove(entry.Name, out var listed)) throw Bad(named, $"it holds {entry.Name}, which its manifest does not list, or lists once");
                await CopyAsync(entry, listed, Path.Combine(folder, listed.Path), named, cancellationToken);
            }

            return missing.Count == 0 ? manifest : throw Bad(named, $"{missing.Keys.First()} is not in it");
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException or JsonException or ArgumentException)
        {
            throw Bad(named, $"it is not whole, or no backup that helix made ({broken.Message.TrimEnd('.')})");
        }
    }

    /// <summary>Tries what was unpacked: it could be used by this helix.</summary>
    /// <exception cref="BackupException">It could not.</exception>
    public static void Try(HelixHome unpacked, string named)
    {
        if (File.Exists(unpacked.Database) && DatabaseFile.Refusal(unpacked.Database) is { } refusal) throw Bad(named, $"its database cannot be used: {refusal}");
        if (ConfigFile.Load(unpacked.Config) is ConfigOutcome.Bad(var errors)) throw Bad(named, $"its configuration is not valid: {errors[0]}");
    }

    private static async Task<BackupManifest> ManifestAsync(TarEntry? entry, string named, CancellationToken cancellationToken)
    {
        if (entry is not { Name: BackupManifest.Name, Length: <= LargestManifest, DataStream: { } data }) throw Bad(named, $"it does not begin with {BackupManifest.Name}");
        var manifest = await JsonSerializer.DeserializeAsync(data, BackupJson.Default.BackupManifest, cancellationToken) ?? throw Bad(named, "its manifest says null");
        return manifest.Refusal() is { } refusal ? throw Bad(named, refusal) : manifest;
    }

    private static async Task CopyAsync(TarEntry entry, BackupEntry listed, string target, string named, CancellationToken cancellationToken)
    {
        if (entry.Length != listed.Bytes) throw Bad(named, $"{listed.Path} has {entry.Length} bytes, and {listed.Bytes} were written down");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await using var to = BackupWrite.New(target);
        if (entry.DataStream is { } data) await data.CopyToAsync(to, cancellationToken);
        to.Flush(flushToDisk: true);
        to.Position = 0;
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(to, cancellationToken));
        if (digest != listed.Sha256) throw Bad(named, $"the digest of {listed.Path} is {digest}, and {listed.Sha256} was written down");
    }

    private static BackupException Bad(string named, string why) => new($"{named} is refused: {why}", "Choose another one; see: helix backup list");
}
