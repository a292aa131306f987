using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Hardware;

namespace Helix.Core.Sandbox;

/// <summary>What this machine can enforce upon engines, and what it cannot, in words.</summary>
internal static class SandboxFindings
{
    private const string Subject = "sandbox", TurnOn = "Where that is not meant: helix config set security.auto_sandbox true";

    public static ImmutableArray<Finding> Of(SandboxState state, SecurityConfig config, string os)
    {
        if (!config.AutoSandbox) return [new(Subject, FindingLevel.Warning, "security.auto_sandbox is false: engines may do all that you may", TurnOn)];
        if (state.Tier == SandboxTier.None)
            return [new(Subject, FindingLevel.Warning, $"engines run without one: {(state.Refusals.IsEmpty ? "this system has none that helix knows" : Refused(state))}", os == "linux" ? Better : null)];
        var gaps = Gaps(state, config);
        var why = state.Refusals.IsEmpty ? "" : $" ({Refused(state)})";
        return
        [
            new(Subject, FindingLevel.Ok, $"engines run in {Name(state.Tier)}, tried just now{why}", state.Tier is SandboxTier.Bubblewrap or SandboxTier.Seatbelt ? null : Better),
            .. gaps.Select(gap => new Finding(Subject, FindingLevel.Warning, gap.What, gap.Remedy)),
        ];
    }

    /// <summary>One sentence for the one who looks at the state of things; null where everything is enforced.</summary>
    public static string? Note(SandboxState state, SecurityConfig config)
    {
        if (!config.AutoSandbox) return null;
        if (state.Tier == SandboxTier.None) return "engines run without a sandbox: helix doctor says why";
        var gaps = Gaps(state, config);
        return gaps.IsEmpty ? null : $"the sandbox of engines ({Name(state.Tier)}) cannot enforce all: {string.Join("; ", gaps.Select(gap => gap.What))}";
    }

    public static string Name(SandboxTier tier) => tier switch
    {
        SandboxTier.Bubblewrap => "bubblewrap",
        SandboxTier.Unshare => "namespaces made by unshare",
        SandboxTier.Landlock => "Landlock",
        SandboxTier.Seatbelt => "macOS's own sandbox (not yet verified on a Mac)",
        _ => "no sandbox",
    };

    private static string Better => "Install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap), then start helix again.";

    private static string Refused(SandboxState state) => string.Join("; ", state.Refusals.Select(refusal => $"{Name(refusal.Tier)}: {refusal.Why}"));

    /// <summary>What was measured, and what follows from the tier itself.</summary>
    private static ImmutableArray<Gap> Gaps(SandboxState state, SecurityConfig config)
    {
        var (report, gaps) = (state.Report!, ImmutableArray.CreateBuilder<Gap>());
        var stronger = state.Tier == SandboxTier.Landlock ? Better : null;
        if (config.NetworkIsolation && report.Connects) gaps.Add(new("the network is not closed to engines", stronger));
        else if (config.NetworkIsolation && state.Tier == SandboxTier.Landlock) gaps.Add(new("the network is not closed to engines that speak to their own processes over loopback", stronger));
        if (report.SeesProcesses) gaps.Add(new("engines see the names of other processes", stronger));
        if (config.MinPrivileges && report.Mounts) gaps.Add(new("engines may change mounts", stronger));
        if (config.MinPrivileges && report.Traces) gaps.Add(new("engines may trace processes", stronger));
        if (config.MinPrivileges && report.IsRoot && state.Tier == SandboxTier.Landlock) gaps.Add(new("engines run as root, though without its privileges", stronger));
        if (config.ResourceLimits && !state.Limits.Contains("memory"))
            gaps.Add(state.Tier == SandboxTier.Seatbelt ? new("memory is limited only by helix's own look every ten seconds", null) : new("memory is limited for each process of an engine, not for all of them together: no control group can be made", "Run helix as a service with Delegate=yes, or as root."));
        if (config.ResourceLimits && !state.Limits.Contains("pids") && state.Tier == SandboxTier.Landlock)
            gaps.Add(new("how many processes an engine starts is not limited: no control group can be made", stronger));
        return gaps.ToImmutable();
    }

    private sealed record Gap(string What, string? Remedy);
}
