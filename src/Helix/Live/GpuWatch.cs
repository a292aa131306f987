using Helix.Core.Hardware;

namespace Helix.Live;

/// <param name="Number">Grows with each answer; 0 before the first.</param>
internal sealed record GpuAnswer(long Number, IReadOnlyList<GpuLoad> Loads);

/// <summary>What the GPUs do. Asking takes a moment and may wake a card that sleeps: they are asked by one at a time, and no more often than somebody wants to know.</summary>
/// <param name="ask">May take seconds.</param>
internal sealed class GpuWatch(Func<CancellationToken, Task<IReadOnlyList<GpuLoad>>> ask, TimeProvider time)
{
    private readonly Lock _asking = new(); // what dashboards show and what is kept of each minute both ask
    private Task<IReadOnlyList<GpuLoad>>? _asked;
    private GpuAnswer _last = new(0, []);
    private long? _askedAt;

    /// <summary>The last answer. Where it was asked for longer ago than <paramref name="age"/> they are asked anew, and nobody waits for it.</summary>
    public GpuAnswer Newest(TimeSpan age, CancellationToken cancellationToken)
    {
        lock (_asking)
        {
            Take();
            if (_asked is null && (_askedAt is not { } at || time.GetElapsedTime(at) >= age))
            {
                (_askedAt, _asked) = (time.GetTimestamp(), ask(cancellationToken));
                // who answers at once is heard at once
                Take();
            }

            return _last;
        }
    }

    private void Take()
    {
        if (_asked is not { IsCompleted: true } asked) return;
        _asked = null;
        if (asked.IsCompletedSuccessfully) _last = new(_last.Number + 1, asked.Result);
    }
}
