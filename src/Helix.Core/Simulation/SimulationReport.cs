using System.Collections.Immutable;

namespace Helix.Core.Simulation;

/// <param name="Days">Simulated.</param>
/// <param name="Engines">Models that are asked for.</param>
/// <param name="WithFaults">False: a calm time, in which nothing goes wrong.</param>
internal sealed record SimulationSettings(ulong Seed, int Days, int Engines = 3, bool WithFaults = true);

/// <summary>What a simulated time brought.</summary>
/// <param name="Digest">Of every step: equal for the same seed, and for nothing else.</param>
/// <param name="Faults">That were brought in, by kind.</param>
/// <param name="Recoveries">From a fault to the next token, of every engine that was to run.</param>
/// <param name="Availability">Of the time in which engines were to run, the part in which they did.</param>
/// <param name="Runs">How often each automation was done.</param>
/// <param name="Looks">At engines that serve.</param>
/// <param name="Longest">The longest time in which an engine did not do what it was to; null where none was.</param>
/// <param name="Broken">What must always hold and did not; null where all held.</param>
/// <param name="Last">The last steps before that.</param>
internal sealed record SimulationReport(
    SimulationSettings Settings, ulong Digest, long Steps, ImmutableSortedDictionary<string, int> Faults, ImmutableArray<TimeSpan> Recoveries, double Availability,
    ImmutableSortedDictionary<string, int> Runs, long Looks, string? Longest, string? Broken, ImmutableArray<string> Last)
{
    public TimeSpan? Recovery(int percent) => Recoveries.IsEmpty ? null : Recoveries.Sort()[Math.Min(Recoveries.Length - 1, (int)Math.Ceiling(Recoveries.Length * percent / 100.0) - 1)];
}

/// <summary>Something that must always hold did not.</summary>
internal sealed class SimulationBroken(string what) : Exception(what);
