using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Core.Sandbox;
using Helix.Processes;
using Helix.Sandbox;
using Helix.Storage;
using Helix.Variants;

namespace Helix.Fleet;

/// <summary>Starts the built-in engine: this very program, with its hidden verb <c>engine</c>.</summary>
/// <param name="program">Path of the helix binary.</param>
/// <param name="socketFor">Path of the socket of an instance; the same for the same name, also after the daemon was replaced.</param>
internal sealed class BuiltinRecipe(string program, HelixHome home, string release, Func<string, string> socketFor) : ILaunchRecipe
{
    public const string LibrariesOption = "--libraries";

    private readonly string _data = Path.Combine(home.Providers, Fleet.Builtin, "data");

    /// <summary>How the engine is asked for its health.</summary>
    public static Serves Probes { get; } = new(
        null, ["openai"], ["chat", "completions", "embeddings", "prefix"], new("/health", 200), null, new("/v1/models", "data.id"), null,
        new("/metrics", null, null, null, "helix_engine_prompt_tokens_total", "helix_engine_completion_tokens_total", "helix_engine_step_seconds_count"), null)
    {
        EndIsToken = true,
        // as its manifest says
        Continues = new(AnswerContinuation.Messages, [new("continue_final_message", "true"), new("add_generation_prompt", "false")], Completions: true),
        Gaps = ParameterGaps.Everywhere(new(
            RequestParameters.Audio | RequestParameters.BestOf | RequestParameters.ChatTemplateKwargs | RequestParameters.Echo | RequestParameters.Grammar | RequestParameters.LogitBias
            | RequestParameters.Logprobs | RequestParameters.Modalities | RequestParameters.N | RequestParameters.Prediction | RequestParameters.ReasoningEffort | RequestParameters.RepetitionPenalty
            | RequestParameters.Suffix | RequestParameters.TopLogprobs | RequestParameters.TypicalP | RequestParameters.Verbosity | RequestParameters.WebSearchOptions,
            RequestParameters.None,
            RequestParameters.None)),
    };

    /// <summary>An engine process without its model, measured: runtime, libraries and compute buffers.</summary>
    private const long ProcessBytes = 120L << 20;

    private const int Preference = 20;

    /// <summary>The built-in engine as the plan sees it.</summary>
    public static PlannedProvider Planned { get; } = new(
        Fleet.Builtin, Preference, [ModelFormat.Gguf.Word()], [], ModelAbilities.Chat | ModelAbilities.Completion | ModelAbilities.Embeddings, ProcessBytes)
    {
        // as its manifest says
        Tunes = [new(Tunable.Context, 256, 1 << 20, 1, [], "restart"), new(Tunable.Slots, 1, 64, 1, [], "restart"), new(Tunable.Threads, 1, 1024, 1, [], "restart")],
    };

    /// <summary>The same with a build for GPUs. Which of several Vulkan computes on cannot be told to it: with more than one the engine decides, and nothing is planned.</summary>
    public static PlannedProvider PlannedWith(PlannedProvider planned, EngineLibraries? libraries, ImmutableArray<PlannedDevice> devices) => planned with
    {
        On = libraries?.Variant switch
        {
            EngineVariant.Cuda12 or EngineVariant.Cuda13 => Accelerator.Nvidia,
            EngineVariant.Vulkan when devices.Length == 1 => Accelerator.Vulkan,
            _ => Accelerator.None,
        },
        Spread = DeviceSpread.Layers,
        SharesDevices = libraries?.Variant == EngineVariant.Vulkan,
    };

    private static Touches Touches { get; } = new("none", ["/dev/dri/*", "/dev/nvidia*"], ["/etc/vulkan", "/usr/share/vulkan"], false, false);

    /// <summary>Null: it runs beside everything else.</summary>
    public EngineSandbox? Sandbox { get; init; }

    public FleetProvider Provider => new(Planned, "Built-in engine (llama.cpp)", release, this);

    public InstanceSpec SpecOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null) =>
        SpecOf(model, run, config, new Seat(Fleet.Builtin, model.Id).Name, libraries);

    public InstanceSpec SpareOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null)
    {
        var spec = SpecOf(model, run, config, ManifestRecipe.NameOf(ManifestRecipe.Measured, Fleet.Builtin), libraries);
        return spec with { Launch = spec.Launch with { LogFile = Path.Combine(home.Logs, Fleet.Builtin, ManifestRecipe.Measured + ".log") } };
    }

    /// <param name="name">Of the instance.</param>
    private InstanceSpec SpecOf(PlannedModel model, Placement.Run run, BuiltinConfig config, string name, EngineLibraries? libraries)
    {
        // the self-test is small and is to answer always: the processor is enough, and a device's memory is better used
        if (model.IsSelfTest) libraries = null;
        var socket = socketFor(name);
        string[] arguments =
        [
            "engine",
            "--model", model.Path,
            "--socket", socket,
            "--alias", model.Id,
            "--slots", run.Slots.ToString(CultureInfo.InvariantCulture),
            "--context", run.ContextPerSlot.ToString(CultureInfo.InvariantCulture),
            "--threads", (run.Tuned.Number(Tunable.Threads) ?? config.Threads).ToString(CultureInfo.InvariantCulture),
            .. libraries is null ? Array.Empty<string>() : [LibrariesOption, libraries.Folder],
            .. libraries is not null && run.Seating.GpuLayers is { } layers ? ["--gpu-layers", layers.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
        ];
        var environment = EnvironmentOf(_data, libraries);
        if (libraries is { Variant: EngineVariant.Cuda12 or EngineVariant.Cuda13 } && run.Seating.Numbers is { Length: > 0 } numbers)
            (environment["CUDA_VISIBLE_DEVICES"], environment["CUDA_DEVICE_ORDER"]) = (numbers, "PCI_BUS_ID");
        var log = Path.Combine(home.Logs, Fleet.Builtin, name + ".log");
        var launch = new LaunchSpec(name, program, arguments, environment, _data, log);
        var request = new SandboxRequest(
            name, Fleet.Builtin, Touches, libraries is null ? [] : [libraries.Folder], _data, Path.GetDirectoryName(socket), _data,
            libraries is not null && run.Seating.GpuLayers is not 0, SandboxMemory.Of(model, run, ProcessBytes));
        return new InstanceSpec(name, Fleet.Builtin, model.Id, socket, model.Bytes, model.Abilities, Sandbox?.Confine(launch, request, [model.Path]) ?? launch);
    }

    /// <summary>The environment of an engine: nothing of ours, but what its libraries need.</summary>
    public static Dictionary<string, string> EnvironmentOf(string data, EngineLibraries? libraries)
    {
        var environment = new Dictionary<string, string>(libraries?.Environment ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["HOME"] = data,
            ["LANG"] = "C.UTF-8",
        };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root) environment["DOTNET_ROOT"] = root;
        return environment;
    }

    /// <summary>Makes the folders that the engine's process needs.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(_data);
        Directory.CreateDirectory(Path.Combine(home.Logs, Fleet.Builtin));
    }
}
