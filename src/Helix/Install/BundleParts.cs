using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Core.Install;

namespace Helix.Install;

/// <summary>A bundle cannot be made or applied; the message says why, and nothing was placed.</summary>
internal sealed class BundleException(string message, string remedy) : Exception(message)
{
    public string Remedy { get; } = remedy;

    /// <summary>What was named is not there.</summary>
    public bool IsMissing { get; init; }
}

/// <summary>A bundle as a file: a tar of its manifest and its parts.</summary>
internal static class BundleParts
{
    private const int LargestManifest = 8 << 20;
    private const string Anew = "Make it again: helix bundle create FILE";

    /// <summary>Reads all of it: what it holds is exactly what its manifest lists, byte for byte.</summary>
    /// <exception cref="BundleException">It is not.</exception>
    public static async Task<BundleManifest> VerifyAsync(string file, string os, string architecture, CancellationToken cancellationToken)
    {
        BundleManifest? manifest = null;
        var missing = new Dictionary<string, BundlePart>(StringComparer.Ordinal);
        await ReadAsync(file, async entry =>
        {
            if (manifest is null)
            {
                manifest = await ManifestAsync(entry, cancellationToken);
                if (manifest.Refusal(os, architecture) is { } refusal) throw new BundleException($"{file} cannot be applied: {refusal}", "Make a bundle on a machine like this one, with the same helix.");
                foreach (var part in manifest.Parts) missing.Add(part.Name, part);
                return true;
            }

            if (!missing.Remove(entry.Name, out var listed)) throw Bad(file, $"it holds {entry.Name}, which its manifest does not list, or lists once");
            await CopyAsync(file, entry, listed, Stream.Null, cancellationToken);
            return true;
        }, cancellationToken);
        if (manifest is null) throw Bad(file, "it is empty");
        return missing.Count == 0 ? manifest : throw Bad(file, $"{missing.Keys.First()} is not in it");
    }

    /// <summary>Writes one part to a file, and checks it once more: the bundle may have changed meanwhile.</summary>
    public static async Task ExtractAsync(string file, BundlePart part, string target, CancellationToken cancellationToken)
    {
        var found = false;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await ReadAsync(file, async entry =>
        {
            if (entry.Name != part.Name) return true;
            found = true;
            await using var to = new FileStream(target, FileMode.Create, FileAccess.Write);
            await CopyAsync(file, entry, part, to, cancellationToken);
            return false;
        }, cancellationToken);
        if (!found) throw Bad(file, $"{part.Name} is not in it any more");
    }

    public static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    private static async Task ReadAsync(string file, Func<TarEntry, Task<bool>> take, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Options = FileOptions.Asynchronous });
            await using var tar = new TarReader(stream, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) throw Bad(file, $"{entry.Name} is no file");
                if (!await take(entry)) return;
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException or JsonException or ArgumentException)
        {
            throw Bad(file, $"it is not whole, or no bundle that helix made ({broken.Message.TrimEnd('.')})");
        }
    }

    private static async Task<BundleManifest> ManifestAsync(TarEntry entry, CancellationToken cancellationToken) =>
        entry is { Name: BundleManifest.Name, Length: <= LargestManifest, DataStream: { } data }
            ? await JsonSerializer.DeserializeAsync(data, BundleJson.Default.BundleManifest, cancellationToken) ?? throw new InvalidDataException("its manifest says null")
            : throw new InvalidDataException($"it does not begin with {BundleManifest.Name}");

    private static async Task CopyAsync(string file, TarEntry entry, BundlePart listed, Stream to, CancellationToken cancellationToken)
    {
        if (entry.Length != listed.Bytes) throw Bad(file, $"{entry.Name} has {entry.Length} bytes, and {listed.Bytes} were written down");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 18];
        while (entry.DataStream is { } data && await data.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (digest != listed.Sha256) throw Bad(file, $"the digest of {entry.Name} is {digest}, and {listed.Sha256} was written down: it was damaged or changed");
    }

    private static BundleException Bad(string file, string why) => new($"{file} is refused: {why}", Anew);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BundleManifest))]
internal sealed partial class BundleJson : JsonSerializerContext;
