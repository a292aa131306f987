using Helix.Core.Configuration;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Core.Sandbox;
using Helix.Install;
using Helix.Processes;
using Helix.Sandbox;
using Helix.Storage;
using Helix.Variants;

namespace Helix.Fleet;

/// <summary>What all recipes share.</summary>
/// <param name="Program">Path of the helix binary.</param>
/// <param name="SocketFor">Path of the socket of an instance; the same for the same name, also after the daemon was replaced.</param>
internal sealed record RecipeGround(string Program, HelixHome Home, EngineBook Book, Func<string, string> SocketFor)
{
    /// <summary>Null: engines run beside everything else.</summary>
    public EngineSandbox? Sandbox { get; init; }
}

/// <summary>Starts a release as its manifest says.</summary>
internal sealed class ManifestRecipe(RecipeGround ground, Manifest manifest, InstalledRelease release) : ILaunchRecipe
{
    /// <summary>Not the folder of the release in use: an engine that keeps one daemon for each home would find the other's.</summary>
    public const string Trial = "trial", Raced = "race", Measured = "measure";

    public InstanceSpec SpecOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null) =>
        SpecOf(model, run, config.Threads, new Seat(manifest.Id, model.Id).Name);

    public InstanceSpec SpareOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null) =>
        SpareOf(model, run, config.Threads, Measured);

    /// <summary>How it is run beside the one in use.</summary>
    /// <param name="kind">What for: two of different kinds do not get into each other's way.</param>
    public InstanceSpec SpareOf(PlannedModel model, Placement.Run run, int threads, string kind)
    {
        var spec = SpecOf(model, run, threads, NameOf(kind, manifest.Id), kind);
        return spec with { Launch = spec.Launch with { LogFile = Path.Combine(ground.Home.Logs, manifest.Id, kind + ".log") } };
    }

    /// <summary>Of the instance that runs beside the one in use.</summary>
    public static string NameOf(string kind, string provider) => $"{BoundedChild.NamePrefix}{kind}-{provider}";

    /// <param name="name">Of the instance.</param>
    /// <param name="folder">What it may write to, below the provider's folder.</param>
    public InstanceSpec SpecOf(PlannedModel model, Placement.Run run, int threads, string name, string folder = "data")
    {
        var (launch, home) = (manifest.Launch!, ground.Home);
        var data = Path.Combine(home.Providers, manifest.Id, folder);
        var logs = Path.Combine(home.Logs, manifest.Id);
        MakeFolders(Path.Combine(data, "tmp"), logs);
        var grant = ground.Book.Of(name);
        var facts = new LaunchFacts(
            release.Version, release.Folder, data, home.Models, ground.SocketFor(name), grant.Ports, grant.Key, grant.AdminKey,
            release.Tools.SetItem("python", Path.Combine(release.Folder, PythonEnvironment.Interpreter)), release.On, run.Seating,
            model, manifest.Tunes.Within(Tunable.Context, run.ContextPerSlot), manifest.Tunes.Within(Tunable.Slots, run.Slots),
            manifest.Tunes.Within(Tunable.Threads, run.Tuned.Number(Tunable.Threads) ?? (threads > 0 ? threads : EngineThreads.Usual)))
        {
            Batch = run.Tuned.Number(Tunable.Batch) is { } batch ? manifest.Tunes.Within(Tunable.Batch, batch) : null,
        };
        var plan = LaunchPlan.Of(manifest, facts);
        var environment = EnvironmentOf(data, plan);
        var log = Path.Combine(logs, name + ".log");
        var (port, relays) = (plan.Processes.IsEmpty ? grant.Ports[0] : plan.Processes[^1].Port, Array.Empty<GroupRelay>());
        if (!launch.OnSocket && ground.Sandbox is { IsIsolating: true })
            relays = [new(facts.Socket, port), .. manifest.Serves!.Interface?.Port is { } own ? [new GroupRelay(EngineEndpoint.SocketOfPort(facts.Socket, own), grant.Ports[own - 1])] : Array.Empty<GroupRelay>()];
        var endpoint = launch.OnSocket || relays.Length > 0 ? facts.Socket : EngineEndpoint.OnPort(port);
        var plain = plan is { Before.IsEmpty: true, After.IsEmpty: true, Processes.Length: 1 } && relays.Length == 0
            ? new LaunchSpec(name, plan.Processes[0].Program, plan.Processes[0].Arguments, environment, plan.Folder, log)
            : new LaunchSpec(name, ground.Program, EngineGroup.Arguments(plan, launch.Stop, relays), environment, plan.Folder, log);
        return new InstanceSpec(name, manifest.Id, model.Id, endpoint, model.Bytes, model.Abilities & PlannedProvider.Of(manifest).Abilities, Confined(plain, facts, run, plan, endpoint))
        {
            UpstreamModel = plan.ModelName,
            Key = launch.TakesKey ? grant.Key : null,
            Probes = manifest.Serves!,
            Files = plan.Files,
            StartPatience = launch.Start,
            Steps = launch.Steps,
            StopPatience = launch.Stop,
        };
    }

    private LaunchSpec Confined(LaunchSpec plain, LaunchFacts facts, Placement.Run run, LaunchPlan plan, string endpoint)
    {
        if (ground.Sandbox is not { } sandbox) return plain;
        var programs = plan.Before.Concat(plan.Processes).Concat(plan.After).Select(line => line.Program).Where(Path.IsPathFullyQualified);
        var usesDevices = release.On != Accelerator.None && run.Seating.GpuLayers is not 0;
        return sandbox.Confine(
            plain,
            new SandboxRequest(
                plain.Name, manifest.Id, manifest.Touches, [release.Folder, .. programs, .. release.Tools.Values.Where(Path.IsPathFullyQualified)], facts.Data,
                endpoint == facts.Socket ? Path.GetDirectoryName(facts.Socket) : null, plan.Folder, usesDevices, SandboxMemory.Of(facts.Model, run, manifest.Launch!.MemoryBytes)),
            [facts.Model.Path]);
    }

    /// <summary>A disk that refuses is told of by the start, which needs them: whoever makes a plan must not fall over it.</summary>
    private static void MakeFolders(params ReadOnlySpan<string> folders)
    {
        try
        {
            foreach (var folder in folders) Directory.CreateDirectory(folder);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Nothing of ours and nothing of the user's: an engine reads its settings from its command line.</summary>
    private static Dictionary<string, string> EnvironmentOf(string data, LaunchPlan plan)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["HOME"] = data,
            ["TMPDIR"] = Path.Combine(data, "tmp"),
            ["LANG"] = "C.UTF-8",
            ["DO_NOT_TRACK"] = "1",
            ["HF_HUB_OFFLINE"] = "1",
            ["TRANSFORMERS_OFFLINE"] = "1",
        };
        foreach (var (name, value) in plan.Environment) environment[name] = value;
        return environment;
    }
}
