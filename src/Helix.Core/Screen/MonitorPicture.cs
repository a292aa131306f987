using Helix.Core.Live;

namespace Helix.Core.Screen;

/// <summary>What the monitor shows, read from the live state of a daemon.</summary>
/// <param name="At">When it was so; null while nothing was told.</param>
internal sealed record MonitorPicture(
    DateTimeOffset? At, HelixLines Helix, MachineLines Machine, TrafficLines Traffic,
    IReadOnlyList<ProviderLine> Providers, IReadOnlyList<PerformanceLine> Performance, IReadOnlyList<AlertLine> Alerts, IReadOnlyList<AutomationLine> Automations)
{
    /// <summary>Of which the performance is shown.</summary>
    public const string Window = "5m";

    public static MonitorPicture Of(LiveCopy live)
    {
        var instances = Values(live, "instances").ToLookup(pair => pair.Value.Text("provider"), pair => pair.Value, StringComparer.Ordinal);
        return new(
            live.At, HelixOf(One(live, "helix", "self")), MachineOf(live), TrafficOf(One(live, "traffic", "now"), Values(live, "models")),
            [.. Values(live, "providers").Select(pair => ProviderOf(pair.Key, pair.Value, live, [.. instances[pair.Key]])).OrderBy(provider => provider.Order)],
            [.. Values(live, "performance").Where(pair => pair.Value.Text("window") == Window).Select(pair => PerformanceOf(pair.Value))],
            [.. Values(live, "alerts").Select(pair => AlertOf(pair.Value)).OrderByDescending(alert => alert.Weight).ThenByDescending(alert => alert.Since)],
            [.. Values(live, "automations").OrderBy(pair => pair.Value.Number("order") ?? 0).Select(pair => AutomationOf(pair.Key, pair.Value))]);
    }

    private static IEnumerable<KeyValuePair<string, LiveValue>> Values(LiveCopy live, string part) =>
        live.Part(part).Select(row => KeyValuePair.Create(row.Key, new LiveValue(row.Value)));

    private static LiveValue One(LiveCopy live, string part, string key) => new(live.Find(part, key));

    private static HelixLines HelixOf(LiveValue self) =>
        new(self.Text("version"), self.Text("release"), self.Text("address"), self.Moment("started"), self.Words("notes"));

    private static MachineLines MachineOf(LiveCopy live)
    {
        var (cpu, memory, ledger, disk, daemon) = (One(live, "machine", "cpu"), One(live, "machine", "memory"), One(live, "machine", "ledger"), One(live, "machine", "disk"), One(live, "machine", "daemon"));
        return new(
            cpu.Number("cores"), cpu.Number("busy"), memory.Number("total_bytes"), memory.Number("available_bytes"), ledger.Number("budget_bytes"), ledger.Number("reserved_bytes"), ledger.Number("measured_bytes"),
            disk.Number("total_bytes"), disk.Number("free_bytes"), disk.Is("low"), daemon.Number("cpu"), daemon.Number("memory_bytes"),
            [.. One(live, "machine", "gpus").All("gpus").Select(gpu => new GpuLine(gpu.Text("name"), gpu.Number("memory_bytes"), gpu.Number("used_bytes"), gpu.Number("busy"), gpu.Number("celsius"), gpu.Number("watts")))]);
    }

    private static TrafficLines TrafficOf(LiveValue now, IEnumerable<KeyValuePair<string, LiveValue>> models)
    {
        var all = models.Select(pair => pair.Value).ToArray();
        return new(
            all.Sum(model => model.Number("running") ?? 0), all.Sum(model => model.Number("waiting") ?? 0), now.Number("requests"), now.Number("errors"), now.Number("requests_per_second"), now.Number("tokens_per_second"));
    }

    private static ProviderLine ProviderOf(string id, LiveValue row, LiveCopy live, IReadOnlyList<LiveValue> instances)
    {
        var figures = One(live, "figures", id);
        return new(
            id, (int)(row.Number("order") ?? 0), row.Text("name"), row.Text("state"), row.Text("reason"), row.Moment("since"), row.Number("pid"), row.Text("model"), row.Text("release"),
            figures.Number("memory_bytes"), figures.Number("cpu"), figures.Number("in_flight"), figures.Number("requests"), figures.Number("faults"), figures.Number("tokens_per_second"),
            One(live, "uptime", id).Number("month"), HealthOf(instances), row.Words("actions"));
    }

    /// <summary>Of each step, how it is with the instance with which it is worst.</summary>
    private static (string Step, string State)[] HealthOf(IReadOnlyList<LiveValue> instances) =>
        [.. instances.SelectMany(instance => instance.All("health")).GroupBy(step => step.Text("step")).Select(step => (step.Key, step.Select(each => each.Text("state")).MaxBy(Badness) ?? ""))];

    private static int Badness(string state) => state switch { "bad" => 3, "waiting" => 2, "unknown" => 1, _ => 0 };

    private static PerformanceLine PerformanceOf(LiveValue row) => new(row.Text("provider"), row.Text("model"), LatencyOf(row.In("first_token_ms")), LatencyOf(row.In("inter_token_ms")));

    private static LatencyLine? LatencyOf(LiveValue latency) =>
        latency.Number("p50") is { } half && latency.Number("p95") is { } most && latency.Number("p99") is { } slowest ? new(half, most, slowest) : null;

    private static AlertLine AlertOf(LiveValue row)
    {
        var about = row.Text("subject");
        if (about.Length == 0) about = row.Text("provider");
        return new(row.Text("severity"), row.Text("state"), row.Moment("since"), about.Length > 0 ? about : "helix", row.Text("what"), row.Text("left"));
    }

    private static AutomationLine AutomationOf(string id, LiveValue row) => new(id, row.Text("does"), row.Is("on"), row.Moment("last"), row.Moment("next"), row.Text("result"));
}
