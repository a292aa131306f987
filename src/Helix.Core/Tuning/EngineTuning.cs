using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Manifests;

namespace Helix.Core.Tuning;

/// <summary>What was changed of an engine with a model because it was measured to be better: a value for each knob (<see cref="Tunable.Knobs"/>) that is not as the plan makes it.</summary>
internal sealed class EngineTuning : IEquatable<EngineTuning>
{
    private EngineTuning(ImmutableSortedDictionary<string, string> values) => Values = values;

    public static EngineTuning None { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    public ImmutableSortedDictionary<string, string> Values { get; }

    public bool IsNone => Values.IsEmpty;

    /// <summary><c>slots 8, threads 3</c>.</summary>
    public string Words => IsNone ? "as planned" : string.Join(", ", Values.Select(value => $"{value.Key} {value.Value}"));

    public EngineTuning With(string knob, string value) => new(Values.SetItem(knob, value));

    public string? Text(string knob) => Values.GetValueOrDefault(knob);

    /// <returns>Null where the knob was not changed, or is no number.</returns>
    public int? Number(string knob) => int.TryParse(Text(knob), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public bool Equals(EngineTuning? other) => other is not null && Values.SequenceEqual(other.Values);

    public override bool Equals(object? obj) => Equals(obj as EngineTuning);

    public override int GetHashCode() => Values.Aggregate(0, (hash, value) => HashCode.Combine(hash, value.Key, value.Value));
}
