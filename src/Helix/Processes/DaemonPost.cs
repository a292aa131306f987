using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Processes;
using Helix.Storage;

namespace Helix.Processes;

/// <summary>Sees to it that there is a daemon. Moments are counted from the keeper's own start.</summary>
internal sealed class DaemonPost(HelixHome home, RunFolder folder, ListenerSet listeners, DaemonCommand command, KeeperLog log)
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);

    private readonly List<Leaving> _leaving = [];
    private DaemonCommand _command = command;
    private DaemonComeback _comeback;
    private KeptProcess? _present;
    private TimeSpan _startAt;
    private TimeSpan _startedAt;
    private bool _worked;
    private string _lastEnd = "";
    private StartGate? _gate;

    /// <summary>Null where the command is known to be good.</summary>
    public ProgramTrial? Trial { get; private set; }

    /// <summary>Why what was tried last was given up; null where it was not.</summary>
    public string? Undone { get; private set; }

    public DaemonCommand Command => _command;

    /// <summary>Grows with every change that the journal has to know.</summary>
    public int Version { get; private set; }

    /// <summary>Null when the present daemon works, or none has failed.</summary>
    public DaemonTrouble? Trouble => _worked || _comeback.Misses == 0 ? null : new DaemonTrouble(_comeback.Misses, _lastEnd);

    public ImmutableArray<ProcessIdentity> Identities => [.. Processes.Select(process => process.Identity)];

    /// <summary>The present daemon first, then those that are leaving.</summary>
    public IEnumerable<KeptProcess> Processes => (_present is null ? [] : new[] { _present }).Concat(_leaving.Select(leaving => leaving.Process));

    /// <summary>When there is something to do even if nothing happens.</summary>
    public TimeSpan NextMoment => _leaving.Aggregate(
        _present is not null ? Trial is { State: { Answers: false, Patience: var patience } } ? _startedAt + patience : TimeSpan.MaxValue
        : IsRetired || !IsFree ? TimeSpan.MaxValue : _startAt,
        (soonest, leaving) => leaving.KillAt < soonest ? leaving.KillAt : soonest);

    /// <summary>Nobody who leaves has anything left that his successor needs.</summary>
    private bool IsFree => _leaving.TrueForAll(leaving => leaving.HandedOver);

    public void Adopt(Journal journal, TimeSpan now)
    {
        (Trial, Undone) = (journal.Trial, journal.Undone);
        foreach (var identity in journal.Daemon)
        {
            if (KeptProcess.Adopt(identity, home.DaemonLog) is not { } process)
                continue;
            if (_present is null)
                _present = process;
            else
                _leaving.Add(new Leaving(process, TimeSpan.MaxValue, HandedOver: true));
        }

        _startedAt = now;
    }

    /// <summary>The present daemon has begun to watch its engines.</summary>
    public void NoteWork() => _worked = true;

    /// <summary>The present daemon answers on its sockets: what is tried has passed its first test.</summary>
    public void NoteAnswer(ProcessIdentity daemon)
    {
        if (Trial is not { } trial || _present?.Identity != daemon)
            return;
        Trial = trial with { State = trial.State with { Answers = true } };
        Version++;
    }

    /// <summary>What is tried is good: the program before is not needed any more.</summary>
    public void Keep()
    {
        (Trial, Undone) = (null, null);
        Version++;
    }

    public void Tend(TimeSpan now)
    {
        for (var i = _leaving.Count - 1; i >= 0; i--)
        {
            if (_leaving[i].Process.TryCollect())
            {
                _leaving.RemoveAt(i);
                Version++;
            }
            else if (_leaving[i].KillAt <= now)
            {
                _leaving[i].Process.Signal(NativeLibc.SignalKill);
                _leaving[i] = _leaving[i] with { KillAt = TimeSpan.MaxValue };
            }
        }

        if (_present?.TryCollect() == true)
        {
            _comeback = _comeback.After(_worked, now - _startedAt);
            _startAt = now + _comeback.Delay;
            _lastEnd = HowItEnded(_present.Exit!);
            log.Write($"the daemon {_present.Identity.Pid} ended ({_lastEnd}); it is started again in {_comeback.Delay.TotalMilliseconds:0} ms");
            _present = null;
            Version++;
            if (Trial is { } trial && (Trial = trial.State.AfterDeath() is { } next ? trial with { State = next } : null) is null)
                GoBack(trial, $"its daemon ended ({_lastEnd})", now);
        }

        if (_present is not null && Trial is { } late && late.State.IsOverdue(now - _startedAt))
        {
            _present.Signal(NativeLibc.SignalKill);
            _leaving.Add(new Leaving(_present, TimeSpan.MaxValue, HandedOver: false));
            _present = null;
            GoBack(late, string.Create(CultureInfo.InvariantCulture, $"its daemon had not answered after {late.State.Patience.TotalSeconds:0.#} s"), now);
        }

        if (_present is null && !IsRetired && now >= _startAt && IsFree)
            Start(now);
    }

    /// <summary>Has the daemon followed by one started from <paramref name="fileName"/>: when it is gone, or once it said that all is handed over.</summary>
    public void Renew(string fileName, TimeSpan now)
    {
        _command = _command with { FileName = fileName };
        (Trial, Undone) = (null, null);
        _comeback = default;
        _startAt = now;
        if (_present is not null)
        {
            _present.Signal(NativeLibc.SignalTerminate);
            _leaving.Add(new Leaving(_present, now + s_grace, HandedOver: false));
            _present = null;
        }

        Version++;
    }

    /// <summary>As <see cref="Renew"/>, but the program before is back if the new one does not answer in time, or ends.</summary>
    public void Try(string fileName, TimeSpan patience, TimeSpan now)
    {
        // one that never answered is nothing to go back to
        var before = Trial is { State.Answers: false } unproven ? unproven.Before : _command;
        Renew(fileName, now);
        Trial = new(new(patience), before);
    }

    /// <summary>A daemon that leaves has given everything away but the streams it still finishes, for which it may take its time. Its successor starts now.</summary>
    public void NoteHandOver(ProcessIdentity daemon, TimeSpan now)
    {
        if (_present?.Identity == daemon)
        {
            // it was asked to go by somebody else, and goes in good order
            _leaving.Add(new Leaving(_present, TimeSpan.MaxValue, HandedOver: true));
            _present = null;
            _comeback = default;
            _startAt = now;
            if (Trial is { } trial)
                Trial = trial with { State = trial.State with { Answers = false } };
            Version++;
            return;
        }

        for (var i = 0; i < _leaving.Count; i++)
        {
            if (_leaving[i].Process.Identity == daemon)
                _leaving[i] = _leaving[i] with { HandedOver = true, KillAt = TimeSpan.MaxValue };
        }
    }

    /// <summary>No daemon is started any more.</summary>
    public bool IsRetired { get; private set; }

    /// <summary>From now on no daemon is started any more.</summary>
    /// <returns>Those that still live.</returns>
    public IReadOnlyList<KeptProcess> Retire()
    {
        IsRetired = true;
        return [.. Processes];
    }

    /// <summary>Lets the daemon work, and says where the gateway is and who the daemon is. To be called when the journal knows it too.</summary>
    public void WriteWhere()
    {
        _gate?.Open();
        _gate?.Dispose();
        _gate = null;
        if (_present is null)
            return;
        AtomicFile.Write(folder.Address, listeners.Gateway, log);
        AtomicFile.Write(folder.PidFile, _present.Identity.Pid.ToString(CultureInfo.InvariantCulture), log);
    }

    private void Start(TimeSpan now)
    {
        var (descriptors, announcement) = listeners.HandOver();
        var environment = KeeperEnvironment.Ours();
        environment["HELIX_HOME"] = home.Root;
        environment["HELIX_KEEPER_SOCKET"] = folder.KeeperSocket;
        environment[PassedListener.Variable] = announcement;
        _gate?.Dispose();
        _gate = new StartGate();
        var at = descriptors.Max(passed => passed.Target) + 1;
        environment[StartGate.Variable] = at.ToString(CultureInfo.InvariantCulture);
        _worked = false;
        _startedAt = now;
        Version++;
        try
        {
            _present = KeptProcess.Start(new LaunchSpec("daemon", _command.FileName, _command.Arguments, environment, home.Root, home.DaemonLog), [.. descriptors, new(_gate.Descriptor, at)]);
            _gate.Passed();
            log.Write($"the daemon runs with pid {_present.Identity.Pid} at {listeners.Gateway}");
        }
        catch (SpawnFailedException exception)
        {
            _comeback = _comeback.After(worked: false, TimeSpan.Zero);
            _startAt = now + _comeback.Delay;
            _lastEnd = exception.Message;
            log.Write($"the daemon did not start: {exception.Message}");
            if (Trial is { } trial)
                GoBack(trial, exception.Message, now);
        }
    }

    private void GoBack(ProgramTrial trial, string why, TimeSpan now)
    {
        log.Write($"{_command.FileName} is given up: {why}; the daemon is one of {trial.Before.FileName} again");
        (_command, Trial, Undone) = (trial.Before, null, why);
        _comeback = default;
        _startAt = now;
        Version++;
    }

    private static string HowItEnded(ProcessExit exit) => exit switch
    {
        { Code: { } code } => $"exit code {code}",
        { Signal: { } signal } => $"signal {signal}",
        _ => "reason unknown",
    };

    private sealed record Leaving(KeptProcess Process, TimeSpan KillAt, bool HandedOver);
}
