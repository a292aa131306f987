using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Core.Models;

namespace Helix.Models;

/// <summary>Names a model that helix keeps. What is known of its contents is read from the file itself; the summary is for people.</summary>
/// <param name="Files">One, or all parts in their order; of a folder, all its files.</param>
/// <param name="Format">Of a folder; null for GGUF.</param>
internal sealed record LibraryManifest(int Version, string Id, IReadOnlyList<ManifestFile> Files, string Source, DateTimeOffset Added, string Summary,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Format = null)
{
    public const int CurrentVersion = 1;

    private const long MaxBytes = 1 << 20;
    private const int MaxFiles = 2 * FolderShape.MaxWeights;

    public static LibraryManifest Of(string id, IReadOnlyList<ManifestFile> files, string source, DateTimeOffset added, ModelFacts facts, ModelFormat format = ModelFormat.Gguf) => new(
        CurrentVersion, id, files, source, added, $"{facts.Architecture}, {facts.Parameters} parameters, {facts.Quantization}, context {facts.ContextTokens}",
        format == ModelFormat.Gguf ? null : format.Word());

    /// <summary>The model is a folder, whatever number of files it has.</summary>
    [JsonIgnore]
    public bool IsFolder => Format is not null;

    /// <summary>Path of the file that an engine is given.</summary>
    public string PathIn(LibraryFolder folder) => Files.Count == 1 ? folder.Blob(Files[0].Sha256) : Path.Combine(folder.Set(Id), Files[0].Name);

    public IEnumerable<(string Path, ManifestFile File)> PathsIn(LibraryFolder folder) =>
        Files.Select(file => (Files.Count == 1 && !IsFolder ? folder.Blob(file.Sha256) : Path.Combine(folder.Set(Id), file.Name), file));

    /// <summary>Nothing of it is there: the name waits for its weights.</summary>
    public bool IsAbsentFrom(LibraryFolder folder) => !Directory.Exists(folder.Set(Id)) && !PathsIn(folder).Any(pair => File.Exists(pair.Path));

    /// <exception cref="IOException">The disk refuses.</exception>
    public void Write(LibraryFolder folder)
    {
        var fresh = LibraryFolder.NewIn(folder.Manifests);
        using (var file = new FileStream(fresh, FileMode.CreateNew))
        {
            JsonSerializer.Serialize(file, this, ManifestJson.Default.LibraryManifest);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, folder.Manifest(Id), overwrite: true);
    }

    /// <returns>Either a manifest or what is wrong with the file.</returns>
    public static (LibraryManifest? Manifest, string? Problem) Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes) return (null, "it is too large to be one");
            var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), ManifestJson.Default.LibraryManifest);
            return manifest is null ? (null, "it says null") : manifest.Wrong(path) is { } wrong ? (null, wrong) : (manifest, null);
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException or UnauthorizedAccessException)
        {
            return (null, unreadable.Message);
        }
    }

    private string? Wrong(string path)
    {
        if (Version != CurrentVersion) return $"its version is {Version}, and this helix knows {CurrentVersion}";
        if (ModelId.Refusal(Id) is { } refusal) return refusal;
        if (Id != Path.GetFileNameWithoutExtension(path)) return $"it names {Id}";
        if (IsFolder && ModelFormats.Parse(Format!) is null or ModelFormat.Gguf) return $"its format is {Format}, which this helix does not know";
        if (Files.Count == 0 || Files.Count > (IsFolder ? MaxFiles : ShardName.MaxParts)) return $"it names {Files.Count} files";
        return Files.FirstOrDefault(file => !ModelSource.IsDigest(file.Sha256) || file.Bytes < (IsFolder ? 0 : 1) || !IsName(file.Name)) is { } bad
            ? $"its entry for '{bad.Name}' makes no sense"
            : null;
    }

    /// <summary>A file of the model, or in a folder of its own beside it; never anything outside.</summary>
    private bool IsName(string name) => name.Split('/') switch
    {
        [var file] => IsOneName(file),
        [var part, var file] => IsFolder && FolderShape.IsPart(part) && IsOneName(file),
        _ => false,
    };

    private static bool IsOneName(string name) => name.Length > 0 && name is not ("." or "..") && name == Path.GetFileName(name);
}

/// <param name="Name">The file's name where it came from, without any folder but those that a model has inside.</param>
internal sealed record ManifestFile(string Name, string Sha256, long Bytes);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LibraryManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
