using Helix.Fleet;

namespace Helix.Gateway;

/// <summary>Waits for the fleet on behalf of one request, up to its deadline; a stream hears signs of life meanwhile.</summary>
internal sealed class ModelWait(IFleetView fleet, TimeProvider time, TimeSpan deadline)
{
    private static readonly TimeSpan s_firstSign = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_signEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(200);

    private readonly long _began = time.GetTimestamp();
    private TimeSpan? _nextSign;

    /// <summary>Returns once the fleet has changed since <paramref name="version"/>.</summary>
    /// <param name="progress">What is waited for, in one short sentence.</param>
    public Task<WaitEnd> UntilChangedAsync(Exchange exchange, long version, string progress) => UntilAsync(exchange, over => fleet.ChangedAsync(version, over), progress, deadline);

    /// <summary>Returns once there is a place, or may be. What waits for one is answered to its end even where another daemon follows the fleet.</summary>
    public Task<WaitEnd> ForPlaceAsync(Exchange exchange, Task place, string progress)
    {
        var version = fleet.Current.Version;
        return UntilAsync(exchange, over => Task.WhenAny(place, fleet.ChangedAsync(version, over)), progress, deadline, endsWithFleet: false);
    }

    /// <summary>How long it waits in all.</summary>
    public TimeSpan Deadline => deadline;

    /// <summary>How long it waits still.</summary>
    public TimeSpan Left => deadline - Elapsed();

    /// <summary>The same, but returns after a short while too: the fleet may not have noticed yet what the gateway has.</summary>
    public Task<WaitEnd> BreathAsync(Exchange exchange, long version, string progress) =>
        UntilAsync(exchange, over => fleet.ChangedAsync(version, over), progress, time.GetElapsedTime(_began) + s_breath);

    private async Task<WaitEnd> UntilAsync(Exchange exchange, Func<CancellationToken, Task> change, string progress, TimeSpan until, bool endsWithFleet = true)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(exchange.ClientLeft);
        var changed = change(over.Token);
        try
        {
            for (var now = Elapsed(); now < deadline; now = Elapsed())
            {
                if (changed.IsCompleted)
                {
                    await changed;
                    return WaitEnd.Changed;
                }

                if (endsWithFleet && fleet.Left.IsCompleted) return WaitEnd.Leaving;
                if (now >= until) return WaitEnd.Changed;
                await SignAsync(exchange, now, progress);
                var next = exchange.Facts.Stream && _nextSign < until ? _nextSign.Value : until;
                await Task.WhenAny(changed, endsWithFleet ? fleet.Left : changed, Task.Delay((next < deadline ? next : deadline) - now, time, over.Token));
                exchange.ClientLeft.ThrowIfCancellationRequested();
            }

            return WaitEnd.TooLate;
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    private TimeSpan Elapsed() => time.GetElapsedTime(_began);

    private async ValueTask SignAsync(Exchange exchange, TimeSpan now, string progress)
    {
        _nextSign ??= now + s_firstSign;
        if (!exchange.Facts.Stream || now < _nextSign) return;
        _nextSign = now + s_signEvery;
        await exchange.SignOfLifeAsync($"waiting: {progress}");
    }
}

internal enum WaitEnd
{
    /// <summary>The fleet is not what it was: look again.</summary>
    Changed,

    /// <summary>The deadline has come.</summary>
    TooLate,

    /// <summary>This daemon no longer follows the fleet; its successor does.</summary>
    Leaving,
}
