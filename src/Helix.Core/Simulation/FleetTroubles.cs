using System.Globalization;
using Helix.Core.Fleet;
using Helix.Core.Healing;
using Helix.Core.Updates;

namespace Helix.Core.Simulation;

/// <summary>The world: processes that start and end, people who ask, releases that appear, and everything that goes wrong.</summary>
internal sealed partial class FleetSimulation
{
    private static readonly TimeSpan s_watched = TimeSpan.FromMinutes(10);

    /// <summary>See the healer: a second fault of a new release is enough.</summary>
    private const int VainRestarts = 2;

    private readonly HashSet<int> _bad = [];
    private readonly HashSet<int> _refused = [];
    private int _release = 1;
    private int _newest = 1;
    private int? _previous;
    private DateTimeOffset _newestSeen = s_epoch;
    private DateTimeOffset _chosenAt = DateTimeOffset.MinValue;
    private Climb? _climb;
    private bool _isDiskFull;

    private void BeginTroubles()
    {
        Again(TimeSpan.FromHours(12), () => KillDaemon(_draw.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2)), machineToo: false));
        Again(TimeSpan.FromDays(3), () => KillDaemon(_draw.Between(TimeSpan.FromMinutes(1), TimeSpan.FromDays(2)) is var off && off < _end - s_quiet - _now ? off : _end - s_quiet - _now, machineToo: true));
        Again(TimeSpan.FromDays(2), () =>
        {
            // set forward or back, or it slept: processes do not notice
            var jump = _draw.Between(TimeSpan.FromHours(-20), TimeSpan.FromHours(20));
            (_jumped, _lastJump) = (_jumped + jump, _now);
            _automations.ClockWasSet();
            _trace.Fault("clock_set");
        });
        Again(TimeSpan.FromDays(1.5), () => (_newest, _newestSeen) = (_newest + 1, Wall));
        Again(TimeSpan.FromDays(4), () =>
        {
            _isDiskFull = true;
            _trace.Fault("disk_full");
        });

        void Again(TimeSpan mean, Action trouble) => After(_draw.Every(mean), () =>
        {
            if (IsQuiet) return;
            trouble();
            Again(mean, trouble);
        });
    }

    /// <summary>Somebody asks for a model, and again later.</summary>
    private void Ask(SimulatedEngine engine)
    {
        engine.LastUsed = Wall;
        if (engine is { Life.Phase: Phase.Ready, Process: { Fault: SimulatedFault.None } process }) process.BusyUntil = _now + _draw.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(40));
        _isDirty = true;
        After(_draw.Every(TimeSpan.FromMinutes(25)), () => Ask(engine));
    }

    private void BeginDaemon()
    {
        (_daemon, _daemonLives, _isDirty) = (_daemon + 1, true, true);
        _automations.Begin(Wall);
        foreach (var engine in _engines)
        {
            engine.Count(_now);
            (engine.Life, engine.Pending, engine.IsVerifying) = (Life.New(Wall), 0, false);
            if (engine.Process is not { } process) continue;
            // the keeper tells what runs; it is found under its own name, as it was started
            Apply(engine, new Happening.Adopted());
            // generations begin anew with each daemon
            engine.Process = Renamed(process, engine.Life.Generation);
            if (process.Release != engine.Release) Apply(engine, new Happening.Outdated("it was started before something changed"));
        }
    }

    private static SimulatedProcess Renamed(SimulatedProcess process, int generation) => new()
    {
        Number = process.Number, Generation = generation, Release = process.Release, HostBytes = process.HostBytes, ReadyAt = process.ReadyAt,
        IsDeaf = process.IsDeaf, Fault = process.Fault, IsAsked = process.IsAsked, BusyUntil = process.BusyUntil,
    };

    private void KillDaemon(TimeSpan gone, bool machineToo)
    {
        if (!_daemonLives) return;
        _daemonLives = false;
        _trace.Fault(machineToo ? "machine_off" : "daemon_killed");
        if (machineToo)
            foreach (var engine in _engines)
            {
                // time in which the machine is off is nobody's
                engine.Count(_now);
                (engine.Life, engine.DownSince, engine.Process) = (Life.New(Wall), null, null);
            }

        After(gone, BeginDaemon);
    }

    private void Spawn(SimulatedEngine engine, int generation)
    {
        if (engine.Life.Generation != generation || !engine.Life.HasProcess) return;
        if (engine.Process is { } other) throw new SimulationBroken($"{engine.Model.Id} is started while its process {other.Number} lives");
        if (!IsQuiet && _draw.Chance(0.002))
        {
            Apply(engine, new Happening.SpawnFailed(generation, "no more processes") { Diagnosis = HealingTable.Of(new Symptom(null, null, ["Cannot allocate memory"])) });
            return;
        }

        var process = new SimulatedProcess
        {
            Number = ++_processes, Generation = generation, Release = engine.Release, HostBytes = engine.Runs!.Seating.HostBytes,
            ReadyAt = _now + _draw.Between(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(20)), IsDeaf = !IsQuiet && _draw.Chance(0.02),
        };
        engine.Process = process;
        Apply(engine, new Happening.Spawned(generation));
        var atOnce = _bad.Contains(process.Release) ? SimulatedFault.BadRelease : engine.ModelIsBroken ? SimulatedFault.ModelBroken : _isDiskFull ? SimulatedFault.DiskFull
            : !IsQuiet && _draw.Chance(0.01) ? SimulatedFault.PortTaken : SimulatedFault.None;
        if (atOnce != SimulatedFault.None) After(_draw.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250)), () => Strike(engine, process, atOnce));
        else if (_settings.WithFaults) After(_draw.Every(TimeSpan.FromHours(8)), () => Strike(engine, process, null));
    }

    private void Strike(SimulatedEngine engine, SimulatedProcess process, SimulatedFault? which)
    {
        if (Living(engine, process) is not { } lives || (which is null && IsQuiet) || lives.IsAsked || lives.Fault != SimulatedFault.None) return;
        var fault = which ?? _draw.Of<SimulatedFault>([SimulatedFault.Crashed, SimulatedFault.Crashed, SimulatedFault.Killed, SimulatedFault.MemoryKilled, SimulatedFault.Wedged, SimulatedFault.Wedged, SimulatedFault.Silent, SimulatedFault.ModelBroken]);
        if (which is null) _trace.Fault(SimulatedProcess.Code(fault));
        if (fault == SimulatedFault.ModelBroken && which is null) (engine.ModelIsBroken, fault) = (true, SimulatedFault.Crashed);
        engine.Count(_now);
        lives.Fault = fault;
        if (engine.Life.Phase is Phase.Ready or Phase.Degraded) engine.DownSince ??= _now;
        if (fault is not (SimulatedFault.Wedged or SimulatedFault.Silent)) Exit(engine, lives);
    }

    /// <summary>The same process, by whatever name the daemon knows it; null if it has ended.</summary>
    private static SimulatedProcess? Living(SimulatedEngine engine, SimulatedProcess process) => engine.Process?.Number == process.Number ? engine.Process : null;

    private void Exit(SimulatedEngine engine, SimulatedProcess asked)
    {
        if (Living(engine, asked) is not { } process) return;
        engine.Count(_now);
        engine.Process = null;
        // nobody is there to be told: the next daemon finds nothing running
        if (!_daemonLives) return;
        Of(engine, TimeSpan.FromMilliseconds(1), () => Apply(engine, new Happening.Exited(process.Generation, CauseOf(engine, process))));
    }

    private static ExitCause CauseOf(SimulatedEngine engine, SimulatedProcess process)
    {
        var unwell = engine.Life is { Phase: Phase.Stopping, Wanted: true } ? engine.Life.UnwellAt : null;
        var found = HealingTable.Of(process.Symptom(unwell));
        var hangs = process.Fault is SimulatedFault.Wedged or SimulatedFault.Silent;
        if (process.Fault != SimulatedFault.None && engine.Life.Wanted && (hangs ? unwell is not null : !process.IsAsked) && found.Code != SimulatedProcess.Code(process.Fault))
            throw new SimulationBroken($"{engine.Model.Id} went down by {process.Fault}, and it was told as {found.Code}");
        return new(found.Words, found.Hopeless) { Diagnosis = found };
    }

    private void TakeFault(SimulatedEngine engine)
    {
        if (engine.Life.Diagnosis is not { } diagnosis) return;
        var critical = FleetView.StateOf(engine.Life, _policy) == ProviderState.Critical;
        var isNew = _previous is not null && Wall - _chosenAt < s_watched && diagnosis.Remedy is Remedy.Restart or Remedy.Rebuild or Remedy.Rollback;
        switch (diagnosis.Remedy)
        {
            case Remedy.SmallerPlan: engine.Shrunk = Math.Min(8, engine.Shrunk + 1); _isDirty = true; break;
            case Remedy.VerifyModel when !engine.IsVerifying:
                engine.IsVerifying = true;
                Mend(_draw.Between(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2)), () => engine.ModelIsBroken = engine.IsVerifying = false);
                break;
            case Remedy.FreeDisk: Mend(TimeSpan.FromSeconds(3), () => _isDiskFull = false); break;
        }

        if (critical || (isNew && engine.Life.Restarts >= VainRestarts) || (diagnosis.Remedy is Remedy.Rebuild or Remedy.Rollback && engine.Life.Restarts >= VainRestarts)) Climb(engine, isNew ? Remedy.Rollback : diagnosis.Remedy);
    }

    /// <summary>Done by the daemon; one that dies meanwhile has the next fault mended by its successor.</summary>
    private void Mend(TimeSpan takes, Action mend) => OfDaemon(takes, () =>
    {
        mend();
        Nudge("what was the matter is mended");
    });

    private void Climb(SimulatedEngine engine, Remedy remedy)
    {
        if (_engines.Any(other => other != engine && other.Life.Phase == Phase.Ready)) return;
        var (climb, ascent) = HealingLadder.Next(_climb, new Trouble.Exhausted(Version(_release), remedy, _previous is not null), Wall);
        _climb = climb;
        if (ascent == Ascent.Rebuild) Mend(TimeSpan.FromMinutes(2), static () => { });
        else if (ascent == Ascent.RollBack && _previous is { } before)
        {
            _refused.Add(_release);
            (_release, _previous) = (before, null);
            _trace.Fault("rolled_back");
            Nudge("the release before is used");
        }
    }

    private void Nudge(string why)
    {
        _isDirty = true;
        foreach (var engine in _engines)
            if (engine.Life.Wanted) Apply(engine, new Happening.Nudged(why));
    }

    private void LookForUpdates()
    {
        var facts = new VersionFacts(Version(_release), Version(_release), Version(_newest), _newestSeen, null, [.. _refused.Select(Version)]);
        if (IsQuiet || UpdateDecision.Of(facts, new(true, TimeSpan.FromDays(1), null), Wall) is not UpdateDecision.Go(var version)) return;
        if (version != Version(_newest) || _refused.Contains(_newest)) throw new SimulationBroken($"{version} was to be installed");
        _trace.Fault("update");
        var isBad = _draw.Chance(0.4);
        if (isBad && _draw.Chance(0.6))
        {
            // found out beside the one that serves
            _refused.Add(_newest);
            return;
        }

        if (isBad) _bad.Add(_newest);
        (_previous, _release, _chosenAt, _climb, _isDirty) = (_release, _newest, Wall, null, true);
    }

    private static string Version(int number) => string.Create(CultureInfo.InvariantCulture, $"1.0.{number}");
}
