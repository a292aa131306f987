using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;

namespace Helix.Daemon;

/// <summary>What a user should see beside the state of things.</summary>
/// <param name="Remedy">What to do about it; of what passes by itself, where that is seen.</param>
internal sealed record DaemonNote(string What, string Remedy)
{
    /// <summary>One sentence.</summary>
    public string Words { get; init; } = What;
}

/// <summary>What is told about this daemon itself.</summary>
/// <param name="Notes">What a user should see now; asked for at each report.</param>
/// <param name="MemoryBytes">What engines may use together.</param>
internal sealed record DaemonFacts(string Version, string Address, DateTimeOffset Started, Func<IReadOnlyList<DaemonNote>> Notes, long MemoryBytes = 0)
{
    /// <summary>The tier that engines are shut in with.</summary>
    public Func<string?> Sandbox { get; init; } = () => null;

    /// <summary>That of helix itself which this daemon is; null where it is a program outside of the home.</summary>
    public string? Release { get; init; }

    /// <summary>Names that the configuration gives to models, as it is now.</summary>
    public Func<IReadOnlyList<string>> Aliases { get; init; } = () => [];

    /// <summary>What came of looking for answers in memory; null where nobody counts it.</summary>
    public Func<CacheReport?> Cache { get; init; } = () => null;
}

/// <summary><c>/helix/v1/status</c>, <c>/providers</c> and <c>/health</c>.</summary>
internal static class StatusEndpoints
{
    public static void MapStatus(this IEndpointRouteBuilder routes, IFleetView fleet, ProviderRoster roster, DaemonFacts facts)
    {
        routes.MapGet("/helix/v1/status", context => ApiAnswer.OkAsync(context, StatusOf(fleet.Current, roster.All(), facts), ApiJson.Default.StatusReport));
        routes.MapGet("/helix/v1/providers", context => ApiAnswer.OkAsync(context, new ProviderList(roster.All()), ApiJson.Default.ProviderList));
        routes.MapGet("/helix/v1/health", context => ApiAnswer.OkAsync(context, HealthOf(fleet.Current, facts), ApiJson.Default.HealthReport));
    }

    public static StatusReport StatusOf(FleetSnapshot fleet, IReadOnlyList<ProviderReport> providers, DaemonFacts facts) => new(
        facts.Version, facts.Address, Environment.ProcessId, facts.Started, providers, [.. fleet.Models.Select(ReportOf)], [.. facts.Notes().Select(note => note.Words)], MemoryOf(fleet, facts))
    {
        Sandbox = facts.Sandbox(),
        Release = facts.Release,
        Aliases = facts.Aliases(),
        Cache = facts.Cache(),
    };

    private static MemoryReport MemoryOf(FleetSnapshot fleet, DaemonFacts facts)
    {
        var running = fleet.Instances.Where(instance => instance.Pid is not null).ToArray();
        return new(
            facts.MemoryBytes, running.Sum(instance => instance.ReservedBytes), running.Sum(instance => instance.MeasuredBytes),
            [.. running.Select(instance => new InstanceMemoryReport(instance.Name, instance.Provider, instance.Model, instance.Pid, instance.ReservedBytes, instance.MeasuredBytes > 0 ? instance.MeasuredBytes : null))]);
    }

    public static HealthReport HealthOf(FleetSnapshot fleet, DaemonFacts facts)
    {
        var findings = fleet.Instances.Select(FindingOf).ToList();
        foreach (var model in fleet.Models)
            if (model.Availability is ModelAvailability.Failed(var reason, var remedy) { IsWished: false })
                findings.Add(new(model.Id, "error", reason, remedy));
        var off = fleet.Models.Select(m => m.Availability).OfType<ModelAvailability.Failed>().FirstOrDefault(f => f is { IsWished: true, IsBarred: false });
        if (off is not null)
            findings.Add(new("models", "warning", $"none is served: {off.Reason}", off.Remedy));
        else if (fleet.Models.All(m => m.IsSelfTest || !m.Abilities.HasFlag(ModelAbilities.Chat)))
            findings.Add(new("models", "warning", "there is no chat model; the self-test answers in its place", "helix models pull NAME-or-URL, or helix models add PATH"));
        findings.AddRange(facts.Notes().Select(note => new HealthFinding("helix", "warning", note.What, note.Remedy)));
        return new HealthReport(findings.All(f => f.Level != "error"), findings);
    }

    private static HealthFinding FindingOf(InstanceStatus instance) => instance.State switch
    {
        ProviderState.Ready => new(instance.Name, "ok", instance.Reason, null),
        ProviderState.Critical => new(instance.Name, "error", instance.Reason, instance.Remedy ?? $"helix local-llm logs {instance.Provider}"),
        ProviderState.Standby => new(instance.Name, "ok", $"standby: {instance.Reason}", null),
        _ => new(instance.Name, "warning", instance.Reason, instance.Remedy ?? $"helix goes on by itself; to see how: helix local-llm logs {instance.Provider}"),
    };

    private static ServedModelReport ReportOf(ServedModel model)
    {
        var (state, detail) = ModelStates.Words(model.Availability);
        return new(model.Id, state, detail, [.. ModelStates.Abilities(model.Abilities)], model.ContextTokens, model.IsSelfTest);
    }
}
