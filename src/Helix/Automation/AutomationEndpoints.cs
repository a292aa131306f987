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

/// <summary><c>GET /helix/v1/automations</c>, and <c>POST /helix/v1/automations/{id}/run</c>, which does one at once.</summary>
internal sealed class AutomationEndpoints(IReadOnlyList<ShownAutomation> recurrent, IFleetView fleet, LookLog looks, HistoryTable history, IConfigView config)
{
    private const string Health = "health";
    private const string Recovery = "recovery";

    private static readonly string[] s_order = [Health, "optimisation", "updates", Recovery, "security", "backup"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/automations", ListAsync);
        routes.MapPost("/helix/v1/automations/{id}/run", RunAsync);
    }

    /// <summary>Whether one can be begun by hand.</summary>
    public bool CanRun(string id) => recurrent.Any(each => each.Id == id);

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
            await ApiAnswer.OkAsync(context, new Done($"{id} is begun now; helix auto status says what came of it, and what it changed is in: helix history --kind {found.Kind.Word()}"), ApiJson.Default.Done, StatusCodes.Status202Accepted);
        }
        else if (id is Health or Recovery)
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", $"{id} never stops: there is nothing to begin", "See what it found: helix local-llm health"));
        else
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, new("not_found", $"there is no automation {id}", $"There are {string.Join(", ", s_order)}."));
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

    private async Task<HistoryEvent?> LastAsync(HistoryKind kind) =>
        await history.ReadAsync(new(Kind: kind, Most: 1)) is Stored<List<HistoryEvent>>.Ok([.., var last]) ? last : null;
}
