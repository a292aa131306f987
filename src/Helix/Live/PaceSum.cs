using Helix.Contracts;
using Helix.Core.Telemetry;
using Helix.Telemetry;

namespace Helix.Live;

/// <summary>Times of streams, added up over models and minutes, and what half, 95 and 99 of a hundred of them stay below.</summary>
internal sealed class PaceSum
{
    private const double Second = 1000;

    private readonly long[] _firstTokens = new long[LatencyScale.Steps];
    private readonly long[] _pauses = new long[LatencyScale.Steps];
    private readonly long[] _perTokens = new long[LatencyScale.Steps];

    /// <summary>Nothing was added.</summary>
    public bool IsEmpty { get; private set; } = true;

    public LiveLatency? FirstTokenMs => Of(_firstTokens, static milliseconds => milliseconds);

    public LiveLatency? InterTokenMs => Of(_pauses, static milliseconds => milliseconds);

    /// <summary>Of whole streams: so fast were half, 95 and 99 of a hundred, or faster.</summary>
    public LiveLatency? TokensPerSecond => Of(_perTokens, static milliseconds => Second / milliseconds);

    public void Clear()
    {
        Array.Clear(_firstTokens);
        Array.Clear(_pauses);
        Array.Clear(_perTokens);
        IsEmpty = true;
    }

    /// <param name="minutes">The last ones, the one that runs included.</param>
    public void Add(StreamPace pace, int minutes)
    {
        pace.FirstTokens.AddTo(_firstTokens, minutes);
        pace.Pauses.AddTo(_pauses, minutes);
        pace.PerTokens.AddTo(_perTokens, minutes);
        IsEmpty &= _firstTokens.Sum() + _pauses.Sum() + _perTokens.Sum() == 0;
    }

    /// <param name="number">Of a minute, since the origin.</param>
    /// <returns>False where nothing was counted in it.</returns>
    public bool AddMinute(StreamPace pace, long number)
    {
        var isAny = pace.FirstTokens.AddMinuteTo(_firstTokens, number) | pace.Pauses.AddMinuteTo(_pauses, number) | pace.PerTokens.AddMinuteTo(_perTokens, number);
        IsEmpty &= !isAny;
        return isAny;
    }

    private static LiveLatency? Of(long[] counts, Func<double, double> unit) =>
        LatencyScale.Quantile(counts, 0.5) is { } half && LatencyScale.Quantile(counts, 0.95) is { } most && LatencyScale.Quantile(counts, 0.99) is { } slowest
            ? new(counts.Sum(), Math.Round(unit(half), 2), Math.Round(unit(most), 2), Math.Round(unit(slowest), 2))
            : null;
}
