using Helix.Contracts;
using Helix.Core.Live;
using Helix.Gateway;

namespace Helix.Live;

/// <summary>What passes through the gateway at this moment.</summary>
internal sealed class TrafficSection(GatewayCounters counters, TimeProvider time) : ILiveSection
{
    private readonly GrowthRate _requests = new(time);
    private readonly GrowthRate _tokens = new(time);

    public string Name => "traffic";

    public int Every => 1;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        var requests = counters.Requests;
        reading.Add("now", new LiveTraffic(counters.InFlight, requests, counters.Errors, _requests.Next(requests), _tokens.Next(counters.Tokens)), LiveJson.Default.LiveTraffic);
        return ValueTask.CompletedTask;
    }
}
