using Helix.Core.Fleet;

namespace Helix.Fleet;

/// <summary>What readers see of the fleet. Reading takes no lock and never asks a supervisor.</summary>
internal interface IFleetView
{
    FleetSnapshot Current { get; }

    /// <summary>Completes when <see cref="Current"/> has a version above <paramref name="version"/>; at once if it has already.</summary>
    Task ChangedAsync(long version, CancellationToken cancellationToken);

    /// <summary>Completes when this daemon stops following the fleet: <see cref="Current"/> stays as it is for good.</summary>
    Task Left { get; }

    /// <summary>Notes that somebody wants this model served. Returns at once; what comes of it shows in a later snapshot.</summary>
    /// <param name="provider">By whom; null for whoever serves it.</param>
    void Want(string model, string? provider = null);
}

/// <summary>What can be made of what a view of the fleet offers.</summary>
internal static class FleetWaits
{
    /// <summary>As <see cref="IFleetView.ChangedAsync"/>, and completes after some time all the same.</summary>
    /// <param name="most">The longest wait; none where it is not positive.</param>
    public static async Task ChangedAsync(this IFleetView fleet, long version, TimeSpan most, TimeProvider time, CancellationToken cancellationToken)
    {
        if (most <= TimeSpan.Zero) return;
        using var late = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await fleet.ChangedAsync(version, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // it is time
        }
    }
}
