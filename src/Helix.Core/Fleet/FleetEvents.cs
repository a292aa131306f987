using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Core.History;
using Helix.Core.Security;

namespace Helix.Core.Fleet;

/// <summary>What the history tells of an instance that came to another state.</summary>
internal static class FleetEvents
{
    public const string Decision = "decision";

    /// <param name="before">Null for one that was not there.</param>
    /// <param name="decision">Of the step that brought it there; null where none did.</param>
    public static IEnumerable<HistoryEvent> Of(InstanceStatus? before, InstanceStatus after, DateTimeOffset now, LifeDecision? decision = null)
    {
        var from = before?.State ?? ProviderState.Standby;
        yield return new(now, HistoryKind.State, SeverityOf(after.State), after.Provider, after.Name, Word(after.State), after.Reason)
        {
            Data = DataOf(from, after, decision).ToJsonString(),
        };
        if (AlertOf(from, after) is var (what, severity, words))
            yield return new(now, HistoryKind.Alert, severity, after.Provider, after.Name, what, words) { Data = LeftOf(after) };
        if (after is { State: ProviderState.Ready, TookToRecover: { } took })
            yield return new(now, HistoryKind.Healing, Severity.Info, after.Provider, after.Name, "recovered", string.Create(CultureInfo.InvariantCulture, $"serves again {took.TotalSeconds:0.0##} s after the fault: {after.Fault}"))
            {
                Data = new JsonObject { ["seconds"] = Math.Round(took.TotalSeconds, 3), ["start_seconds"] = after.TookToStart is { } start ? Math.Round(start.TotalSeconds, 3) : null }.ToJsonString(),
            };
    }

    private static JsonObject DataOf(ProviderState from, InstanceStatus after, LifeDecision? decision)
    {
        var data = new JsonObject { ["from"] = Word(from), ["restarts"] = after.Restarts };
        if (decision is not null) data[Decision] = JsonSerializer.SerializeToNode(decision, LifeDecisionJson.Default.LifeDecision);
        return data;
    }

    /// <summary>What is left to do, for whoever raises an alert by it.</summary>
    private static string? LeftOf(InstanceStatus after) => after.Remedy is { } remedy ? new JsonObject { [FindingChanges.LeftKey] = remedy }.ToJsonString() : null;

    private static (string What, Severity Severity, string Words)? AlertOf(ProviderState from, InstanceStatus after) => (from, after.State) switch
    {
        (ProviderState.Critical, ProviderState.Critical) => null,
        (_, ProviderState.Critical) => ("critical", Severity.Critical, $"{after.Name} {(after.NextStart is null ? "is down, and nothing brings it back by itself" : "cannot be brought back for now")}: {after.Reason}"),
        (ProviderState.Ready or ProviderState.Degraded, ProviderState.Recovering) => ("unhealthy", Severity.Warning, $"{after.Name} went down, and is being brought back: {after.Reason}"),
        _ => null,
    };

    private static Severity SeverityOf(ProviderState state) => state switch
    {
        ProviderState.Critical => Severity.Critical,
        ProviderState.Degraded or ProviderState.Recovering => Severity.Warning,
        _ => Severity.Info,
    };

    private static string Word(ProviderState state) => state.ToString().ToLowerInvariant();
}
