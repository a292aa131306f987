using Helix.Core.Fleet;
using Helix.Core.Telemetry;
using Helix.Fleet;
using Helix.Gateway;

namespace Helix.Telemetry;

/// <summary>Every metric that is read when somebody asks. The names are documented and kept stable.</summary>
internal sealed class Readings
{
    private static readonly Labels s_build = Labels.Of(("version", Daemon.DaemonVerb.Version));

    private static readonly (ProviderState State, Labels Labels)[] s_states =
        [.. Enum.GetValues<ProviderState>().Select(state => (state, Labels.Of(("state", state.ToString().ToLowerInvariant()))))];

    private readonly IFleetView _fleet;
    private readonly Admission _admission;

    public Readings(RequestMetrics requests, IFleetView fleet, Admission admission, GatewayCounters counters, ShadowScores shadows)
    {
        (_fleet, _admission) = (fleet, admission);
        All =
        [
            Single("helix.build.info", "", "Always 1; its labels say which helix this is.", s_build, () => 1),
            Single("helix.uptime", "s", "Since the daemon began, and with it every count here.", Labels.None, () => counters.Now.TotalSeconds),
            Single("helix.requests.in_flight", "{request}", "Requests to models that have come and not yet ended, wherever they are.", Labels.None, () => counters.InFlight),
            new("helix.model.requests.running", "{request}", MetricKind.Gauge, "Requests that the engines of a model work on.", put => PutLoads(put, load => load.Running)),
            new("helix.model.requests.waiting", "{request}", MetricKind.Gauge, "Requests that wait for a place before the engines of a model.", put => PutLoads(put, load => load.Waiting)),
            new("helix.instance.state", "", MetricKind.Gauge, "1 for the state that an engine's process is in, 0 for every other state.", PutStates),
            .. requests.Readings,
            .. shadows.Readings,
        ];
    }

    public IReadOnlyList<Reading> All { get; }

    private static Reading Single(string name, string unit, string help, Labels labels, Func<double> value) =>
        new(name, unit, MetricKind.Gauge, help, put => put(labels, Labels.None, value())) { Most = 1 };

    private void PutLoads(PutSample put, Func<(int Running, int Waiting), int> value)
    {
        foreach (var model in _fleet.Current.Models) put(Labels.Of(("model", model.Id)), Labels.None, value(_admission.Load(model.Id)));
    }

    private void PutStates(PutSample put)
    {
        foreach (var instance in _fleet.Current.Instances)
        {
            var labels = Labels.Of(("instance", instance.Name), ("provider", instance.Provider), ("model", instance.Model));
            foreach (var (state, word) in s_states) put(labels, word, instance.State == state ? 1 : 0);
        }
    }
}
