using Helix.Configuration;
using Helix.Core.Hardware;
using Helix.Models;
using Helix.Processes;

namespace Helix.Variants;

/// <summary>
/// Sees to it that the engine computes on the best device of this machine. The build it comes with answers at once;
/// another one is fetched and tested in the background, and the fleet starts its engines anew with it.
/// </summary>
internal sealed partial class VariantArrival : BackgroundLoop
{
    private static readonly TimeSpan[] s_delays = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2)];

    private readonly VariantTools _tools;
    private readonly VariantStore _store;
    private readonly IConfigView _config;
    private readonly TimeProvider _time;
    private readonly ILogger<VariantArrival> _log;
    private readonly Published<VariantState> _state;

    /// <summary>Knows at once what is there and passed its test before: an engine that runs with it is not started anew by a new daemon.</summary>
    public VariantArrival(VariantTools tools, VariantStore store, IConfigView config, TimeProvider time, ILogger<VariantArrival> log)
    {
        (_tools, _store, _config, _time, _log) = (tools, store, config, time, log);
        var facts = tools.Look();
        var choice = Choose(facts);
        _state = new(new VariantState(IsProven(choice.Variant, facts) ? Libraries(choice.Variant, facts) : null, choice.Note));
    }

    public VariantState Current => _state.Current;

    public long Version => _state.Version;

    public Task ChangedAsync(long version, CancellationToken cancellationToken) => _state.ChangedAsync(version, cancellationToken);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        // the daemon's start goes first
        await Task.Yield();
        for (var failures = 0; ;)
        {
            var seen = _config.Version;
            var trouble = default(string);
            try
            {
                if (failures == 0) _store.Sweep();
                trouble = await SettleAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                trouble = problem.Message;
            }

            // the waiting begins before anyone is told of it
            var delay = trouble is null ? Timeout.InfiniteTimeSpan : s_delays[Math.Min(failures++, s_delays.Length - 1)];
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            Task[] reasons = [_config.ChangedAsync(seen, stop.Token), Task.Delay(delay, _time, stop.Token)];
            if (trouble is not null)
            {
                LogFailed(trouble, delay);
                Become(Current with { Note = $"{trouble} (next try at {_time.GetUtcNow() + delay:HH:mm} UTC)" });
            }

            await Task.WhenAny(reasons);
            await stop.CancelAsync();
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Brings what runs to what should run now.</summary>
    /// <returns>Null when nothing is left to do, else what went wrong and may go better later.</returns>
    private async Task<string?> SettleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var facts = _tools.Look();
            var choice = Choose(facts);
            if (choice.Variant == EngineVariant.Cpu || IsProven(choice.Variant, facts))
            {
                Become(new VariantState(choice.Variant == EngineVariant.Cpu ? null : Libraries(choice.Variant, facts), choice.Note));
                return null;
            }

            var name = VariantChoice.NameOf(choice.Variant);
            if (!_store.Has(choice.Variant))
            {
                if (Refusal(name) is { } refusal)
                {
                    Become(new VariantState(null, refusal));
                    return null;
                }

                Become(new VariantState(null, $"fetching the engine's build for {name} ({_tools.Packages(choice.Variant).Sum(package => package.PackedBytes) / 1e6:0} MB); until it is there the CPU computes"));
                LogFetching(name);
                if (await _tools.Fetch(choice.Variant, cancellationToken) is var (reason, remedy)) return $"the engine's build for {name} could not be fetched, so the CPU computes: {reason}; {remedy}";
            }

            Become(new VariantState(null, $"testing the engine's build for {name}"));
            var result = await _tools.Test(Libraries(choice.Variant, facts), cancellationToken);
            var record = result is VariantTest.Passed(var devices) ? new TestRecord(facts.Drivers, true, devices) : new TestRecord(facts.Drivers, false, ((VariantTest.Failed)result).Reason);
            LogTested(name, record.Passed ? "passed" : "failed", record.Words);
            _store.Remember(choice.Variant, record);
            // it would only lie there until the drivers change
            if (!record.Passed) _store.Remove(choice.Variant);
        }
    }

    /// <summary>Null if a build may be fetched.</summary>
    private string? Refusal(string name) => _config.Current switch
    {
        _ when _tools.Offline() => $"helix is offline, so the engine's build for {name} is not fetched and the CPU computes",
        { AutoManager.AutoInstall: false, Builtin.Device: DeviceWish.Auto } => $"auto_manager.auto_install is off, so the engine's build for {name} is not fetched and the CPU computes; to have it, run: helix config set builtin.device {WishFor(name)}",
        _ => null,
    };

    private static string WishFor(string name) => name.Split(' ')[0].ToLowerInvariant();

    private VariantChoice Choose(AcceleratorFacts facts) => VariantChoice.For(facts, _config.Current.Builtin.Device, Refused(facts));

    private Dictionary<EngineVariant, string> Refused(AcceleratorFacts facts) => Enum.GetValues<EngineVariant>()
        .Select(variant => (Variant: variant, Result: _store.ResultOf(variant, facts.Drivers)))
        .Where(tested => tested.Result is { Passed: false })
        .ToDictionary(tested => tested.Variant, tested => tested.Result!.Words);

    private bool IsProven(EngineVariant variant, AcceleratorFacts facts) =>
        variant != EngineVariant.Cpu && _store.Has(variant) && _store.ResultOf(variant, facts.Drivers) is { Passed: true };

    private EngineLibraries Libraries(EngineVariant variant, AcceleratorFacts facts) => new(variant, _store.FolderOf(variant), _tools.EnvironmentFor(facts));

    private void Become(VariantState state)
    {
        if (state.Note == Current.Note && state.Libraries?.Variant == Current.Libraries?.Variant) return;
        _state.Replace(state);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching the engine's build for {Name}")]
    private partial void LogFetching(string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "The engine's build for {Name} {Verdict} its test: {Words}")]
    private partial void LogTested(string name, string verdict, string words);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Trouble}; next try in {Delay}")]
    private partial void LogFailed(string trouble, TimeSpan delay);
}

/// <summary>The world as the arrival reaches it.</summary>
/// <param name="Look">What is there now; reads files only.</param>
/// <param name="Fetch">Null when the build is there, else why not.</param>
/// <param name="Offline">Whether anything may be fetched now.</param>
internal sealed record VariantTools(
    Func<AcceleratorFacts> Look,
    Func<AcceleratorFacts, IReadOnlyDictionary<string, string>> EnvironmentFor,
    Func<EngineVariant, IReadOnlyList<EnginePackage>> Packages,
    Func<EngineVariant, CancellationToken, Task<PackOutcome.Failed?>> Fetch,
    Func<EngineLibraries, CancellationToken, Task<VariantTest>> Test,
    Func<bool> Offline);

/// <param name="Libraries">The build that engines run with; null means the one that helix comes with.</param>
/// <param name="Note">What a user should know now.</param>
internal sealed record VariantState(EngineLibraries? Libraries, string? Note);

/// <summary>A build of the engine that can be started.</summary>
/// <param name="Environment">What its process gets beside its own clean environment.</param>
internal sealed record EngineLibraries(EngineVariant Variant, string Folder, IReadOnlyDictionary<string, string> Environment);
