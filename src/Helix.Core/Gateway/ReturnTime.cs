using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>When a request that is refused now may be sent again: from what is known, never a number for its own sake.</summary>
internal static class ReturnTime
{
    /// <summary>Nobody is sent away for longer: what is known so far ahead is not known well.</summary>
    public const int MostSeconds = 120;

    /// <summary>Seconds until then, at least one.</summary>
    public static int Until(DateTimeOffset moment, DateTimeOffset now) => Whole(moment - now);

    /// <summary>Seconds until a model that did not become ready in time may be.</summary>
    /// <param name="instance">That is to serve it; null while it has no place.</param>
    /// <param name="places">For each engine that answers now, how long it is until one of its answers ends.</param>
    /// <param name="waited">How long the request has waited.</param>
    public static int UntilReady(InstanceStatus? instance, IEnumerable<TimeSpan> places, TimeSpan waited, DateTimeOffset now)
    {
        var start = instance?.TookToStart ?? TimeSpan.Zero;
        if (instance?.NextStart is { } next) return Whole(next - now + start);
        if (instance is { State: ProviderState.Starting or ProviderState.Recovering, Pid: not null })
        {
            // of what was never seen to start, nothing is known but that it has taken this long already: as long again
            var since = now - instance.Since;
            return Whole(start > since ? start - since : since);
        }

        var soonest = places.DefaultIfEmpty(waited).Min();
        return Whole(soonest + start);
    }

    /// <summary>Seconds, at least one.</summary>
    public static int Whole(TimeSpan time) => (int)Math.Ceiling(Math.Clamp(time.TotalSeconds, 1, MostSeconds));
}
