using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>How a model's state and abilities are called on the wire.</summary>
internal static class ModelStates
{
    public static (string State, string? Detail) Words(ModelAvailability availability) => availability switch
    {
        ModelAvailability.Ready => ("ready", null),
        ModelAvailability.Asleep => ("asleep", null),
        ModelAvailability.Coming(var progress) => ("coming", progress),
        ModelAvailability.Failed failed => (failed.IsWished ? "off" : "failed", failed.Words),
        _ => throw new InvalidOperationException($"a new kind of availability: {availability}"),
    };

    public static IEnumerable<string> Abilities(ModelAbilities abilities)
    {
        if (abilities.HasFlag(ModelAbilities.Chat)) yield return "chat";
        if (abilities.HasFlag(ModelAbilities.Completion)) yield return "completion";
        if (abilities.HasFlag(ModelAbilities.Embeddings)) yield return "embeddings";
    }
}
