using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>How a model's state and abilities are called on the wire.</summary>
internal static class ModelStates
{
    private static readonly (ModelAbilities Ability, string Word)[] s_abilities =
    [
        (ModelAbilities.Chat, "chat"), (ModelAbilities.Completion, "completion"), (ModelAbilities.Embeddings, "embeddings"),
        (ModelAbilities.Rerank, "rerank"), (ModelAbilities.Moderation, "moderation"),
        (ModelAbilities.Images, "images"), (ModelAbilities.ImageEdits, "image_edits"), (ModelAbilities.ImageVariations, "image_variations"),
        (ModelAbilities.Speech, "speech"), (ModelAbilities.Transcription, "transcription"), (ModelAbilities.Translation, "translation"),
    ];

    public static (string State, string? Detail) Words(ModelAvailability availability) => availability switch
    {
        ModelAvailability.Ready => ("ready", null),
        ModelAvailability.Asleep => ("asleep", null),
        ModelAvailability.Coming(var progress) => ("coming", progress),
        ModelAvailability.Failed failed => (failed.IsWished ? "off" : "failed", failed.Words),
        _ => throw new InvalidOperationException($"a new kind of availability: {availability}"),
    };

    /// <summary>Those that are known, not those that may be.</summary>
    public static IEnumerable<string> Abilities(ModelAbilities abilities) => s_abilities.Where(known => abilities.Certain().HasFlag(known.Ability)).Select(known => known.Word);
}
