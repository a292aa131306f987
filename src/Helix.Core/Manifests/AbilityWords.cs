using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Manifests;

/// <summary>How a manifest calls what an engine can be asked for.</summary>
internal static class AbilityWords
{
    /// <summary>In the order in which they are told.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        "chat", "completions", "embeddings", "rerank", "moderation", "images", "image_edits", "image_variations", "transcription", "translation", "speech",
        "tools", "json_schema", "vision", "tokenize", "prefix", "load_unload",
    ];

    /// <summary>Those that models are made for and that a launch line may depend on.</summary>
    public static ImmutableArray<string> OfModels { get; } = ["chat", "completions", "embeddings", "rerank"];

    /// <returns>None for a word that no request asks for by its path, and for null.</returns>
    public static ModelAbilities Of(string? word) => word switch
    {
        "chat" => ModelAbilities.Chat,
        "completions" => ModelAbilities.Completion,
        "embeddings" => ModelAbilities.Embeddings,
        "rerank" => ModelAbilities.Rerank,
        "moderation" => ModelAbilities.Moderation,
        "images" => ModelAbilities.Images,
        "image_edits" => ModelAbilities.ImageEdits,
        "image_variations" => ModelAbilities.ImageVariations,
        "transcription" => ModelAbilities.Transcription,
        "translation" => ModelAbilities.Translation,
        "speech" => ModelAbilities.Speech,
        "tools" => ModelAbilities.Tools,
        "json_schema" => ModelAbilities.JsonSchema,
        _ => ModelAbilities.None,
    };

    /// <summary>All of these together.</summary>
    public static ModelAbilities Of(IEnumerable<string> words) => words.Aggregate(ModelAbilities.None, (all, word) => all | Of(word));
}
