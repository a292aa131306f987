using System.Text.Json.Serialization;

namespace Helix.Core.Models;

/// <summary>One model of <c>models/catalog.yaml</c>.</summary>
/// <param name="Role">chat, embedding or reranking.</param>
/// <param name="Billions">Parameters, in billions.</param>
/// <param name="Need8kGib">Memory for one conversation of 8192 tokens.</param>
/// <param name="Sources">In words: who states this.</param>
/// <param name="ActiveBillions">Parameters that work on one token, where that is fewer than all.</param>
/// <param name="Variants">The same model as other engines want it.</param>
/// <param name="Layers">0 where no source states them.</param>
/// <param name="ChooseFromGib">Smallest memory budget at which helix takes it unasked; null: only when asked for.</param>
internal sealed record CatalogEntry(
    string Id,
    string Role,
    string License,
    string Repository,
    string Revision,
    string File,
    long Bytes,
    string Sha256,
    double Billions,
    int Context,
    [property: JsonPropertyName("need_8k_gib")] double Need8kGib,
    string Sources,
    double? ActiveBillions = null,
    double? ChooseFromGib = null,
    IReadOnlyList<CatalogVariant>? Variants = null,
    int Layers = 0)
{
    [JsonIgnore]
    public long NeedBytes => (long)(Need8kGib * (1L << 30));

    /// <summary>What one conversation of 8192 tokens takes beside the file and the engine.</summary>
    [JsonIgnore]
    public long CacheBytes => Math.Max(0, NeedBytes - Bytes - (1L << 29));

    [JsonIgnore]
    public double Active => ActiveBillions ?? Billions;

    [JsonIgnore]
    public ModelSource Source => ModelSource.Parse($"hf:{Repository}/{File}@{Revision}#sha256={Sha256}", new Uri("https://unused.invalid"));
}

/// <summary>A model in many files: all of a repository on the hub, which declares their digests.</summary>
/// <param name="Format">safetensors, mlx or exl3.</param>
/// <param name="Revision">A branch: makers of EXL3 keep one for each size.</param>
/// <param name="Bytes">As a source states it; null where none does.</param>
internal sealed record CatalogVariant(string Format, string Repository, string Sources, string Revision = "main", long? Bytes = null)
{
    [JsonIgnore]
    public ModelSource.HubFolder Source => new(Repository, Revision);
}

/// <summary>The catalogue as written.</summary>
internal sealed record CatalogFile(IReadOnlyList<CatalogEntry> Models);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CatalogFile))]
internal sealed partial class CatalogJson : JsonSerializerContext;
