using Helix.Core.Automation;
using System.Collections.Immutable;
using System.Globalization;
using Helix.Automation;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.History;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Core.Tuning;
using Helix.Fleet;
using Helix.Storage;
using Helix.Updates;

namespace Helix.Tuning;

/// <summary>What tuning needs of the world.</summary>
/// <param name="Running">Everything that serves now.</param>
/// <param name="Tune">Runs an engine like this from now on.</param>
/// <param name="Spare">Runs an engine beside the others and does something with it; null if it became ready, else why not.</param>
/// <param name="Round">Asks an engine what a mix of requests asks.</param>
/// <param name="Reserve">Takes memory beside the plan, until it is disposed of.</param>
/// <param name="Trying">Faults of an engine are the fault of what is tried on it, until it is disposed of.</param>
/// <param name="InFlight">Requests of users that are under way.</param>
/// <param name="Quiet">How long nobody was answered; null where nobody ever was.</param>
internal sealed record TunerTools(
    Func<Task<ImmutableArray<KnownSeat>>> Running,
    Action<Seat, EngineTuning> Tune,
    Func<InstanceSpec, Func<InstanceSpec, CancellationToken, Task>, CancellationToken, Task<string?>> Spare,
    Func<Seating, IDisposable> Reserve,
    Func<Seat, IDisposable> Trying,
    MeasuringTurn Turn,
    Func<MeterTarget, RequestMix, CancellationToken, Task<MixRound>> Round,
    Func<string, ImmutableArray<RequestShape>> Shapes,
    Func<int> InFlight,
    Func<TimeSpan?> Quiet,
    Func<string, string> ReleaseOf,
    IConfigView Config,
    Action<HistoryEvent> Tell,
    TimeProvider Time);

/// <summary>
/// Every five minutes, while nobody asks: changes one thing about one engine that serves, lets both answer the same requests in turns, and keeps the change only
/// where it is better beyond chance. What was no good is remembered, and not tried again with the same release and model.
/// </summary>
internal sealed class Tuner(TunerTools tools, TuningTable table, Func<double> draw) : Recurrent(tools.Time, draw)
{
    public const string KeptWord = "kept";
    public const string RefusedWord = "not_kept";
    public const string UnmeasuredWord = "not_measured";

    /// <summary>Before anything is tried, nobody was answered for so long.</summary>
    public static readonly TimeSpan QuietFor = TimeSpan.FromMinutes(1);

    /// <summary>A change that brings faults within this time goes.</summary>
    private static readonly TimeSpan s_watched = TimeSpan.FromMinutes(10);

    /// <summary>What could not be measured so often counts as no better.</summary>
    private const int MostUnmeasured = 3;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_restart = TimeSpan.FromMinutes(5);

    private readonly Lock _keeping = new();
    private readonly Dictionary<Seat, (DateTimeOffset At, EngineTuning Before, TuningRow Row)> _watched = [];
    private readonly Dictionary<Seat, long> _turns = [];
    private readonly Dictionary<(Seat, string Release, KnobChange), int> _unmeasured = [];
    private long _turn;

    /// <summary>What the next thing tried would be, or why nothing is.</summary>
    /// <param name="Change">Null where nothing would be tried.</param>
    public sealed record Next(KnobChange? Change, string Words);

    protected override TimeSpan Interval => Cadence.Tuning;

    protected override bool IsWanted => tools.Config.Current.Performance.AutoOptimize;

    /// <summary>A start has other things to do first.</summary>
    protected override Task<DateTimeOffset?> LastAsync() => Task.FromResult<DateTimeOffset?>(tools.Time.GetUtcNow());

    /// <summary>An instance went down: what was changed of it lately is taken back.</summary>
    public void TakeFault(InstanceStatus status)
    {
        var seat = new Seat(status.Provider, status.Model);
        lock (_keeping)
        {
            if (!_watched.Remove(seat, out var kept) || tools.Time.GetUtcNow() - kept.At >= s_watched) return;
            Set(seat, kept.Before);
            var words = $"{kept.Row.Change.Knob} of {seat.Name} goes back to {kept.Row.Change.From}: {status.Fault ?? status.Reason}";
            table.Add(kept.Row with { At = tools.Time.GetUtcNow(), Kept = false, Words = words });
            Tell(Severity.Warning, seat, "taken_back", words);
        }
    }

    public Next NextFor(KnownSeat seat, IReadOnlyCollection<TuningRow> tried)
    {
        if (!IsWanted) return new(null, "performance.auto_optimize is off");
        if (seat.Model.IsSelfTest) return new(null, "the self-test model is not tuned");
        if (seat.Provider.Tunes.IsEmpty) return new(null, "its manifest says nothing that may be changed");
        if (RequestMix.Of(tools.Shapes(seat.Spec.Name)) is not { } mix) return new(null, $"too few requests were seen: {RequestMix.FewestSeen} are needed to know what it is asked");
        return TuningChoice.Next(FactsOf(seat, mix, tried)) is { } change ? new(change, $"{change.Knob} {change.To} instead of {change.From}: {change.Why}") : new(null, "nothing is left to try with this release, this model and these requests");
    }

    protected override async Task<bool> DoAsync(CancellationToken cancellationToken)
    {
        Result = IsQuiet ? await TurnAsync(cancellationToken) : "somebody was answered lately: nothing was tried";
        return true;
    }

    /// <summary>Tries one change, if there is one to try and nobody is being answered.</summary>
    /// <returns>What was done, in words.</returns>
    public async Task<string> TurnAsync(CancellationToken cancellationToken)
    {
        if (tools.InFlight() > 0) return "somebody is being answered: nothing was tried";
        if (await table.TriedAsync() is not Stored<List<TuningRow>>.Ok(var tried)) return "what was tried before cannot be read: nothing was tried";
        foreach (var seat in (await tools.Running()).OrderBy(seat => _turns.GetValueOrDefault(seat.Seat)).ThenBy(seat => seat.Seat.Name, StringComparer.Ordinal))
        {
            if (NextFor(seat, tried).Change is not { } change) continue;
            _turns[seat.Seat] = ++_turn;
            return await TryAsync(seat, change, RequestMix.Of(tools.Shapes(seat.Spec.Name))!.Within(seat.Run.ContextPerSlot), cancellationToken);
        }

        return "there was nothing to try";
    }

    /// <summary>Runs an engine like this from now on, as it was measured to be better.</summary>
    public string Keep(KnownSeat seat, KnobChange change, string words)
    {
        var row = new TuningRow(tools.Time.GetUtcNow(), seat.Seat, tools.ReleaseOf(seat.Seat.Provider), seat.Model.Bytes, change, true, words);
        table.Add(row);
        lock (_keeping)
        {
            _watched[seat.Seat] = (row.At, seat.Run.Tuned, row);
            Set(seat.Seat, seat.Run.Tuned.With(change.Knob, change.To));
        }

        return Tell(Severity.Info, seat.Seat, KeptWord, $"{seat.Seat.Name} runs with {change.Knob} {change.To} instead of {change.From} from now on: {words}");
    }

    private bool IsQuiet => tools.InFlight() == 0 && (tools.Quiet() is not { } quiet || quiet >= QuietFor);

    private async Task<string> TryAsync(KnownSeat seat, KnobChange change, RequestMix mix, CancellationToken cancellationToken)
    {
        if (!tools.Turn.TryTake()) return "engines are being measured already: nothing was tried";
        using var disturbed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = DisturbAsync(disturbed);
        try
        {
            var tuned = seat.Run.Tuned.With(change.Knob, change.To);
            var slots = change.Knob == Tunable.Slots ? int.Parse(change.To, CultureInfo.InvariantCulture) : seat.Run.Slots;
            // with another context it would not be one change
            var (trial, trouble) = seat.Beside(seat.Run.ContextPerSlot, slots) is { } seating
                ? await BesideAsync(seat, new Placement.Run(seat.Run.ContextPerSlot, slots, "measured") { Seating = seating, Tuned = tuned }, mix, disturbed.Token)
                : await InPlaceAsync(seat, tuned, mix, disturbed.Token);
            return Judge(seat, change, trial, trouble);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "somebody asked meanwhile: it is tried again in another quiet moment";
        }
        finally
        {
            await disturbed.CancelAsync();
            await watch;
            tools.Turn.Release();
        }
    }

    /// <summary>Both answer in turns: what else the machine does meets both.</summary>
    private async Task<(TuningTrial? Trial, string? Trouble)> BesideAsync(KnownSeat seat, Placement.Run run, RequestMix mix, CancellationToken cancellationToken)
    {
        using var room = tools.Reserve(run.Seating);
        var (before, after, error) = (ImmutableArray.CreateBuilder<double>(), ImmutableArray.CreateBuilder<double>(), default(string));
        var wrong = await tools.Spare(
            seat.Spare(run),
            async (spare, token) =>
            {
                // the first answers cost what later ones do not: reading from the disk, filling caches
                error = (await tools.Round(MeterTarget.Of(seat.Spec), mix, token)).Error ?? (await tools.Round(MeterTarget.Of(spare), mix, token)).Error;
                for (var round = 0; round < TuningTrial.Rounds && error is null; round++)
                {
                    var (old, fresh) = (await tools.Round(MeterTarget.Of(seat.Spec), mix, token), await tools.Round(MeterTarget.Of(spare), mix, token));
                    before.Add(old.Seconds);
                    after.Add(fresh.Seconds);
                    error = old.Error ?? fresh.Error;
                }
            },
            cancellationToken);
        return wrong is not null || error is not null ? (null, wrong ?? error) : (new TuningTrial(before.ToImmutable(), after.ToImmutable()), null);
    }

    /// <summary>There is no room for two: it is changed where it is, and changed back where that is no better.</summary>
    private async Task<(TuningTrial? Trial, string? Trouble)> InPlaceAsync(KnownSeat seat, EngineTuning tuned, RequestMix mix, CancellationToken cancellationToken)
    {
        var (before, trouble) = await RoundsAsync(seat, mix, cancellationToken);
        if (trouble is not null) return (null, trouble);
        using var trying = tools.Trying(seat.Seat);
        var isKept = false;
        try
        {
            tools.Tune(seat.Seat, tuned);
            if (await RestartedAsync(seat.Seat, tuned, cancellationToken) is not { } changed) return (null, "it did not become ready");
            var (after, wrong) = await RoundsAsync(changed, mix, cancellationToken);
            if (wrong is not null) return (null, wrong);
            var trial = new TuningTrial(before, after);
            isKept = trial.IsBetter;
            return (trial, null);
        }
        finally
        {
            if (!isKept) tools.Tune(seat.Seat, seat.Run.Tuned);
        }
    }

    private async Task<(ImmutableArray<double> Seconds, string? Trouble)> RoundsAsync(KnownSeat seat, RequestMix mix, CancellationToken cancellationToken)
    {
        var (seconds, error) = (ImmutableArray.CreateBuilder<double>(), (await tools.Round(MeterTarget.Of(seat.Spec), mix, cancellationToken)).Error);
        for (var round = 0; round < TuningTrial.Rounds && error is null; round++)
        {
            var one = await tools.Round(MeterTarget.Of(seat.Spec), mix, cancellationToken);
            seconds.Add(one.Seconds);
            error = one.Error;
        }

        return (seconds.ToImmutable(), error);
    }

    private async Task<KnownSeat?> RestartedAsync(Seat seat, EngineTuning tuned, CancellationToken cancellationToken)
    {
        for (var begun = tools.Time.GetTimestamp(); tools.Time.GetElapsedTime(begun) < s_restart; await Task.Delay(s_look, tools.Time, cancellationToken))
            if ((await tools.Running()).FirstOrDefault(each => each.Seat == seat) is { } running && running.Run.Tuned.Equals(tuned)) return running;
        return null;
    }

    private string Judge(KnownSeat seat, KnobChange change, TuningTrial? trial, string? trouble)
    {
        var words = trial?.Words ?? $"with {change.Knob} {change.To} it could not be measured: {trouble}";
        if (trial is { IsBetter: true }) return Keep(seat, change, words);
        var release = tools.ReleaseOf(seat.Seat.Provider);
        // what kept it from being measured may be over the next time
        if (trial is null && (_unmeasured[(seat.Seat, release, change)] = _unmeasured.GetValueOrDefault((seat.Seat, release, change)) + 1) < MostUnmeasured) return Tell(Severity.Info, seat.Seat, UnmeasuredWord, $"{seat.Seat.Name} stays at {change.Knob} {change.From} for now: {words}");
        table.Add(new(tools.Time.GetUtcNow(), seat.Seat, release, seat.Model.Bytes, change, false, words));
        if (trial is null) return Tell(Severity.Info, seat.Seat, RefusedWord, $"{seat.Seat.Name} stays at {change.Knob} {change.From}: {words}, {MostUnmeasured} times");
        return Tell(Severity.Info, seat.Seat, RefusedWord, $"{seat.Seat.Name} stays at {change.Knob} {change.From}, {change.To} is not better: {words}");
    }

    private void Set(Seat seat, EngineTuning tuning)
    {
        table.Set(seat, tuning);
        tools.Tune(seat, tuning);
    }

    /// <summary>Ends a trial as soon as somebody asks.</summary>
    private async Task DisturbAsync(CancellationTokenSource trial)
    {
        try
        {
            while (tools.InFlight() == 0 && IsWanted) await Task.Delay(s_look, tools.Time, trial.Token);
            await trial.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // the trial is over
        }
    }

    private TuningFacts FactsOf(KnownSeat seat, RequestMix mix, IReadOnlyCollection<TuningRow> tried)
    {
        var release = tools.ReleaseOf(seat.Seat.Provider);
        var prompts = mix.Shapes.Select(shape => shape.PromptTokens).Order().ToArray();
        return new(
            seat.Provider.Tunes, seat.Threads, seat.Run.Slots, seat.Run.Tuned, Environment.ProcessorCount, !seat.Run.Seating.Devices.IsEmpty, mix.Concurrent, prompts[prompts.Length / 2], seat.Fits,
            [.. tried.Where(row => row.Seat == seat.Seat && row.Release == release && row.ModelBytes == seat.Model.Bytes).Select(row => new TriedChange(row.Change.Knob, row.Change.To, row.Kept))])
        {
            SetByUser = SetByUser(seat.Config),
        };
    }

    /// <summary>Knobs that the user set himself, for all engines: they stay.</summary>
    public static ImmutableArray<string> SetByUser(BuiltinConfig config) =>
    [
        .. config.Threads > 0 ? [Tunable.Threads] : Array.Empty<string>(),
        .. config.Slots != HelixConfig.Default.Builtin.Slots ? [Tunable.Slots] : Array.Empty<string>(),
    ];

    private string Tell(Severity severity, Seat seat, string what, string words)
    {
        tools.Tell(new(tools.Time.GetUtcNow(), HistoryKind.Tuning, severity, seat.Provider, seat.Name, what, words));
        return words;
    }
}
