using System.Threading.Channels;
using Helix.Core.Fleet;
using Helix.Core.Healing;
using Helix.Core.Processes;
using Helix.Processes;

namespace Helix.Fleet;

/// <summary>The world as a supervisor reaches it.</summary>
internal sealed record SupervisorTools(IProcessHost Host, IProber Prober, TimeProvider Time, Random Random, ILogger Logger)
{
    /// <summary>See <see cref="FleetTools.Hindrance"/>.</summary>
    public Func<InstanceSpec, string?> Hindrance { get; init; } = _ => null;

    public Action<InstanceSpec> Launching { get; init; } = _ => { };

    public MachineSigns Machine { get; init; } = MachineSigns.None;
}

/// <summary>Owns one instance. One loop reads one inbox, so nothing here needs a lock.</summary>
internal sealed partial class Supervisor(InstanceSpec spec, LifecyclePolicy policy, SupervisorTools tools, Action<InstanceStatus, Life, LifeDecision?> changed)
{
    private const int LinesRead = 60;

    /// <summary>As a shell says it.</summary>
    private const int NotExecuted = 127;

    private readonly ILogger _logger = tools.Logger;
    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new() { SingleReader = true });
    private readonly List<ProcessExit> _earlyExits = [];
    private readonly CancellationTokenSource _over = new();

    /// <summary>Cancelled by whoever wants the next look at once.</summary>
    private CancellationTokenSource _hurry = new();
    private LifecyclePolicy _policy = policy;
    private Life _life = Life.New(tools.Time.GetUtcNow());
    private ProcessIdentity? _process;
    private DateTimeOffset _runsSince;

    private Before _before = new(0, tools.Machine.MemoryKills(spec.Name));

    public InstanceSpec Spec => spec;

    public void Tell(Happening happening) => _inbox.Writer.TryWrite(new Message.Happened(happening));

    /// <summary>Some process of this name ended; whether it is the current one is for the loop to say.</summary>
    public void TellExit(ProcessExit exit) => _inbox.Writer.TryWrite(new Message.Ended(exit));

    /// <summary>A process of this name was found running.</summary>
    /// <param name="isCurrent">It was started as it would be now; else it is ended, and started anew.</param>
    public void TellAdopted(ProcessIdentity process, bool isCurrent = true)
    {
        _inbox.Writer.TryWrite(new Message.Found(process));
        if (!isCurrent) Tell(new Happening.Outdated("it was started before something changed: it is started anew"));
    }

    /// <summary>Ends the loop if nothing runs and nothing is wanted once everything told before has been dealt with; else does nothing.</summary>
    public void Retire() => _inbox.Writer.TryWrite(new Message.Retire());

    /// <summary>Looks at once at what serves and is well. What is in doubt is not hurried: its looks are strikes, and those have their time.</summary>
    public void LookNow() => _inbox.Writer.TryWrite(new Message.Hurry());

    public void Adjust(LifecyclePolicy newPolicy) => _inbox.Writer.TryWrite(new Message.NewPolicy(newPolicy));

    /// <summary>The life as it is once everything told before this call has been dealt with.</summary>
    public Task<Life> AskAsync()
    {
        var answer = new TaskCompletionSource<Life>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_inbox.Writer.TryWrite(new Message.Ask(answer))) answer.SetResult(_life);
        return answer.Task;
    }

    /// <summary>The process as known; null while none runs.</summary>
    public ProcessIdentity? Process => Volatile.Read(ref _process);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _inbox.Reader.ReadAllAsync(cancellationToken))
            {
                switch (message)
                {
                    case Message.Ask(var answer): answer.SetResult(_life); break;
                    case Message.NewPolicy(var newPolicy): Take(newPolicy); break;
                    case Message.Hurry when _life is { Phase: Phase.Ready, Strikes: 0 }: _ = Interlocked.Exchange(ref _hurry, new CancellationTokenSource()).CancelAsync(); break;
                    case Message.Happened(var happening): Apply(happening); break;
                    case Message.Found(var process): Found(process); break;
                    case Message.Started(var generation, var process, var before): Started(generation, process, before); break;
                    case Message.Ended(var exit): Ended(exit); break;
                    case Message.Retire when _life is { Phase: Phase.Stopped, Wanted: false }: return;
                }
            }
        }
        finally
        {
            _inbox.Writer.TryComplete();
            while (_inbox.Reader.TryRead(out var left))
                if (left is Message.Ask(var answer)) answer.SetResult(_life);
            await _over.CancelAsync();
            tools.Prober.Dispose();
        }
    }

    private void Take(LifecyclePolicy newPolicy)
    {
        var isBack = newPolicy.AutoRecovery && !_policy.AutoRecovery;
        var isOther = newPolicy != _policy;
        _policy = newPolicy;
        if (isOther) changed(Status(), _life, null); // what is told of a life depends on the policy too
        if (isBack) Apply(new Happening.Nudged("automatic recovery is on again"));
    }

    private void Found(ProcessIdentity process)
    {
        if (_life.Phase != Phase.Stopped) return;
        (_process, _runsSince) = (process, tools.Time.GetUtcNow());
        Apply(new Happening.Adopted());
    }

    private void Started(int generation, ProcessIdentity process, Before before)
    {
        if (generation != _life.Generation || !_life.HasProcess) return;
        (_process, _runsSince, _before) = (process, tools.Time.GetUtcNow(), before);
        Apply(new Happening.Spawned(generation));
        if (_earlyExits.Find(e => e.Identity == process) is { } early) Ended(early);
    }

    private void Ended(ProcessExit exit)
    {
        if (exit.Identity != _process)
        {
            // the end of a process may be told before its start: the two come on different connections
            if (_process is null && _life.HasProcess) _earlyExits.Add(exit);
            return;
        }

        _process = null;
        _earlyExits.Clear();
        Apply(new Happening.Exited(_life.Generation, CauseOf(exit)));
    }

    private ExitCause CauseOf(ProcessExit exit)
    {
        var isOurs = spec.Provider == Fleet.Builtin;
        var (code, signal) = WaitStatus.Within(exit.Code, exit.Signal, spec.IsSandboxed);
        var log = LogTail.Since(spec.Launch.LogFile, _before.LogLength, LinesRead);
        var diagnosis = HealingTable.Of(new Symptom(code, signal, log)
        {
            IsOurs = isOurs,
            Unwell = _life is { Phase: Phase.Stopping, Wanted: true } ? _life.UnwellAt : null,
            MemoryRanOut = tools.Machine.MemoryKills(spec.Name).HasMoreThan(_before.MemoryKills),
            DiskIsFull = tools.Machine.DiskIsFull(),
        });
        var words = ExitWords.Describe(code, signal, log.Count > 0 ? log[^1] : null, isOurs);
        return new(HealingTable.WordsOf(diagnosis.Remedy) is { } remedy ? $"{words}: {diagnosis.Words}, and {remedy}" : words, diagnosis.Hopeless) { Diagnosis = diagnosis };
    }

    private void Apply(Happening happening)
    {
        var before = _life;
        var moment = new Moment(tools.Time.GetUtcNow(), tools.Random.NextDouble());
        var step = Lifecycle.Next(before, happening, _policy, moment);
        _life = step.Life;
        if (before.Phase != _life.Phase) LogPhase(spec.Name, before.Phase, _life.Phase, _life.Reason, _life.Generation);
        if (before != _life) changed(Status(), _life, before.Phase != _life.Phase ? LifeDecision.Of(before, happening, _policy, moment, step) : null);
        foreach (var effect in step.Effects) Perform(effect);
    }

    private InstanceStatus Status() => new(
        spec.Name, spec.Provider, spec.Model, FleetView.StateOf(_life, _policy), _life.Reason, _process?.Pid, _life.Restarts, _life.Since)
    {
        Remedy = FleetView.RemedyOf(_life, _policy, spec.Provider, spec.Model),
        NextStart = _life.NextStart,
        TookToStart = _life.TookToStart,
        Fault = _life.Fault,
        Diagnosis = _life.Diagnosis,
        TookToRecover = _life.TookToRecover,
        Served = _life.Served,
        Health = new(HealthSigns.Of(_life)),
    };

    private void Perform(Effect effect)
    {
        switch (effect)
        {
            case Effect.Spawn(var generation): InBackground(() => SpawnAsync(generation)); break;
            case Effect.Terminate: Signal(ProcessSignal.Terminate); break;
            case Effect.Kill: Signal(ProcessSignal.Kill); break;
            case Effect.Look(var generation, var after): Look(generation, after, _runsSince); break;
            case Effect.Wake(var generation, var reason, var after): InBackground(() => WakeAsync(generation, reason, after)); break;
        }
    }

    private async Task SpawnAsync(int generation)
    {
        try
        {
            if (tools.Hindrance(spec) is { } hindrance)
            {
                Tell(new Happening.SpawnFailed(generation, hindrance));
                return;
            }

            LaunchFiles.Write(spec);
            tools.Launching(spec);
            var before = new Before(LogTail.Length(spec.Launch.LogFile), tools.Machine.MemoryKills(spec.Name));
            var process = await tools.Host.SpawnAsync(spec.Launch, _over.Token);
            _inbox.Writer.TryWrite(new Message.Started(generation, process, before));
        }
        catch (Exception e) when (!_over.IsCancellationRequested)
        {
            // whatever kept it from starting, the restart policy must hear of it
            Tell(new Happening.SpawnFailed(generation, e.Message) { Diagnosis = HealingTable.Of(new Symptom(e is SpawnFailedException ? NotExecuted : null, null, [e.Message]) { DiskIsFull = tools.Machine.DiskIsFull() }) });
        }
    }

    private void Signal(ProcessSignal signal)
    {
        if (_process is { } process) InBackground(() => tools.Host.SignalAsync(process, signal, _over.Token));
    }

    private void Look(int generation, TimeSpan after, DateTimeOffset runsSince) => InBackground(() => LookAsync(generation, after, runsSince));

    private async Task LookAsync(int generation, TimeSpan after, DateTimeOffset runsSince)
    {
        if (after > TimeSpan.Zero) await PauseAsync(after);
        Verdict verdict;
        try
        {
            verdict = !_policy.Monitors && _life.Phase is Phase.Ready or Phase.Degraded ? new Verdict.Unwatched() : await tools.Prober.LookAsync(Process?.Pid ?? 0, runsSince, _over.Token);
        }
        catch (Exception e) when (!_over.IsCancellationRequested)
        {
            // a look that fails must not be the last one
            LogEffectFailed(spec.Name, e);
            verdict = new Verdict.Unwell(HealthStep.Endpoint, e.Message);
        }

        Tell(new Happening.Looked(generation, verdict));
    }

    private async Task PauseAsync(TimeSpan after)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, Volatile.Read(ref _hurry).Token);
        try
        {
            await Task.Delay(after, tools.Time, either.Token);
        }
        catch (OperationCanceledException) when (!_over.IsCancellationRequested)
        {
            // somebody wants to know now
        }
    }

    private async Task WakeAsync(int generation, WakeFor reason, TimeSpan after)
    {
        await Task.Delay(after, tools.Time, _over.Token);
        Tell(new Happening.Woke(generation, reason));
    }

    /// <summary>An effect that fails is logged; the wake-up that every wait has beside it makes the next try.</summary>
    private async void InBackground(Func<Task> effect)
    {
        try
        {
            await Task.Yield();
            await effect();
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // this instance is given up; nobody waits for the effect any more
        }
        catch (Exception e)
        {
            LogEffectFailed(spec.Name, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Instance}: {From} -> {To}: {Reason} (generation {Generation})")]
    private partial void LogPhase(string instance, Phase from, Phase to, string reason, int generation);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Instance}: an effect failed")]
    private partial void LogEffectFailed(string instance, Exception exception);

    /// <summary>What was so before its process was started: only what changed since says something of it.</summary>
    private sealed record Before(long LogLength, MemoryKills MemoryKills);

    private abstract record Message
    {
        private Message() { }

        internal sealed record Ask(TaskCompletionSource<Life> Answer) : Message;

        internal sealed record Happened(Happening Happening) : Message;

        internal sealed record NewPolicy(LifecyclePolicy Policy) : Message;

        internal sealed record Found(ProcessIdentity Process) : Message;

        internal sealed record Started(int Generation, ProcessIdentity Process, Before Before) : Message;

        internal sealed record Ended(ProcessExit Exit) : Message;

        internal sealed record Retire : Message;

        internal sealed record Hurry : Message;
    }
}
