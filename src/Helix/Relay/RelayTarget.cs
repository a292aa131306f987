using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Fleet;

namespace Helix.Relay;

/// <summary>A model at a provider, whose web interface is shown.</summary>
internal sealed record RelayTarget(string Provider, string Model, OwnInterface Interface)
{
    /// <summary>Where the interface is, of an engine that is ready.</summary>
    public string EndpointOf(Backend backend, Func<string, EngineGrant> grantOf) =>
        Interface.Port is not { } port ? backend.Endpoint
        : backend.Endpoint.StartsWith('/') ? EngineEndpoint.SocketOfPort(backend.Endpoint, port)
        : EngineEndpoint.OnPort(grantOf(backend.Instance).Ports[port - 1]);

    /// <summary>Where it is at this moment; null while it is not ready.</summary>
    public Backend? In(FleetSnapshot fleet) => SeatIn(fleet)?.Backend;

    public ServedSeat? SeatIn(FleetSnapshot fleet) => fleet.Models.FirstOrDefault(model => model.Id == Model)?.Seats.FirstOrDefault(seat => seat.Provider == Provider);

    /// <summary>The model to be shown: the one that was named, else one that is ready, else the first.</summary>
    /// <returns>Null if there is none at this provider.</returns>
    public static string? ModelAt(IFleetView fleet, string provider, string? named) => fleet.Current.Models
        .Where(model => named is null || model.Id == named)
        .Select(model => (Model: model, Seat: model.Seats.FirstOrDefault(seat => seat.Provider == provider)))
        .Where(pair => pair.Seat is not null)
        .OrderBy(pair => pair.Seat!.Backend is null).ThenBy(pair => pair.Model.IsSelfTest)
        .Select(pair => pair.Model.Id).FirstOrDefault();
}
