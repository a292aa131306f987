using System.Collections.Immutable;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Processes;

namespace Helix.Models;

/// <summary>Sees to it that there is a chat model: where the library has none, one that fits this hardware is chosen and fetched in the background.</summary>
internal sealed partial class ModelArrival(ModelLibrary library, ModelPulls pulls, ArrivalFacts facts, IConfigView config, TimeProvider time, ILogger<ModelArrival> log) : BackgroundLoop
{
    private static readonly TimeSpan[] s_delays =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1),
    ];

    /// <summary>Between two looks whether the models that the library names have come back, or cannot.</summary>
    private static readonly TimeSpan s_returning = TimeSpan.FromSeconds(2);

    private readonly Published<ModelArrivalState> _state = new(new ModelArrivalState.None(""));

    public ModelArrivalState Current => _state.Current;

    public long Version => _state.Version;

    public Task ChangedAsync(long version, CancellationToken cancellationToken) => _state.ChangedAsync(version, cancellationToken);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!library.Current.Looked) await library.ChangedAsync(library.Version, stoppingToken);
        for (var failures = 0; ;)
        {
            var (seenLibrary, seenConfig) = (library.Version, config.Version);
            if (HasChatModel)
            {
                // what the user removes later stays removed
                Become(new ModelArrivalState.None("there is a chat model"));
                return;
            }

            if (facts.Returning())
            {
                await ChangeAsync(library.Version, seenConfig, s_returning, stoppingToken);
                continue;
            }

            if (Refusal() is { } refusal)
            {
                Become(new ModelArrivalState.None(refusal, IsNews: true));
                await ChangeAsync(seenLibrary, seenConfig, Timeout.InfiniteTimeSpan, stoppingToken);
                continue;
            }

            if (await TryAsync(stoppingToken) is not var (reason, remedy)) continue;
            var delay = s_delays[Math.Min(failures, s_delays.Length - 1)];
            LogFailed(reason, delay);

            // the waiting begins before anyone is told of it
            var change = ChangeAsync(library.Version, seenConfig, delay, stoppingToken);
            Become(new ModelArrivalState.Failed(reason, remedy, time.GetUtcNow() + delay));
            // a try that something else caused says nothing of the hub's health
            if (await change) failures++;
        }
    }

    /// <summary>One that the built-in engine can be given.</summary>
    private bool HasChatModel => library.Current.Models.Any(model => model.Format == ModelFormat.Gguf && model.Abilities.HasFlag(ModelAbilities.Chat));

    /// <summary>Null if helix may fetch one.</summary>
    private string? Refusal() => config.Current switch
    {
        _ when facts.Offline() => "helix is offline, so no model is fetched; add one with: helix models add FILE",
        { AutoManager.AutoStart: false } => "auto_manager.auto_start is off, so no model is fetched; fetch one with: helix models pull NAME",
        { AutoManager.AutoInstall: false } => "auto_manager.auto_install is off, so no model is fetched; fetch one with: helix models pull NAME",
        _ => null,
    };

    /// <returns>Null when a model has arrived, else what went wrong and what to do.</returns>
    private async Task<(string Reason, string Remedy)?> TryAsync(CancellationToken cancellationToken)
    {
        Become(new ModelArrivalState.Choosing());
        await facts.Surveyed.WaitAsync(cancellationToken);
        switch (ModelChoice.For(facts.Hardware(), facts.Catalog(), facts.Devices()))
        {
            case ModelChoice.None(var reason, var remedy): return (reason, remedy);
            case ModelChoice.Picked(var entry, var why):
                LogChosen(entry.Id, why);
                Become(new ModelArrivalState.Fetching(entry.Id, why, 0, entry.Bytes, null));
                var outcome = await pulls.PullAsync(entry.Id, null, happened => Follow(entry, why, happened), cancellationToken);
                if (outcome is LibraryOutcome.Refused(_, var what, var help)) return (what, help);
                return HasChatModel ? null : ($"{entry.Id} has arrived and cannot chat", "Fetch another one with `helix models pull NAME`.");
            default: throw new InvalidOperationException("a choice is a model or none");
        }
    }

    private void Follow(CatalogEntry entry, string why, PullEvent happened) =>
        Become(new ModelArrivalState.Fetching(entry.Id, why, happened.DoneBytes, happened.TotalBytes ?? entry.Bytes, happened.BytesPerSecond));

    private void Become(ModelArrivalState state)
    {
        if (state != Current) _state.Replace(state);
    }

    /// <summary>Waits until the library or the configuration is another than it was, or the time is over.</summary>
    /// <returns>True if the time is over.</returns>
    private async Task<bool> ChangeAsync(long seenLibrary, long seenConfig, TimeSpan most, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var over = Task.Delay(most, time, stop.Token);
        var first = await Task.WhenAny(library.ChangedAsync(seenLibrary, stop.Token), config.ChangedAsync(seenConfig, stop.Token), over);
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return first == over;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching {Id}: {Why}")]
    private partial void LogChosen(string id, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No model could be fetched: {Reason}; next try in {Delay}")]
    private partial void LogFailed(string reason, TimeSpan delay);
}

/// <param name="Hardware">Measured afresh at each call.</param>
/// <param name="Offline">Whether anything may be fetched now.</param>
internal sealed record ArrivalFacts(Func<HardwareFacts> Hardware, Func<ModelCatalog> Catalog, Func<bool> Offline)
{
    /// <summary>GPUs with memory of their own, on which any model can be computed.</summary>
    public Func<ImmutableArray<PlannedDevice>> Devices { get; init; } = () => [];

    /// <summary>Models that the library names are being fetched again: one of them may be all that is needed.</summary>
    public Func<bool> Returning { get; init; } = () => false;

    /// <summary>Completes when all that can be known of the machine is.</summary>
    public Task Surveyed { get; init; } = Task.CompletedTask;
}
