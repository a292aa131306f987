using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Live;
using Helix.Fleet;
using Helix.Gateway;

namespace Helix.Live;

/// <summary>What each provider takes of the machine, and what it is asked.</summary>
internal sealed class FigureSection(IFleetView fleet, GatewayCounters counters, EngineProcessors processors, TimeProvider time) : ILiveSection
{
    private readonly Dictionary<string, GrowthRate> _tokens = new(StringComparer.Ordinal);

    public string Name => "figures";

    public int Every => 1;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        var now = fleet.Current;
        var running = now.Instances.Where(instance => instance.Pid is not null).ToLookup(instance => instance.Provider, StringComparer.Ordinal);
        var busy = processors.Busy([.. running.SelectMany(instances => instances).Select(instance => instance.Pid!.Value)]);
        var names = NamesIn(now).Distinct().ToLookup(each => each.Provider, each => each.Instance, StringComparer.Ordinal);
        foreach (var provider in now.Providers)
        {
            var (own, traffic) = (running[provider.Id].ToArray(), names[provider.Id].Select(counters.Find).OfType<InstanceTraffic>().ToArray());
            if (own.Length == 0 && traffic.All(its => its.Requests == 0)) continue;
            double?[] cores = [.. own.Select(instance => busy[instance.Pid!.Value])];
            var memory = own.Sum(instance => instance.MeasuredBytes);
            if (!_tokens.TryGetValue(provider.Id, out var rate)) _tokens[provider.Id] = rate = new GrowthRate(time);
            reading.Add(
                provider.Id,
                new LiveFigures(
                    cores.All(core => core is null) ? null : cores.Sum(), memory > 0 ? memory : null, traffic.Sum(its => its.InFlight), traffic.Sum(its => its.Requests), traffic.Sum(its => its.Faults),
                    rate.Next(traffic.Sum(its => its.Tokens))),
                LiveJson.Default.LiveFigures);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Of whoever can be asked, under which name he is counted.</summary>
    private static IEnumerable<(string Provider, string Instance)> NamesIn(FleetSnapshot now) =>
        now.Instances.Select(instance => (instance.Provider, instance.Name))
            .Concat(now.Models.SelectMany(model => model.Seats).Select(seat => seat.Backend).OfType<Backend>().Select(backend => (backend.Provider, backend.Instance)));
}
