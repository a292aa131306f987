using System.Collections.Immutable;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Core.Backup;
using Helix.Install;
using Helix.Storage;

namespace Helix.Backup;

/// <summary>Makes the file. What is backed up may change meanwhile: each thing is copied first, and its digest is that of the copy.</summary>
/// <param name="copyDatabase">Writes what the database holds into a new file.</param>
internal sealed class BackupWrite(HelixHome home, BackupContents contents, Func<string, CancellationToken, Task> copyDatabase, string version, TimeProvider time)
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="target">There is no such file yet; only its owner can read it.</param>
    /// <param name="work">An empty folder on the same disk.</param>
    /// <exception cref="BackupException">It cannot be made.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task<BackupManifest> WriteAsync(string target, string reason, string work, CancellationToken cancellationToken)
    {
        if (FreeSpace.Refusal(work, 3 * contents.Files().Sum(file => FileTree.LengthOf(file.Source)) + 3 * FileTree.LengthOf(home.Database)) is { } full)
            throw new BackupException(full.Reason, full.Remedy, "no_space");
        var (copies, entries) = (new List<string>(), ImmutableArray.CreateBuilder<BackupEntry>());
        foreach (var file in contents.Files())
        {
            var copy = Path.Combine(work, $"{copies.Count}");
            if (!await TryCopyAsync(file.Source, copy, cancellationToken)) continue;
            await AddAsync(file.Path, copy);
        }

        if (File.Exists(home.Database))
        {
            var copy = Path.Combine(work, "database");
            await copyDatabase(copy, cancellationToken);
            await AddAsync(contents.Named(home.Database), copy);
        }

        var manifest = new BackupManifest(BackupManifest.CurrentFormat, version, Environment.MachineName, time.GetUtcNow(), reason, entries.ToImmutable(), contents.Releases(), contents.Models());
        if (entries.Count == 0) throw new BackupException($"there is nothing in {home.Root} to back up", "Start helix first, or set HELIX_HOME to the home that is meant.", "not_found");
        if (manifest.Refusal() is { } refusal) throw new BackupException($"what is to be backed up cannot be: {refusal}", "Rename it, and try again.");
        await PackAsync(target, manifest, copies, cancellationToken);
        return manifest;

        async Task AddAsync(string path, string copy)
        {
            await using var stream = File.OpenRead(copy);
            entries.Add(new(path, stream.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken))));
            copies.Add(copy);
        }
    }

    /// <returns>False where it went meanwhile.</returns>
    private static async Task<bool> TryCopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        try
        {
            await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using var copy = New(to);
            await source.CopyToAsync(copy, cancellationToken);
            return true;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static async Task PackAsync(string target, BackupManifest manifest, List<string> copies, CancellationToken cancellationToken)
    {
        await using var file = New(target);
        BackupSeal.Begin(file);
        await using (var zipped = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
        await using (var tar = new TarWriter(zipped, TarEntryFormat.Pax))
        {
            using var head = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, BackupJson.Default.BackupManifest));
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.Name) { DataStream = head, Mode = OwnerOnly, ModificationTime = manifest.At }, cancellationToken);
            foreach (var (entry, copy) in manifest.Files.Zip(copies))
            {
                await using var content = File.OpenRead(copy);
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.Home + entry.Path) { DataStream = content, Mode = OwnerOnly, ModificationTime = manifest.At }, cancellationToken);
            }
        }

        await BackupSeal.CloseAsync(file, cancellationToken);
        file.Flush(flushToDisk: true);
    }

    public static FileStream New(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupManifest))]
[JsonSerializable(typeof(RestoreNote))]
internal sealed partial class BackupJson : JsonSerializerContext;
