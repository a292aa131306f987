using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Helix.Core.Models;

/// <summary>The models that helix knows by name, in the order of preference. Only <see cref="Parse"/> makes one.</summary>
internal sealed class ModelCatalog
{
    private static readonly string[] s_licenses = ["Apache-2.0", "MIT"];

    private ModelCatalog(ImmutableArray<CatalogEntry> entries) => Entries = entries;

    public static ModelCatalog Empty { get; } = new([]);

    public ImmutableArray<CatalogEntry> Entries { get; }

    public CatalogEntry? Find(string id) => Entries.FirstOrDefault(entry => entry.Id == id);

    /// <summary>All that is wrong is told at once; then there is no catalogue.</summary>
    public static (ModelCatalog? Catalog, ImmutableArray<string> Errors) Parse(JsonNode? document)
    {
        CatalogFile? file;
        try
        {
            file = document.Deserialize(CatalogJson.Default.CatalogFile);
        }
        catch (JsonException wrong)
        {
            return (null, [$"{wrong.Path}: {wrong.Message}"]);
        }

        if (file is null) return (null, ["the catalogue is empty"]);
        var errors = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < file.Models.Count; i++)
            foreach (var error in Errors(file.Models[i]))
                errors.Add($"models[{i}] ({file.Models[i].Id}): {error}");
        foreach (var twice in file.Models.GroupBy(entry => entry.Id).Where(group => group.Count() > 1)) errors.Add($"{twice.Key} stands there twice");
        return errors.Count > 0 ? (null, errors.ToImmutable()) : (new ModelCatalog([.. file.Models]), []);
    }

    private static IEnumerable<string> Errors(CatalogEntry entry)
    {
        if (ModelId.Refusal(entry.Id) is { } refusal) yield return $"id: {refusal}";
        if (entry.Role is not ("chat" or "embedding" or "reranking")) yield return $"role: '{entry.Role}' is none of chat, embedding, reranking";
        if (!s_licenses.Contains(entry.License)) yield return $"license: '{entry.License}' is not one of {string.Join(", ", s_licenses)}";
        if (entry.Revision.Length != 40 || !entry.Revision.All(char.IsAsciiHexDigitLower)) yield return "revision: a commit of 40 hexadecimal digits is wanted";
        if (!ModelSource.IsDigest(entry.Sha256)) yield return "sha256: 64 hexadecimal digits are wanted";
        if (entry.Source is not ModelSource.Hub) yield return "repository, file: not a file on the hub";
        if (entry.Bytes <= 0) yield return "bytes: must be positive";
        if (entry.Context <= 0) yield return "context: must be positive";
        if (entry.NeedBytes < entry.Bytes) yield return "need_8k_gib: less than the file itself";
        if (entry.Billions <= 0 || entry.Active > entry.Billions) yield return "billions, active_billions: must be positive, and not more may be active than there are";
        if (entry.ChooseFromGib < entry.Need8kGib) yield return "choose_from_gib: less than need_8k_gib";
        foreach (var variant in entry.Variants ?? [])
        {
            if (variant.Format is not ("safetensors" or "mlx" or "exl3")) yield return $"variants: '{variant.Format}' is none of safetensors, mlx, exl3";
            if (ModelSource.Parse(variant.Source.ToString(), new("https://unused.invalid")) != variant.Source) yield return $"variants: '{variant.Source}' is no repository on the hub";
            if (variant.Sources.Length == 0) yield return "variants: nothing is written without a source";
        }

        if ((entry.Variants ?? []).GroupBy(variant => variant.Format).Any(group => group.Count() > 1)) yield return "variants: a format stands there twice";
        if (entry.Sources.Length == 0) yield return "sources: nothing is written without one";
    }
}
