using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Models;
using Helix.Core.Sandbox;

namespace Helix.Core.Hardware;

internal enum FindingLevel
{
    Ok,

    /// <summary>helix works; something that a user may want does not.</summary>
    Warning,

    /// <summary>helix does not work like this.</summary>
    Error,
}

/// <param name="Remedy">What to do; null where nothing is to be done.</param>
internal sealed record Finding(string Subject, FindingLevel Level, string What, string? Remedy);

/// <summary>What a look at the machine comes to, with the fix for each thing that is not right. Nothing is left out: what is well is said, too.</summary>
internal static class Preflight
{
    private const long LittleDisk = 5_000_000_000;
    private const long NoDisk = 200_000_000;
    private const long LittleMemory = 3_500_000_000;
    private const long NoMemory = 700_000_000;
    private const long FewFiles = 1024;
    private static readonly Version s_oldestGlibc = new(2, 28);

    /// <summary>Networked, or of another system: what a database needs of a disk, they promise only now and then.</summary>
    private static readonly string[] s_doubtful = ["nfs", "nfs4", "cifs", "smb2", "smbfs", "9p", "v9fs", "fuseblk", "vfat", "msdos", "exfat", "ntfs", "drvfs"];

    public static ImmutableArray<Finding> Of(PreflightFacts facts) =>
    [
        .. Machine(facts), Memory(facts), .. Home(facts), .. Budget(facts.Budget), Files(facts), Port(facts.Port),
        facts.Engine is null
            ? Ok("engine", "the built-in engine's libraries load")
            : Error("engine", $"the built-in engine cannot start: {facts.Engine}", "Build helix again: ./helix start"),
        .. facts.Tools.Select(tool => ToolOf(tool, facts)), .. Gpus(facts), .. facts.Sandbox is { } sandbox ? SandboxFindings.Of(sandbox, facts.Security, facts.Machine.Os) : [], .. Network(facts.Network), .. Written(facts), Clock(facts),
    ];

    private static IEnumerable<Finding> Machine(PreflightFacts facts)
    {
        var (machine, details) = (facts.Machine, facts.Details);
        string?[] more =
        [
            machine.Glibc is { } glibc ? $"glibc {Dotted.Words(glibc)}" : null, details.Container is { } container ? $"in a container ({container})" : null,
            details.VirtualMachine is { } vm ? $"in a virtual machine ({vm})" : null,
        ];
        var what = string.Join(", ", more.OfType<string>().Prepend(machine.Platform));
        if (machine.Os == "windows") yield return Error("system", $"{what}: helix runs on Linux and macOS", "Install it inside WSL.");
        else if (machine.Os == "linux" && machine.Glibc is null) yield return Error("system", $"{what}: the engines' libraries need glibc, and this system has another C library", "Use a distribution with glibc, for example Debian, Ubuntu or Fedora.");
        else if (machine.Glibc < s_oldestGlibc) yield return Error("system", $"{what}: the engines' libraries need glibc {Dotted.Words(s_oldestGlibc)} or newer", "Use a newer release of your distribution.");
        else yield return Ok("system", what);

        var sets = details.InstructionSets.IsEmpty ? "" : $" ({string.Join(", ", details.InstructionSets)})";
        var nodes = details.NumaNodes > 1 ? $", {details.NumaNodes} memory nodes" : "";
        var name = $"{facts.Hardware.LogicalCores} {(facts.Hardware.LogicalCores == 1 ? "core" : "cores")}{(details.Processor is { } processor ? $" of {processor}" : "")}{nodes}{sets}";
        yield return machine.Architecture == "x64" && !details.InstructionSets.IsEmpty && !details.InstructionSets.Contains("avx2")
            ? Warn("processor", $"{name}: without AVX2 engines answer slowly, and some do not start", "Nothing can be done on this machine; small models work best.")
            : Ok("processor", name);
    }

    private static Finding Memory(PreflightFacts facts)
    {
        var hardware = facts.Hardware;
        var what = $"{ByteCount.Words(hardware.TotalMemory)}{(hardware.AvailableMemory is { } free ? $", {ByteCount.Words(free)} of them available" : "")}";
        if (hardware.TotalMemory < NoMemory) return Error("memory", $"{what}: too little for any model", "Give the machine, or the container, more memory.");
        if (hardware.TotalMemory < LittleMemory) return Warn("memory", $"{what}: only the smallest models fit", "Give the machine, or the container, more memory.");
        return hardware.AvailableMemory < NoMemory ? Warn("memory", $"{what}: other programs take most of it", "End what you do not need.") : Ok("memory", what);
    }

    private static IEnumerable<Finding> Home(PreflightFacts facts)
    {
        var home = facts.Home;
        if (home.Refusal is { } refusal) yield return Error("home", $"{home.Path} cannot be written to: {refusal}", "Make it writable, or choose another home with HELIX_HOME.");
        else if (!home.IsPrivate) yield return Warn("home", $"{home.Path} can be read by other users of this machine", $"chmod 700 {home.Path}/local-llm");
        else if (home.FileSystem is { } kind && s_doubtful.Contains(kind)) yield return Warn("home", $"{home.Path} is on {kind}, which may lose what was written", "Choose a home on a disk of this machine with HELIX_HOME.");
        else yield return Ok("home", $"{home.Path}{(home.FileSystem is { } system ? $" on {system}" : "")}, for its owner alone");

        if (facts.Hardware.FreeDisk is not { } free) yield return Warn("disk", $"how much is free for {home.Path} is not known", null);
        else if (free < NoDisk) yield return Error("disk", $"{ByteCount.Words(free)} are free for {home.Path}", "Free some disk space (helix models remove NAME), or choose another home with HELIX_HOME.");
        else if (free < LittleDisk) yield return Warn("disk", $"{ByteCount.Words(free)} are free for {home.Path}: most models are larger", "Free some disk space, or choose another home with HELIX_HOME.");
        else yield return Ok("disk", $"{ByteCount.Words(free)} are free for {home.Path}");
    }

    private static IEnumerable<Finding> Budget(DiskBudget? budget)
    {
        if (budget is null) yield break;
        var what = $"of {DiskBudget.Setting} {budget.Words} by providers and their downloads";
        yield return budget.Bytes <= budget.Used ? Warn("disk budget", $"{what}: nothing more is installed", budget.Remedy(new(null, null), 0)) : Ok("disk budget", what);
    }

    private static Finding Files(PreflightFacts facts) => facts.OpenFiles switch
    {
        null => Ok("open files", "the system sets no limit that could be read"),
        < FewFiles and var few => Warn("open files", $"a process may have {few} files open: many clients at once will be refused", $"Raise it: ulimit -n {FewFiles * 4}"),
        var enough => Ok("open files", $"a process may have {enough.Value.ToString(CultureInfo.InvariantCulture)} open"),
    };

    private static Finding Port(PortFacts port) => port switch
    {
        { Runs: true } => Ok("port", $"helix runs at {port.Address}"),
        { IsTaken: true } => Warn("port", $"somebody else listens on {port.Address}: helix would take the next free port", "End that program, or choose another port: helix config set gateway.port PORT"),
        { Refusal: { } refusal } => Error("port", $"{port.Address} cannot be listened on: {refusal}", "Choose another address or port: helix config set gateway.listen ADDRESS"),
        _ => Ok("port", $"{port.Address} is free"),
    };

    private static Finding ToolOf(ToolFacts tool, PreflightFacts facts)
    {
        var (name, use) = (ToolAdvice.NameOf(tool.Tool), ToolAdvice.NeededFor(tool.Tool));
        if (tool is { Path: { } path, Trouble: null }) return Ok(name, $"{path}{(tool.Version is { } version ? $" ({version})" : "")}");
        var how = ToolAdvice.HowToGet(tool.Tool, facts.Machine.Os, facts.Distribution);
        var what = tool.Trouble is { } trouble ? $"{tool.Path}: {trouble}; needed for {use}" : $"not there; needed for {use}";
        // uv brings a Python of its own
        var isMet = tool.Tool == Tool.Python && facts.Tools.Any(other => other is { Tool: Tool.Uv, Path: not null, Trouble: null });
        if (isMet) return new(name, FindingLevel.Ok, $"{what} (uv brings its own)", how);
        if (ToolAdvice.IsOptional(tool.Tool)) return new(name, FindingLevel.Ok, what, how);
        if (!tool.IsFetched) return Warn(name, what, how);
        var fetched = $"{what}; helix fetches {(tool.Tool == Tool.Python ? "uv, which brings its own," : "it")} when an engine needs it";
        return facts.Network is { Offline: false, OfflineByEnvironment: false } ? new(name, FindingLevel.Ok, fetched, how) : Warn(name, $"{fetched}, and helix is offline", how);
    }

    private static IEnumerable<Finding> Gpus(PreflightFacts facts)
    {
        if (facts.UnusedNvidia)
            yield return Warn("graphics", "an NVIDIA card is in this machine, and its driver is not loaded", facts.Machine.IsWsl ? "Install NVIDIA's driver in Windows; WSL uses that one." : "Install NVIDIA's driver, then start the machine again.");
        foreach (var gpu in facts.Machine.Gpus)
        {
            string?[] more =
            [
                gpu.MemoryBytes is { } memory ? ByteCount.Words(memory) : null, gpu.ComputeCapability is { } capability ? $"compute capability {Dotted.Words(capability)}" : null,
                gpu.Driver is { } driver ? $"driver {Dotted.Words(driver)}" : null,
            ];
            yield return Ok("graphics", string.Join(", ", more.OfType<string>().Prepend(gpu.Name)));
        }

        if (facts.Machine.Gpus.IsEmpty && !facts.UnusedNvidia) yield return Ok("graphics", "no GPU that engines could compute on was found; the processor computes");
    }

    private static IEnumerable<Finding> Network(NetworkFacts network)
    {
        if (network.OfflineByEnvironment) yield return Warn("network", "HELIX_OFFLINE or HF_HUB_OFFLINE is set: nothing is fetched", "Unset it where that is not meant.");
        else if (network.Offline) yield return Warn("network", "network.offline is true: nothing is fetched", "Where that is not meant: helix config unset network.offline");
        else yield return Ok("network", $"models are fetched from {network.HubEndpoint}");
        if (!network.Proxies.IsEmpty) yield return Ok("proxy", $"set by {string.Join(", ", network.Proxies)}");
        if (!network.Mirrors.IsEmpty) yield return Ok("mirrors", string.Join(", ", network.Mirrors));
    }

    private static IEnumerable<Finding> Written(PreflightFacts facts)
    {
        foreach (var problem in facts.Configuration) yield return Error("configuration", problem, "helix config validate shows every mistake.");
        if (facts.Configuration.IsEmpty) yield return Ok("configuration", "valid");
        foreach (var problem in facts.Manifests) yield return Warn("manifests", problem, "Mend or remove the file.");
        if (facts.Manifests.IsEmpty) yield return Ok("manifests", "all can be read");
    }

    private static Finding Clock(PreflightFacts facts) => facts.Now < facts.Built.AddDays(-1)
        ? Warn("clock", $"it says {facts.Now.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC, and this helix was built later than that: connections will be refused as insecure", "Set the clock.")
        : Ok("clock", $"{facts.Now.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC");

    private static Finding Ok(string subject, string what) => new(subject, FindingLevel.Ok, what, null);

    private static Finding Warn(string subject, string what, string? remedy) => new(subject, FindingLevel.Warning, what, remedy);

    private static Finding Error(string subject, string what, string remedy) => new(subject, FindingLevel.Error, what, remedy);
}
