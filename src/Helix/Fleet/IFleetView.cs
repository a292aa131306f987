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
