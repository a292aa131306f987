using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Fleet;

namespace Helix.Core.Simulation;

/// <summary>What a simulation did: its last steps in words, all of them as one number.</summary>
internal sealed class SimulationTrace
{
    private const int Kept = 40;

    private readonly (TimeSpan At, int Engine, Happening Happening, Life Life)[] _last = new (TimeSpan, int, Happening, Life)[Kept];
    private readonly SortedDictionary<string, int> _faults = new(StringComparer.Ordinal);
    private readonly List<TimeSpan> _recoveries = [];
    private ulong _digest = 0xCBF29CE484222325;
    private TimeSpan _longestTook;
    private string? _longest;
    private long _steps;

    public long Looks { get; set; }

    public void Step(TimeSpan at, int engine, Happening happening, Life life)
    {
        _last[_steps++ % Kept] = (at, engine, happening, life);
        Mix(at.Ticks);
        Mix(engine);
        Mix((int)life.Phase * 1000L + life.Generation);
    }

    public void Fault(string kind) => _faults[kind] = _faults.GetValueOrDefault(kind) + 1;

    /// <param name="fault">What was the matter, as it was told last.</param>
    public void Recovered(TimeSpan at, string who, TimeSpan took, string? fault)
    {
        _recoveries.Add(took);
        if (took > _longestTook) (_longestTook, _longest) = (took, string.Create(CultureInfo.InvariantCulture, $"{who} was down for {took} until {at}: {fault}"));
    }

    public SimulationReport Report(SimulationSettings settings, string? broken, ImmutableSortedDictionary<string, int> runs, double up, double down, string[] names) => new(
        settings, _digest, _steps, _faults.ToImmutableSortedDictionary(StringComparer.Ordinal), [.. _recoveries], up + down > 0 ? up / (up + down) : 1, runs, Looks, _longest, broken,
        broken is null ? [] : [.. Enumerable.Range(0, (int)Math.Min(Kept, _steps)).Select(back => _last[(_steps - Math.Min(Kept, _steps) + back) % Kept]).Select(step => string.Create(CultureInfo.InvariantCulture, $"{step.At} {names[step.Engine]} {step.Happening} → {step.Life.Phase}, generation {step.Life.Generation}: {step.Life.Reason}"))]);

    /// <summary>FNV-1a.</summary>
    private void Mix(long value)
    {
        for (var shift = 0; shift < 64; shift += 16) _digest = (_digest ^ ((ulong)(value >> shift) & 0xFFFF)) * 0x100000001B3;
    }
}
