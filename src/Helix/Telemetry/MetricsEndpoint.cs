using Helix.Core.Fleet;
using Helix.Core.Telemetry;
using Helix.Fleet;
using Helix.Gateway;

namespace Helix.Telemetry;

/// <summary><c>GET /metrics</c>, in Prometheus' text format. The names are documented and kept stable.</summary>
internal sealed class MetricsEndpoint(RequestMetrics requests, IFleetView fleet, Admission admission, GatewayCounters counters, ShadowScores shadows)
{
    private static readonly Labels s_build = Labels.Of(("version", Daemon.DaemonVerb.Version));

    private static readonly (ProviderState State, Labels Labels)[] s_states =
        [.. Enum.GetValues<ProviderState>().Select(state => (state, Labels.Of(("state", state.ToString().ToLowerInvariant()))))];

    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = ExpositionText.ContentType;
        Write(new ExpositionText(context.Response.BodyWriter));
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private void Write(ExpositionText text)
    {
        var now = fleet.Current;
        Single("helix_build_info", "Always 1; its labels say which helix this is.", s_build, 1);
        Single("helix_uptime_seconds", "Since the daemon began, and with it every count here.", Labels.None, counters.Now.TotalSeconds);
        Single("helix_requests_in_flight", "Requests to models that have come and not yet ended, wherever they are.", Labels.None, counters.InFlight);
        WriteModels(text, now);
        text.Head("helix_instance_state", MetricKind.Gauge, "1 for the state that an engine's process is in, 0 for every other state.");
        foreach (var instance in now.Instances)
        {
            var labels = Labels.Of(("instance", instance.Name), ("provider", instance.Provider), ("model", instance.Model));
            foreach (var (state, word) in s_states) text.Sample(labels, word, instance.State == state ? 1 : 0);
        }

        requests.WriteTo(text);
        shadows.WriteTo(text);

        void Single(string name, string help, Labels labels, double value)
        {
            text.Head(name, MetricKind.Gauge, help);
            text.Sample(labels, Labels.None, value);
        }
    }

    private void WriteModels(ExpositionText text, FleetSnapshot now)
    {
        var loads = now.Models.Select(model => (Labels.Of(("model", model.Id)), admission.Load(model.Id))).ToArray();
        text.Head("helix_model_requests_running", MetricKind.Gauge, "Requests that the engines of a model work on.");
        foreach (var (labels, load) in loads) text.Sample(labels, Labels.None, load.Running);
        text.Head("helix_model_requests_waiting", MetricKind.Gauge, "Requests that wait for a place before the engines of a model.");
        foreach (var (labels, load) in loads) text.Sample(labels, Labels.None, load.Waiting);
    }
}
