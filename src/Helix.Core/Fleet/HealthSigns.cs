using System.Collections.Immutable;

namespace Helix.Core.Fleet;

/// <summary>How one of the four steps stands in which health is believed.</summary>
internal enum HealthSign
{
    /// <summary>Not believed: an earlier step is bad, or nothing runs.</summary>
    Unknown,
    Ok,

    /// <summary>It is on its way there.</summary>
    Waiting,
    Bad,
}

/// <summary>The four steps of an instance's health as users see them, from its life.</summary>
internal static class HealthSigns
{
    /// <summary>That an engine takes connections and that it answers are one step to a user.</summary>
    public static ImmutableArray<string> Steps { get; } = ["process", "endpoint", "identity", "token"];

    public static ImmutableArray<HealthSign> None { get; } = [HealthSign.Unknown, HealthSign.Unknown, HealthSign.Unknown, HealthSign.Unknown];

    public static ImmutableArray<HealthSign> Of(Life life) => life.Phase switch
    {
        Phase.Ready => [HealthSign.Ok, HealthSign.Ok, HealthSign.Ok, HealthSign.Ok],
        Phase.Starting => At(PlaceOf(life.Start.Step), HealthSign.Waiting),
        Phase.Degraded or Phase.Stopping when life.UnwellAt is { } step => At(PlaceOf(step), HealthSign.Bad),
        Phase.Waiting => [HealthSign.Bad, HealthSign.Unknown, HealthSign.Unknown, HealthSign.Unknown],
        _ => None,
    };

    private static ImmutableArray<HealthSign> At(int place, HealthSign sign) => [.. Enumerable.Range(0, Steps.Length).Select(step => step < place ? HealthSign.Ok : step == place ? sign : HealthSign.Unknown)];

    private static int PlaceOf(HealthStep step) => step switch
    {
        HealthStep.Process => 0,
        HealthStep.Listen or HealthStep.Endpoint => 1,
        HealthStep.Identity => 2,
        _ => 3,
    };
}

/// <summary>The same, as a value that equals another one of the same signs.</summary>
/// <param name="Signs">One for each of <see cref="HealthSigns.Steps"/>.</param>
internal sealed record HealthView(ImmutableArray<HealthSign> Signs)
{
    public static HealthView None { get; } = new(HealthSigns.None);

    public bool Equals(HealthView? other) => other is not null && Signs.SequenceEqual(other.Signs);

    public override int GetHashCode() => Signs.Aggregate(0, (hash, sign) => hash * 4 + (int)sign);
}
