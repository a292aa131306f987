using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Helix.Core.Fleet;

/// <summary>One step of an instance's life: all that it was decided from, and what came out. The same comes out again.</summary>
internal sealed record LifeDecision(Life Before, Happening Happening, LifecyclePolicy Policy, DateTimeOffset Now, double Roll, Life After, ImmutableArray<string> Effects)
{
    public static LifeDecision Of(Life before, Happening happening, LifecyclePolicy policy, Moment moment, Step step) =>
        new(before, happening, policy, moment.Now, moment.Roll, step.Life, [.. step.Effects.Select(effect => effect.ToString())]);

    /// <summary>Decides it again.</summary>
    /// <returns>What comes out now; equal to this where nothing changed in how helix decides.</returns>
    public LifeDecision Again() => Of(Before, Happening, Policy, new Moment(Now, Roll), Lifecycle.Next(Before, Happening, Policy, new Moment(Now, Roll)));

    public bool IsSameAs(LifeDecision other) => After == other.After && Effects.SequenceEqual(other.Effects);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(LifeDecision))]
internal sealed partial class LifeDecisionJson : JsonSerializerContext;
