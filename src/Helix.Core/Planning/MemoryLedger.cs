using System.Collections.Immutable;

namespace Helix.Core.Planning;

/// <summary>A release with a model in a certain size: what is measured of one holds for another.</summary>
/// <param name="ModelBytes">Another file under the same name is another model.</param>
internal sealed record MeasuredSeat(string Provider, string Release, string Model, long ModelBytes, int ContextPerSlot, int Slots);

/// <summary>The most memory of the machine that seats were seen to take while they served.</summary>
internal sealed record MemoryLedger(ImmutableDictionary<MeasuredSeat, long> Peaks)
{
    /// <summary>Seats that are remembered; beyond that, those of the smallest models are forgotten: an estimate errs least there.</summary>
    public const int Most = 1000;

    /// <summary>What a measurement may have missed: a twentieth, and at least this.</summary>
    private const long LeastMargin = 16L << 20;

    public static MemoryLedger Empty { get; } = new(ImmutableDictionary<MeasuredSeat, long>.Empty);

    /// <returns>The same ledger where nothing new was learnt.</returns>
    public MemoryLedger With(MeasuredSeat seat, long bytes)
    {
        if (Peaks.TryGetValue(seat, out var known) && known >= bytes) return this;
        var peaks = Peaks.SetItem(seat, bytes);
        return new(peaks.Count <= Most ? peaks : peaks.Remove(peaks.Keys.Where(other => other != seat).MinBy(other => other.ModelBytes)!));
    }

    /// <summary>What is to be reserved for a seat: what it was seen to take and a margin, and never less than what its weights and its cache will fill in time.</summary>
    /// <param name="least">Of weights and cache.</param>
    /// <returns>Null where nothing was measured.</returns>
    public long? Of(MeasuredSeat seat, long least) =>
        Peaks.TryGetValue(seat, out var peak) ? Math.Max(least, peak + Math.Max(LeastMargin, peak / 20)) : null;
}
