using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Dashboard;

/// <summary>What decides what can be done with a provider.</summary>
/// <param name="IsBuiltin">It comes with helix, and goes with it.</param>
/// <param name="IsAttached">Somebody else runs it.</param>
/// <param name="IsRun">It is installed, and helix runs it.</param>
/// <param name="CanBeInstalled">Nothing stands in the way.</param>
/// <param name="IsWorking">It is being installed or updated at this moment.</param>
/// <param name="HasPrevious">There is a release to go back to.</param>
/// <param name="HasInterface">It has a web interface of its own.</param>
internal readonly record struct ActionFacts(
    ProviderState State, bool IsBuiltin, bool IsAttached, bool IsRun, bool CanBeInstalled, bool IsWorking, bool HasPrevious, bool HasLogs, bool HasInterface);

/// <summary>What makes sense to do with a provider as it is now.</summary>
internal static class ProviderActions
{
    public static ImmutableArray<string> Of(in ActionFacts facts)
    {
        if (facts.IsAttached) return facts.HasInterface ? ["open"] : [];
        var actions = ImmutableArray.CreateBuilder<string>();
        if (facts.IsRun && facts.State is ProviderState.Standby or ProviderState.Degraded or ProviderState.Recovering or ProviderState.Critical) actions.Add("start");
        if (facts.IsRun && facts.State != ProviderState.Standby) actions.Add("stop");
        if (!facts.IsBuiltin)
        {
            if (!facts.IsRun && facts is { CanBeInstalled: true, IsWorking: false }) actions.Add("install");
            if (facts is { IsRun: true, IsWorking: false }) actions.Add("update");
            if (facts is { HasPrevious: true, IsWorking: false }) actions.Add("rollback");
            if (facts.IsRun || facts.IsWorking) actions.Add("remove");
        }

        if (facts.IsRun || facts.HasLogs) actions.Add("logs");
        if (facts is { IsRun: true, HasInterface: true }) actions.Add("open");
        return actions.ToImmutable();
    }
}
