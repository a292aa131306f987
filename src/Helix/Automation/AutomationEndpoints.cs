using System.Collections.Concurrent;
using Helix.Access;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.History;
using Helix.Fleet;
using Helix.Storage;

namespace Helix.Automation;

/// <summary>What is done again and again, as it is shown.</summary>
/// <param name="Kind">Of what it writes into the history.</param>
internal sealed record ShownAutomation(string Id, string Does, string Every, string Setting, HistoryKind Kind, Recurrent Work);

/// <summary>What somebody may ask the fleet to do sooner than it would by itself.</summary>
/// <param name="Look">Looks at every engine that serves.</param>
/// <param name="Nudge">Starts what failed at a provider, and waits no longer; the other one says why.</param>
internal sealed record FleetByHand(Action Look, Action<string, string> Nudge);

/// <summary><c>GET /helix/v1/automations</c>, and <c>POST /helix/v1/automations/{id}/run</c>, which does one at once.</summary>
internal sealed class AutomationEndpoints(IReadOnlyList<ShownAutomation> recurrent, FleetByHand byHand, IFleetView fleet, LookLog looks, HistoryTable history, IConfigView config)
{
    private const string Health = "health";
    private const string Recovery = "recovery";

    private static readonly string[] s_order = [Health, "optimisation", "updates", Recovery, "security", "backup"];

    /// <summary>The last of each kind that is shown, or null where the history has none; a kind that was not asked for yet is missing.</summary>
    private readonly ConcurrentDictionary<HistoryKind, HistoryEvent?> _last = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/automations", ListAsync);
        routes.MapPost("/helix/v1/automations/{id}/run", RunAsync);
    }

    /// <summary>Something comes into the history.</summary>
    /// <returns>Whether it is what came of one of these.</returns>
    public bool Note(HistoryEvent happened)
    {
        if (happened.Kind != HistoryKind.Healing && recurrent.All(each => each.Kind != happened.Kind)) return false;
        _last[happened.Kind] = happened;
        return true;
    }

    /// <summary>Whether one can be begun by hand.</summary>
    public bool CanRun(string id) => id is Health or Recovery || recurrent.Any(each => each.Id == id);

    /// <summary>In the order in which they are shown.</summary>
    public async Task<IReadOnlyList<AutomationReport>> AllAsync()
    {
        var rows = new List<AutomationReport> { HealthNow(), await RecoveryAsync() };
        foreach (var each in recurrent)
        {
            var last = await LastAsync(each.Kind);
            rows.Add(new(each.Id, each.Does, each.Work.IsOn, each.Every, each.Setting, each.Work.Ran ?? last?.At, each.Work.Due, each.Work.Result ?? last?.Words));
        }

        return [.. rows.OrderBy(row => Array.IndexOf(s_order, row.Id))];
    }

    private async Task ListAsync(HttpContext context) => await ApiAnswer.OkAsync(context, new AutomationList(await AllAsync()), AutomationJson.Default.AutomationList);

    private async Task RunAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        if (recurrent.FirstOrDefault(each => each.Id == id) is { } found)
        {
            found.Work.RunNow();
            await BeginAsync(context, $"{id} is begun now; helix auto status says what came of it, and what it changed is in: helix history --kind {found.Kind.Word()}");
        }
        else if (id == Health && !config.Current.AutoManager.AutoMonitor)
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", "health is off: nobody looks at engines that serve", "helix config set auto_manager.auto_monitor true"));
        else if (id == Health) await BeginAsync(context, Look());
        else if (id == Recovery) await BeginAsync(context, Mend());
        else await ApiAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, new("not_found", $"there is no automation {id}", $"There are {string.Join(", ", s_order)}."));
    }

    private static Task BeginAsync(HttpContext context, string words) => ApiAnswer.OkAsync(context, new Done(words), ApiJson.Default.Done, StatusCodes.Status202Accepted);

    private string Look()
    {
        var serving = fleet.Current.Instances.Count(instance => instance.State is ProviderState.Ready);
        if (serving == 0) return "no engine serves, so there is none to look at; what starts is looked at all the time";
        byHand.Look();
        return $"{serving} {(serving == 1 ? "engine is" : "engines are")} looked at now; what was found: helix local-llm health";
    }

    /// <summary>Also where nothing is mended by itself: somebody asks for it.</summary>
    private string Mend()
    {
        var waiting = fleet.Current.Instances.Where(instance => instance is { Pid: null, State: ProviderState.Recovering or ProviderState.Critical }).ToArray();
        if (waiting.Length == 0) return "nothing is to be mended: no engine waits for its next start";
        foreach (var provider in waiting.Select(instance => instance.Provider).Distinct(StringComparer.Ordinal)) byHand.Nudge(provider, "tried again at once, because somebody asked for it");
        return $"started again now: {string.Join(", ", waiting.Select(instance => instance.Name))}; what comes of it: helix local-llm health";
    }

    private AutomationReport HealthNow()
    {
        var (interval, isOn) = (config.Current.Health.CheckInterval, config.Current.AutoManager.AutoMonitor);
        var running = fleet.Current.Instances.Where(instance => instance.Pid is not null).ToArray();
        var well = running.Count(instance => instance.State == ProviderState.Ready);
        return new(
            Health, "looks whether every engine that runs answers with tokens", isOn, $"{interval} s", "auto_manager.auto_monitor", looks.Last, isOn && running.Length > 0 && looks.Last is { } last ? last.AddSeconds(interval) : null,
            running.Length == 0 ? "no engine runs" : $"{well} of {running.Length} {(running.Length == 1 ? "engine" : "engines")} healthy");
    }

    private async Task<AutomationReport> RecoveryAsync()
    {
        var last = await LastAsync(HistoryKind.Healing);
        return new(Recovery, "restarts, rebuilds, rolls back what fails", config.Current.Health.AutoRecovery, "on a fault", "health.auto_recovery", last?.At, null, last?.Words ?? "nothing had to be mended");
    }

    private async Task<HistoryEvent?> LastAsync(HistoryKind kind)
    {
        if (_last.TryGetValue(kind, out var known)) return known;
        if (await history.ReadAsync(new(Kind: kind, Most: 1)) is not Stored<List<HistoryEvent>>.Ok(var newest)) return null;
        // what came while it was read is newer
        return _last.GetOrAdd(kind, newest is [.., var last] ? last : null);
    }
}
