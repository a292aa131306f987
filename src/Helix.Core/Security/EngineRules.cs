using System.Collections.Immutable;
using System.Net;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Sandbox;

namespace Helix.Core.Security;

/// <summary>Whether an engine is shut in as promised, alone, and not to be reached by others.</summary>
internal static class EngineRules
{
    private const string Deleted = " (deleted)";

    /// <summary>Programs of the system, which every sandbox shows.</summary>
    private static readonly ImmutableArray<string> s_system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"];

    public static ImmutableArray<SecurityFinding> Of(EngineFacts engine, SecurityConfig config, EngineGround ground) =>
        [.. new[] { Listens(engine), Sandbox(engine, config, ground), Foreign(engine, config, ground) }.OfType<SecurityFinding>()];

    private static SecurityFinding? Listens(EngineFacts engine)
    {
        var open = engine.Processes.SelectMany(process => process.Listens).Where(at => !IsLoopback(at.Address)).Select(at => $"{at}").Distinct().Order(StringComparer.Ordinal).ToArray();
        return open.Length == 0 ? null : Finding(
            engine, FindingNames.EngineListens, Severity.Critical, $"{engine.Instance} takes connections at {string.Join(", ", open)}",
            "whoever reaches that address uses it past the gateway, without a key", "Stop it, and look at its settings");
    }

    private static SecurityFinding? Sandbox(EngineFacts engine, SecurityConfig config, EngineGround ground)
    {
        // where only the settings say what was promised, they say it of engines that were started since
        if (engine.IsOutdated && (engine.Spec is null || ground.Tier == SandboxTier.Landlock)) return null;
        if (SandboxPromise.Of(engine.Spec, config, ground) is not { } promise) return null;
        var broken = engine.Processes.Where(process => process.Depth >= promise.FirstInside).Select(process => (process.Pid, What: promise.Broken(process, ground))).Where(each => !each.What.IsEmpty).ToArray();
        if (broken.Length == 0) return null;
        var more = broken.Length > 1 ? $", and {broken.Length - 1} more of its processes" : "";
        return Finding(
            engine, FindingNames.SandboxLost, Severity.Critical, $"{engine.Instance} is not shut in as it should be: process {broken[0].Pid} {string.Join(", ", broken[0].What)}{more}",
            "an engine that is taken over could do more than answer", "Stop it, and see with helix doctor what this machine can enforce");
    }

    private static SecurityFinding? Foreign(EngineFacts engine, SecurityConfig config, EngineGround ground)
    {
        var foreign = engine.Processes.Select(process => (process.Pid, Why: WhyForeign(process, engine.Spec, config, ground))).Where(each => each.Why is not null).ToArray();
        if (foreign.Length == 0) return null;
        var more = foreign.Length > 1 ? $", and {foreign.Length - 1} more" : "";
        return Finding(
            engine, FindingNames.ForeignProcess, Severity.Critical, $"among the processes of {engine.Instance} one does not belong there: {foreign[0].Pid} {foreign[0].Why}{more}",
            "it may be somebody else's program that runs in the engine's name", $"Look at it (ps -fp {foreign[0].Pid}) before you trust this engine again, or stop it");
    }

    /// <summary>Null where it belongs there.</summary>
    private static string? WhyForeign(EngineProcess process, SandboxSpec? spec, SecurityConfig config, EngineGround ground)
    {
        // the tool begins as whoever started it
        if (process.Status is { } status && status.User != ground.User && status.User != (uint?)spec?.User) return $"is of the user {status.User}";
        // only where the sandbox says what an engine may run can anything else be told from it
        if (spec is null || !config.AutoSandbox || process.Program is not { } program) return null;
        var path = program.EndsWith(Deleted, StringComparison.Ordinal) ? program[..^Deleted.Length] : program;
        ImmutableArray<string> allowed = [.. s_system, .. spec.Root.Select(folder => folder.Path), .. spec.Reads, .. spec.Writes, Folder(spec.Helix), .. spec.Tool is { } tool ? [tool] : Array.Empty<string>()];
        return allowed.Any(place => SandboxPlan.IsBelow(path, place)) ? null : $"runs {path}, which is not of this engine";
    }

    private static string Folder(string file) => file[..Math.Max(1, file.LastIndexOf('/'))];

    private static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static SecurityFinding Finding(EngineFacts engine, string name, Severity severity, string what, string why, string remedy) => new(name, severity, engine.Instance, what, why, remedy)
    {
        Provider = engine.Provider,
        Command = $"helix local-llm stop {engine.Provider}",
    };
}
