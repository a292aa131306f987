using Helix.Gateway;

namespace Helix.Fleet;

/// <summary>Health's fourth step as the gateway sees it: tokens that passed on their way to a client.</summary>
internal sealed class GatewayTokens(GatewayCounters counters, TimeProvider time) : ITokenWatch
{
    public TokenSigns Of(string instance)
    {
        var traffic = counters.Of(instance);
        var now = time.GetUtcNow();
        return new(traffic.InFlight, now - traffic.SinceOutput, now - traffic.SinceBusy);
    }
}
