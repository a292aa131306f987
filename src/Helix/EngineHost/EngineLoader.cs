using Helix.Core.Planning;
using Helix.Engine;
using Helix.Engine.Native;
using Helix.Engine.Scheduling;
using Helix.Models;

namespace Helix.EngineHost;

/// <summary>Loads the model on a thread of its own while the socket already tells how far it is.</summary>
internal sealed class EngineLoader(EngineArguments arguments, TimeProvider time, Random random) : IDisposable
{
    private const int LargestOwnContext = 8192;

    private volatile EngineState _state = new EngineState.Loading(0);
    private bool _refused;

    public EngineState State => _state;

    /// <summary>Null once the model takes questions, else why it never will.</summary>
    public Task<string?> LoadAsync() => Task.Factory.StartNew(Load, TaskCreationOptions.LongRunning);

    public void Dispose()
    {
        if (_state is not EngineState.Ready(var engine))
            return;
        engine.Scheduler.Dispose();
        engine.Model.Dispose();
    }

    private string? Load()
    {
        var devices = ComputeDevice.Used();
        var layers = devices.Count == 0 ? 0 : arguments.GpuLayers ?? Fitting(devices);
        while (Load(layers) is { } reason)
        {
            // the device may have less room than it says: rather fewer layers than no answers
            if (layers == 0 || _refused)
                return reason;
            Console.Error.WriteLine($"With {layers} layers on the device the model could not be loaded ({reason}); trying fewer.");
            layers = GpuLayers.Fewer(layers);
        }

        if (devices.Count > 0)
            Console.Error.WriteLine($"The model is loaded: {LlamaLog.Placement ?? "no layers on a device"} ({string.Join(", ", devices.Select(device => $"{device.Name}, {device.Description}"))}).");
        return null;
    }

    private string? Load(int layers)
    {
        var outcome = LoadedModel.Load(new ModelLoad(arguments.Model, MayRepack(), share => _state = new EngineState.Loading(share), layers));
        if (outcome is LoadOutcome.Failed(var reason))
            return reason;
        var model = ((LoadOutcome.Loaded)outcome).Model;
        if (model.Facts is { Generates: false, Embeds: false })
        {
            model.Dispose();
            _refused = true;
            return $"{arguments.Model} is a model of a kind that the built-in engine does not run: it neither writes text by itself nor makes embeddings.";
        }

        var context = ContextOf(model.Facts.ContextTrained);
        try
        {
            var scheduler = new Scheduler(model, new SchedulerSettings(arguments.Slots, context, arguments.Threads, arguments.Queue), time, random);
            _state = new EngineState.Ready(new ServedEngine(arguments.Alias, model, scheduler, time.GetUtcNow().ToUnixTimeSeconds()));
            return null;
        }
        catch (InvalidOperationException error)
        {
            model.Dispose();
            return error.Message;
        }
    }

    private int ContextOf(int trained) => arguments.Context > 0 ? arguments.Context : Math.Clamp(trained, 1, LargestOwnContext);

    /// <summary>What the model's header and the devices' free memory allow. A header that cannot be read leaves it to llama.cpp to say why.</summary>
    private int Fitting(IReadOnlyList<ComputeDevice> devices)
    {
        var parts = ModelParts.Of(arguments.Model);
        if (parts.Any(part => !File.Exists(part)) || ModelParts.ReadAsync(parts, CancellationToken.None).GetAwaiter().GetResult().Facts is not { } facts)
            return 0;
        var context = facts.KvBytesPerToken * ContextOf(facts.ContextTokens) * arguments.Slots;
        return GpuLayers.Fitting(devices.Sum(device => device.FreeBytes), parts.Sum(GgufFile.LengthOf), context, facts.Blocks);
    }

    /// <summary>Repacked weights are faster and need their size again; not where that would fill most of the memory.</summary>
    private bool MayRepack() =>
        new FileInfo(arguments.Model) is not { Exists: true } file || file.Length * 2 < GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 8;
}
