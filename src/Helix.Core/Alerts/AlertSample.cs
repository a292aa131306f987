using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>What was measured at one moment.</summary>
/// <param name="Well">What holds now, by the names that end a family: see <see cref="AlertCauses.DiskIsEnough"/>.</param>
/// <param name="Instances">Names of all that the fleet knows; null while it does not know them yet.</param>
internal sealed record AlertSample(ImmutableArray<MeasuredValue> Values, ImmutableArray<Beat> Beats, ImmutableArray<string> Well, ImmutableHashSet<string>? Instances)
{
    public static AlertSample Nothing { get; } = new([], [], [], null);
}

/// <param name="Measure">Name of an <see cref="AlertMeasure"/>.</param>
/// <param name="Subject">Of what it was measured; null for the whole.</param>
/// <param name="Words">The same for a person, without a full stop.</param>
internal sealed record MeasuredValue(string Measure, string? Provider, string? Subject, double Value, string Words);

/// <param name="Signal">One of <see cref="AlertSignal"/>.</param>
/// <param name="Does">What it does, in words: <c>a backup</c>.</param>
/// <param name="IsOn">It should be done.</param>
/// <param name="Last">When it was begun last.</param>
internal sealed record Beat(string Signal, string Does, bool IsOn, DateTimeOffset Last, TimeSpan Interval);
