using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Daemon;

namespace Helix.Tests.Fleet;

/// <summary>What the fleet does with models of licences that are not permitted.</summary>
public sealed partial class FleetTests
{
    private static readonly HelixConfig s_onlyMit = HelixConfig.Default with { Gateway = HelixConfig.Default.Gateway with { Licences = ["mit"] } };

    [Fact]
    public async Task A_model_that_is_not_permitted_is_never_started_and_told_as_off()
    {
        var fleet = Start(Inputs(Model("a", 2) with { Licence = "llama3.1" }, Model("b", 1) with { Licence = "MIT" }, SelfTest()) with { Config = s_onlyMit });

        await ReadyAsync(fleet, "b");

        Assert.True(Availability(fleet, "a") is ModelAvailability.Failed { IsBarred: true });
        lock (_host.Alive) Assert.DoesNotContain(_host.Started, process => process.Name == "builtin-a");
        // a rule is no trouble, and says nothing of the others
        Assert.DoesNotContain(StatusEndpoints.HealthOf(fleet.Current, new DaemonFacts("v", "a", _time.Start, () => [])).Findings, finding => finding.Subject is "a" or "models");
    }

    [Fact]
    public async Task One_that_runs_is_ended_when_the_rule_comes()
    {
        var (model, test) = (Model("a", 1) with { Licence = "llama3.1" }, SelfTest());
        var fleet = Start(model, test);
        await ReadyAsync(fleet, "a");

        fleet.Update(Inputs(model, test) with { Config = s_onlyMit });
        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Signals.Any(sent => sent.Process.Name == "builtin-a"); }, "it is asked to stop");
        fleet.TellExit(_host.End("builtin-a", 0, null));

        await ReadyAsync(fleet, "helix-selftest");
        Assert.True(Availability(fleet, "a") is ModelAvailability.Failed { IsBarred: true });
    }
}
