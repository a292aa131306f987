using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Helix.Install;

/// <summary>What has arrived of a download so far: the bytes, their running digest, and a note of whose bytes they are.</summary>
internal sealed class PartFile : IDisposable
{
    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly string _notePath;

    private PartFile(FileStream file, string notePath, PartNote? note) => (_file, _notePath, Note) = (file, notePath, note);

    public long Length => _file.Length;

    public PartNote? Note { get; private set; }

    public static string PathFor(string target) => target + ".part";

    /// <summary>Opens what is there, or begins anew. What belongs to another address or has no note is forgotten.</summary>
    /// <exception cref="IOException">The disk refuses, or somebody else fetches the same file.</exception>
    public static async Task<PartFile> OpenAsync(string target, string url, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var path = PathFor(target);
        var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.Asynchronous, BufferSize = 0 });
        var part = new PartFile(file, path + ".json", ReadNote(path + ".json"));
        if (part.Note?.Url != url) part.Restart();
        else await part.HashWhatIsThereAsync(cancellationToken);
        return part;
    }

    /// <summary>Writes down whose bytes follow, so that they can be continued after a crash.</summary>
    public void Remember(PartNote note)
    {
        if (note == Note) return;
        var fresh = _notePath + ".tmp";
        File.WriteAllBytes(fresh, JsonSerializer.SerializeToUtf8Bytes(note, PartJson.Default.PartNote));
        File.Move(fresh, _notePath, overwrite: true);
        Note = note;
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _file.WriteAsync(bytes, cancellationToken);
        _hash.AppendData(bytes.Span);
    }

    public void Restart()
    {
        _file.SetLength(0);
        _file.Position = 0;
        _hash.GetHashAndReset();
        File.Delete(_notePath);
        Note = null;
    }

    /// <summary>Digest of all bytes; afterwards nothing more can be written.</summary>
    public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <summary>Gives the whole file its name, once it is safely on the disk.</summary>
    public void Finish(string target)
    {
        _file.Flush(flushToDisk: true);
        File.Move(_file.Name, target, overwrite: true);
        File.Delete(_notePath);
    }

    public void Discard()
    {
        File.Delete(_file.Name);
        File.Delete(_notePath);
    }

    public void Dispose()
    {
        // nothing came: nothing is left to be continued
        if (_file.Length == 0 && Note is null) File.Delete(_file.Name);
        _file.Dispose();
        _hash.Dispose();
    }

    private async Task HashWhatIsThereAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 18];
        int read;
        while ((read = await _file.ReadAsync(buffer, cancellationToken)) > 0) _hash.AppendData(buffer.AsSpan(0, read));
    }

    private static PartNote? ReadNote(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), PartJson.Default.PartNote);
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <param name="Url">As asked for, before any redirect.</param>
/// <param name="ETag">Of the answer whose bytes these are; null if it had none that is strong.</param>
internal sealed record PartNote(string Url, string? ETag, long? Total);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PartNote))]
internal sealed partial class PartJson : JsonSerializerContext;
