using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Planning;

namespace Helix.Core.Simulation;

/// <summary>
/// helix's own decisions over simulated processes, disk, memory and clock, from one seed: the lives of engines, the plan, the healing table and its ladder,
/// the choice of updates, and the schedules of what is done again and again. What must always hold is checked after every step.
/// </summary>
internal sealed partial class FleetSimulation
{
    private static readonly DateTimeOffset s_epoch = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    /// <summary>At the end nothing goes wrong any more, so that everything must come to rest.</summary>
    private static readonly TimeSpan s_quiet = TimeSpan.FromHours(6);

    private static readonly TimeSpan s_converge = TimeSpan.FromMinutes(15);

    private readonly SimulationSettings _settings;
    private readonly SeededDraw _draw;
    private readonly PriorityQueue<Action, (long At, long Number)> _queue = new();
    private readonly SimulatedEngine[] _engines;
    private readonly LifecyclePolicy _policy;
    private readonly long _memoryBytes;
    private readonly SimulatedAutomations _automations;
    private readonly SimulationTrace _trace = new();
    private readonly TimeSpan _end;
    private TimeSpan _now;
    private TimeSpan _jumped;
    private TimeSpan _lastJump = TimeSpan.MinValue;
    private long _events;
    private int _processes;
    private int _daemon;
    private bool _daemonLives;
    private bool _isDirty;

    private FleetSimulation(SimulationSettings settings)
    {
        (_settings, _draw, _end) = (settings, new SeededDraw(settings.Seed), TimeSpan.FromDays(settings.Days));
        var health = new HealthConfig();
        _policy = LifecyclePolicy.For(health, 0, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5));
        _engines = [.. Enumerable.Range(0, settings.Engines).Select(number => new SimulatedEngine(number, ModelOf(number), Wall))];
        // sometimes there is room for all, sometimes for one at a time
        _memoryBytes = (long)(_engines.Sum(engine => engine.Model.Bytes * 1.6) * (settings.WithFaults ? 0.5 + _draw.Unit() : 2)) + _engines.Max(engine => engine.Model.Bytes) * 2;
        _automations = new SimulatedAutomations(_draw);
    }

    private DateTimeOffset Wall => s_epoch + _now + _jumped;

    private bool IsQuiet => !_settings.WithFaults || _now > _end - s_quiet;

    public static SimulationReport Run(SimulationSettings settings)
    {
        var simulation = new FleetSimulation(settings);
        string? broken = null;
        try
        {
            simulation.Begin();
            simulation.Pass();
            simulation.CheckRest();
        }
        catch (SimulationBroken what)
        {
            broken = $"after {simulation._now}: {what.Message}";
        }

        return simulation._trace.Report(
            settings, broken, simulation._automations.Runs, simulation._engines.Sum(engine => engine.Up.TotalSeconds), simulation._engines.Sum(engine => engine.Down.TotalSeconds), [.. simulation._engines.Select(engine => engine.Model.Id)]);
    }

    private PlannedModel ModelOf(int number) => new(
        $"model-{number}", $"/models/{number}.gguf", (1L << 30) + (long)(_draw.Unit() * (6L << 30)), 40_000 + _draw.Below(100_000), 8192, ModelAbilities.Chat | ModelAbilities.Completion, IsSelfTest: false, s_epoch.AddDays(-number));

    private void Begin()
    {
        BeginDaemon();
        Converge();
        for (var minute = SimulatedAutomations.Look; minute < _end; minute += SimulatedAutomations.Look) Tick(minute);
        if (!_settings.WithFaults) return;
        foreach (var engine in _engines) After(TimeSpan.FromSeconds(engine.Number), () => Ask(engine));
        BeginTroubles();
    }

    private void Tick(TimeSpan at) => _queue.Enqueue(() =>
    {
        if (!_daemonLives) return;
        foreach (var done in _automations.Pass(_now, Wall))
            if (done == "updates") LookForUpdates();
        if (_now.Ticks % s_converge.Ticks == 0) _isDirty = true;
    }, (at.Ticks, _events++));

    private void Pass()
    {
        while (_queue.TryDequeue(out var what, out var order) && order.At <= _end.Ticks)
        {
            _now = TimeSpan.FromTicks(order.At);
            what();
            // one that starts or stops makes room, or needs it
            for (var times = 0; _isDirty && _daemonLives && times < 10; times++) Converge();
        }

        _now = _end;
        foreach (var engine in _engines) engine.Count(_now);
    }

    private void After(TimeSpan wait, Action what) => _queue.Enqueue(what, ((_now + wait).Ticks, _events++));

    /// <summary>Forgotten when the daemon dies before.</summary>
    private void OfDaemon(TimeSpan wait, Action what)
    {
        var daemon = _daemon;
        After(wait, () =>
        {
            if (_daemonLives && _daemon == daemon) what();
        });
    }

    /// <summary>The same about an engine: something is under way for it until then.</summary>
    private void Of(SimulatedEngine engine, TimeSpan wait, Action what)
    {
        engine.Pending++;
        OfDaemon(wait, () =>
        {
            engine.Pending--;
            what();
        });
    }

    private void Apply(SimulatedEngine engine, Happening happening)
    {
        engine.Count(_now);
        var before = engine.Life;
        var step = Lifecycle.Next(before, happening, _policy, new Moment(Wall, _draw.Unit()));
        engine.Life = step.Life;
        _trace.Step(_now, engine.Number, happening, step.Life);
        if (before.Phase != step.Life.Phase) _isDirty = true;
        if (step.Life.Phase == Phase.Ready && engine.DownSince is { } down)
        {
            _trace.Recovered(_now, engine.Model.Id, _now - down, engine.Life.Fault);
            engine.DownSince = null;
        }

        foreach (var effect in step.Effects) Perform(engine, effect, happening);
        if (step.Life.Faults > before.Faults) TakeFault(engine);
        if (engine.Life is { Wanted: true } && engine.Pending == 0) throw new SimulationBroken($"{engine.Model.Id} is wanted, and nothing is under way for it: {engine.Life.Phase}");
    }

    private void Perform(SimulatedEngine engine, Effect effect, Happening cause)
    {
        switch (effect)
        {
            case Effect.Spawn(var generation): Of(engine, _draw.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50)), () => Spawn(engine, generation)); break;
            case Effect.Terminate(var generation): Terminate(engine, generation, cause); break;
            case Effect.Kill when engine.Process is { } process: After(TimeSpan.FromMilliseconds(1), () => Exit(engine, process)); break;
            case Effect.Look(var generation, var after): Of(engine, after, () => Look(engine, generation)); break;
            case Effect.Wake(var generation, var reason, var after): Of(engine, after, () => Apply(engine, new Happening.Woke(generation, reason))); break;
        }
    }

    private void Look(SimulatedEngine engine, int generation)
    {
        Apply(engine, new Happening.Looked(generation, engine.Process?.Look(_now) ?? new Verdict.Unwell(HealthStep.Listen, "nothing listens there")));
        if (engine.Life.Phase is Phase.Ready or Phase.Degraded && engine.Life.Generation == generation) _trace.Looks++;
    }

    private void Terminate(SimulatedEngine engine, int generation, Happening cause)
    {
        if (engine.Process is not { } process || process.Generation != generation) return;
        var isWell = process.Fault == SimulatedFault.None && process.Look(_now) is Verdict.Healthy or Verdict.Busy;
        // a clock that was set may have made a start look longer than it was
        if (isWell && cause is Happening.Looked or Happening.Woke && engine.Life.Wanted && _lastJump < _now - TimeSpan.FromMinutes(10)) throw new SimulationBroken($"{engine.Model.Id} is ended though it is well: {engine.Life.Reason}");
        if (!process.IsAsked && !process.IsDeaf) After(_draw.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(800)), () => Exit(engine, process));
        process.IsAsked = true;
    }

    private void Converge()
    {
        _isDirty = false;
        var plan = FleetPlan.Make(PlanNow());
        var left = _engines.Where(engine => engine.Life.HasProcess || engine.Life.Wanted).Aggregate(MemoryPools.Of(_memoryBytes, []), (pools, engine) => pools.Without(engine.Runs!.Seating));
        foreach (var engine in _engines)
        {
            if (plan.Of(engine.Seat) is not Placement.Run run) Unwant(engine, plan.Of(engine.Seat)?.WhyNot ?? "not planned");
            else if (engine.Runs is { } was && engine.Life.Wanted && ((was.ContextPerSlot, was.Slots) != (run.ContextPerSlot, run.Slots) || engine.Release != _release))
            {
                if (!engine.IsBusy(_now)) Unwant(engine, "no longer planned as it was started");
            }
            else if (!engine.Life.Wanted && engine.Life.Phase == Phase.Stopped && left.Holds(run.Seating))
            {
                (engine.Runs, engine.Release) = (run, _release);
                left = left.Without(run.Seating);
                Apply(engine, new Happening.Wanted(run.Why));
            }
        }

        var taken = _engines.Where(engine => engine.Process is not null).Sum(engine => engine.Process!.HostBytes);
        if (taken > _memoryBytes) throw new SimulationBroken($"engines take {taken} bytes of {_memoryBytes}");
    }

    private void Unwant(SimulatedEngine engine, string why)
    {
        if (!engine.Life.Wanted) return;
        // nobody misses it any more
        engine.DownSince = null;
        Apply(engine, new Happening.Unwanted(why));
    }

    private PlanInput PlanNow() => new(
        [.. _engines.Select(engine => engine.Model)], [s_provider with { Release = $"{_release}" }],
        [.. _engines.Where(engine => engine.LastUsed is not null).Select(engine => new Demand(engine.Model.Id, engine.LastUsed!.Value))],
        AutoStart: true, null, 0, 4, _memoryBytes, Wall)
    {
        Placed = _engines.Where(engine => engine.Life.HasProcess && engine.Runs is not null).ToImmutableDictionary(engine => engine.Seat, engine => engine.Runs!),
        Ready = [.. _engines.Where(engine => engine.Life.Phase is Phase.Ready or Phase.Degraded).Select(engine => engine.Seat)],
        Answering = [.. _engines.Where(engine => engine.IsBusy(_now)).Select(engine => engine.Seat)],
        Shrunk = _engines.Where(engine => engine.Shrunk > 0).ToImmutableDictionary(engine => engine.Seat, engine => engine.Shrunk),
    };

    /// <summary>After hours without trouble everything that is wanted serves.</summary>
    private void CheckRest()
    {
        foreach (var engine in _engines)
            if (engine.Life is { Wanted: true, Phase: not Phase.Ready } && Wall - engine.Life.Since > TimeSpan.FromMinutes(10))
                throw new SimulationBroken($"{engine.Model.Id} is not back hours after the last trouble: {engine.Life.Phase}, {engine.Life.Reason}");
        if (_engines.All(engine => engine.Life.Phase != Phase.Ready)) throw new SimulationBroken("nothing serves hours after the last trouble");
    }

    private static readonly PlannedProvider s_provider = new(PlannedProvider.Builtin, 20, ["gguf"], [], ModelAbilities.Chat | ModelAbilities.Completion, 100L << 20);
}
