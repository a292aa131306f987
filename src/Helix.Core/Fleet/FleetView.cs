using Helix.Core.Planning;

namespace Helix.Core.Fleet;

/// <summary>Makes the snapshot that everybody sees out of what the owner knows.</summary>
internal static class FleetView
{
    /// <summary>What is told of one instance, from its life.</summary>
    public static ProviderState StateOf(Life life, LifecyclePolicy policy) => life.Phase switch
    {
        Phase.Starting when life.Restarts > 0 => ProviderState.Recovering,
        Phase.Starting => ProviderState.Starting,
        Phase.Ready => ProviderState.Ready,
        Phase.Degraded => ProviderState.Degraded,
        Phase.Stopping when life.Wanted => ProviderState.Recovering,
        Phase.Waiting when NeedsSomebody(life, policy) || policy.Restart.IsCritical(life.FailedStarts, life.Crashes) => ProviderState.Critical,
        Phase.Waiting => ProviderState.Recovering,
        _ => ProviderState.Standby,
    };

    /// <summary>What somebody can do about an instance that is told as critical; null for any other.</summary>
    public static string? RemedyOf(Life life, LifecyclePolicy policy, string provider, string model) => StateOf(life, policy) switch
    {
        not ProviderState.Critical => null,
        _ when !policy.AutoRecovery => RemedyOfOff(provider),
        _ when life.Hopeless => $"see: helix local-llm logs {provider}; take it away with: helix models remove {model}, and bring a good one; helix tries again by itself, slower each time",
        _ => $"see: helix local-llm logs {provider}; helix tries again by itself, slower each time",
    };

    /// <summary>What somebody can do where helix brings nothing back by itself.</summary>
    public static string RemedyOfOff(string provider) => $"start it with: helix local-llm start {provider}; or let helix do it: helix config set health.auto_recovery true";

    /// <summary>Waiting alone will not bring it: nothing will start it, or it said that starting does not help.</summary>
    private static bool NeedsSomebody(Life life, LifecyclePolicy policy) => life.Hopeless || !policy.AutoRecovery;

    /// <summary>Whether a request for a model can be answered, from its place in the plan and its instance.</summary>
    public static ModelAvailability AvailabilityOf(Placement placement, InstanceStatus? instance) => (placement, instance) switch
    {
        (Placement.Impossible(var reason, var remedy) no, _) => new ModelAvailability.Failed(reason, remedy) { IsWished = no.IsWished },
        (_, { State: ProviderState.Ready or ProviderState.Degraded }) => new ModelAvailability.Ready(),
        (Placement.Run, { State: ProviderState.Critical } i) => new ModelAvailability.Failed(
            i.Reason, i.Remedy ?? $"see: helix local-llm logs {i.Provider}") { NextTry = i.NextStart },
        (Placement.Run, { } i) => new ModelAvailability.Coming(i.Reason),
        (Placement.Run, null) => new ModelAvailability.Coming("about to start"),
        (Placement.Rest(var why, IsAwaited: true), _) => new ModelAvailability.Coming(why),
        _ => new ModelAvailability.Asleep(),
    };

    /// <summary>Nothing is on its way up or down: what does not run now waits for something else.</summary>
    public static bool IsQuiet(FleetSnapshot fleet) =>
        !fleet.Instances.Any(instance => instance is { State: ProviderState.Starting or ProviderState.Recovering } or { State: ProviderState.Standby, Pid: not null })
        && !fleet.Models.SelectMany(model => model.Seats).Any(seat => seat.Availability is ModelAvailability.Coming);

    /// <summary>True if a reader of one can see nothing else in the other.</summary>
    public static bool LooksTheSame(FleetSnapshot one, FleetSnapshot other) =>
        one.Providers.SequenceEqual(other.Providers) && one.Instances.SequenceEqual(other.Instances) && one.Models.Length == other.Models.Length
        && one.Models.Zip(other.Models).All(pair => pair.First.Backends.SequenceEqual(pair.Second.Backends) && pair.First.Seats.SequenceEqual(pair.Second.Seats)
            && pair.First == pair.Second with { Backends = pair.First.Backends, Seats = pair.First.Seats });

    /// <summary>One row for a provider whose instances are these.</summary>
    public static ProviderStatus ProviderOf(
        string id, string name, string release, IReadOnlyList<InstanceStatus> instances, string whyNone, DateTimeOffset since)
    {
        var running = instances.Where(i => i.State is not ProviderState.Standby).OrderBy(i => Rank(i.State)).ThenBy(i => i.Model == Models.SelfTestModel.Id).ToArray();
        if (running.Length == 0) return new(id, name, ProviderState.Standby, whyNone, null, null, release, since);

        var first = running[0];
        var ready = running.Count(i => i.State is ProviderState.Ready);
        var reason = running.Length == 1 || first.State is not ProviderState.Ready
            ? first.Reason
            : $"{ready} of {running.Length} models ready: {string.Join(", ", running.Select(i => i.Model))}";
        return new(id, name, first.State, reason, first.Pid, first.Model, release, first.Since);
    }

    /// <summary>Ready ones stand for their provider: what can be used counts for more than what cannot.</summary>
    private static int Rank(ProviderState state) => state switch
    {
        ProviderState.Ready => 0,
        ProviderState.Degraded => 1,
        ProviderState.Starting => 2,
        ProviderState.Recovering => 3,
        ProviderState.Critical => 4,
        _ => 5,
    };
}
