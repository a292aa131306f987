using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Updates;

/// <summary>
/// Tells a provider's engines of the release in use from those of the one before. A snapshot names the new release as soon as it is in use, while the
/// engine of the old one still answers, finishes or ends under the same name: only its process tells them apart.
/// </summary>
internal static class SwitchedSeat
{
    /// <summary>Its processes now.</summary>
    public static ImmutableHashSet<int> Pids(FleetSnapshot fleet, string provider) => [.. fleet.Instances.Where(instance => instance.Provider == provider).Select(instance => instance.Pid).OfType<int>()];

    /// <summary>Names of its instances whose process is none of the old ones.</summary>
    /// <param name="version">That is in use now.</param>
    public static IEnumerable<string> Started(FleetSnapshot fleet, string provider, string version, ImmutableHashSet<int> old) =>
        !fleet.Providers.Any(each => each.Id == provider && each.Release?.Split('+')[0] == version) ? []
            : fleet.Instances.Where(instance => instance.Provider == provider && instance.Pid is { } pid && !old.Contains(pid)).Select(instance => instance.Name);

    /// <summary>Where a model is asked of the new release, and what for; null while that is not ready.</summary>
    public static (Backend Backend, ModelAbilities Abilities)? Of(FleetSnapshot fleet, string provider, string version, string model, ImmutableHashSet<int> old) =>
        fleet.Models.FirstOrDefault(served => served.Id == model) is { } found
        && found.Seats.FirstOrDefault(seat => seat.Provider == provider)?.Backend is { } backend
        && Started(fleet, provider, version, old).Contains(backend.Instance)
            ? (backend, found.Abilities)
            : null;
}
