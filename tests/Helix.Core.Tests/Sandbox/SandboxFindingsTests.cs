using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Sandbox;

namespace Helix.Core.Tests.Sandbox;

/// <summary>What is not enforced is said, and what is said was seen.</summary>
public class SandboxFindingsTests
{
    private static readonly ProbeReport s_tight = new(false, false, false, false, false, false, false);
    private static readonly SandboxState s_best = new(SandboxTier.Bubblewrap, "/usr/bin/bwrap", s_tight, [], ["cpu", "memory", "pids"]);

    [Fact]
    public void Where_all_is_enforced_there_is_nothing_to_note()
    {
        Assert.Equal(FindingLevel.Ok, Assert.Single(SandboxFindings.Of(s_best, new(), "linux")).Level);
        Assert.Null(SandboxFindings.Note(s_best, new()));
    }

    [Fact]
    public void What_the_trial_could_do_is_named_with_the_fix()
    {
        var state = s_best with { Tier = SandboxTier.Landlock, Report = s_tight with { SeesProcesses = true }, Refusals = [new(SandboxTier.Bubblewrap, "not installed")] };

        var findings = SandboxFindings.Of(state, new(), "linux");

        Assert.Contains("bubblewrap: not installed", findings[0].What, StringComparison.Ordinal);
        Assert.Contains(findings, finding => finding.What == "engines see the names of other processes" && finding.Remedy!.Contains("apt-get install bubblewrap", StringComparison.Ordinal));
        Assert.Contains("Landlock", SandboxFindings.Note(state, new()), StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_that_no_group_holds_are_named() =>
        Assert.Contains(SandboxFindings.Of(s_best with { Limits = [] }, new(), "linux"), finding => finding.What.StartsWith("memory is limited for each process", StringComparison.Ordinal));

    [Fact]
    public void A_machine_without_any_sandbox_and_a_user_without_the_wish_are_told_apart()
    {
        Assert.StartsWith("engines run without one", SandboxFindings.Of(SandboxState.Untried, new(), "macos")[0].What, StringComparison.Ordinal);
        Assert.StartsWith("security.auto_sandbox is false", SandboxFindings.Of(s_best, new SecurityConfig(AutoSandbox: false), "linux")[0].What, StringComparison.Ordinal);
    }
}
