using Helix.Engine;
using Helix.Engine.Scheduling;

namespace Helix.EngineHost;

/// <summary>Loads the model on a thread of its own while the socket already tells how far it is.</summary>
internal sealed class EngineLoader(EngineArguments arguments, TimeProvider time, Random random) : IDisposable
{
    private const int LargestOwnContext = 8192;

    private volatile EngineState _state = new EngineState.Loading(0);

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
        var outcome = LoadedModel.Load(new ModelLoad(arguments.Model, MayRepack(), share => _state = new EngineState.Loading(share)));
        if (outcome is LoadOutcome.Failed(var reason))
            return reason;
        var model = ((LoadOutcome.Loaded)outcome).Model;
        if (model.Facts is { Generates: false, Embeds: false })
        {
            model.Dispose();
            return $"{arguments.Model} is a model of a kind that the built-in engine does not run: it neither writes text by itself nor makes embeddings.";
        }

        var context = arguments.Context > 0 ? arguments.Context : Math.Clamp(model.Facts.ContextTrained, 1, LargestOwnContext);
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

    /// <summary>Repacked weights are faster and need their size again; not where that would fill most of the memory.</summary>
    private bool MayRepack() =>
        new FileInfo(arguments.Model) is not { Exists: true } file || file.Length * 2 < GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 8;
}
