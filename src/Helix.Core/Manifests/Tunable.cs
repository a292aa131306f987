using System.Collections.Immutable;

namespace Helix.Core.Manifests;

/// <summary>What may be changed of an engine, and how far; what the plan and a launch line say stays within it.</summary>
/// <param name="Knob">One of <see cref="Knobs"/>.</param>
/// <param name="Least">Null where there are choices.</param>
/// <param name="Step">Values are multiples of it.</param>
/// <param name="Choices">Empty where there is a range.</param>
/// <param name="Costs">restart, or nothing.</param>
internal sealed record Tunable(string Knob, int? Least, int? Most, int Step, ImmutableArray<string> Choices, string Costs)
{
    public const string Context = "context";
    public const string Slots = "slots";
    public const string Threads = "threads";
    public const string Batch = "batch";

    /// <summary>context, batch: tokens; memory_share: percent of a GPU's memory.</summary>
    public static ImmutableArray<string> Knobs { get; } = [Context, Slots, Threads, Batch, "gpu_layers", "memory_share", "kv_type"];

    /// <summary>The nearest value within the range.</summary>
    public int Within(int value) => Math.Clamp(value - (value % Step), Least ?? value, Most ?? int.MaxValue);
}

/// <summary>Which tunables an engine has.</summary>
internal static class Tunables
{
    public static Tunable? Of(this ImmutableArray<Tunable> tunes, string knob) => tunes.FirstOrDefault(each => each.Knob == knob);

    /// <summary>The nearest value within the range of a knob; the value itself where it has none.</summary>
    public static int Within(this ImmutableArray<Tunable> tunes, string knob, int value) => tunes.Of(knob)?.Within(value) ?? value;
}
