using System.Collections.Immutable;
using Helix.Core.Processes;

namespace Helix.Processes;

/// <summary>The engines: at most one live process a name, and the ends that nobody has acknowledged.</summary>
/// <param name="killRest">Kills what is left, by other means, of the engine of a name that has ended.</param>
internal sealed class KeptChildren(Action<string>? killRest = null)
{
    private readonly Dictionary<string, KeptProcess> _byName = new(StringComparer.Ordinal);

    /// <summary>Sessions we began, and when their leaders did; their members belong to us even when the leader is gone.</summary>
    private readonly Dictionary<int, long> _sessions = [];

    /// <summary>Grows with every change that the journal has to know.</summary>
    public int Version { get; private set; }

    public IEnumerable<KeptProcess> All => _byName.Values;

    public IEnumerable<KeptProcess> Living => _byName.Values.Where(process => process.Exit is null);

    public ImmutableArray<JournalEntry> Entries => [.. _byName.Values.Select(process => new JournalEntry(process.Identity, process.LogFile, process.Exit))];

    public IReadOnlyList<KnownProcess> Known => [.. _byName.Values.Select(process => new KnownProcess(process.Identity, process.Exit))];

    /// <exception cref="SpawnFailedException">The name is taken by a live process, or the program could not be started.</exception>
    public ProcessIdentity Spawn(LaunchSpec spec)
    {
        if (_byName.TryGetValue(spec.Name, out var first) && first.Exit is null)
            throw new SpawnFailedException($"{spec.Name} runs already, with pid {first.Identity.Pid}.", first.Identity);
        return Keep(KeptProcess.Start(spec, [])).Identity;
    }

    /// <summary>Takes over what a journal names. What died meanwhile is kept as an end of unknown reason, without the rest of its session.</summary>
    public void Adopt(JournalEntry entry)
    {
        if (entry.Exit is null && KeptProcess.Adopt(entry.Identity, entry.LogFile) is { } alive)
        {
            Keep(alive);
            return;
        }

        _sessions[entry.Identity.Pid] = entry.Identity.StartTicks;
        if (entry.Exit is null)
            KillSession(entry.Identity.Pid);
        Keep(KeptProcess.Ended(entry.Exit ?? new ProcessExit(entry.Identity, null, null), entry.LogFile));
    }

    public void Signal(ProcessIdentity process, ProcessSignal signal) => Find(process)?.Signal((int)signal);

    public void Acknowledge(ProcessIdentity process)
    {
        if (Find(process) is { Exit: not null })
        {
            _byName.Remove(process.Name);
            Version++;
        }
    }

    /// <summary>Ends that were not seen before.</summary>
    public List<ProcessExit> Collect()
    {
        var ends = new List<ProcessExit>();
        foreach (var process in _byName.Values)
        {
            if (!process.TryCollect()) continue;
            KillSession(process.Identity.Pid);
            killRest?.Invoke(process.Identity.Name);
            ends.Add(process.Exit!);
        }

        Version += ends.Count;
        return ends;
    }

    public void SignalAll(int signal)
    {
        foreach (var process in Living)
            process.Signal(signal);
    }

    /// <summary>Kills what is left of our sessions, and our orphans, wherever they went.</summary>
    /// <returns>How many there were.</returns>
    public int KillStrays()
    {
        var strays = 0;
        foreach (var stat in ProcessTable.All())
        {
            if (stat.Parent != Environment.ProcessId && !IsOurs(stat))
                continue;
            NativeLibc.Kill(stat.Pid, NativeLibc.SignalKill);
            strays++;
        }

        return strays;
    }

    /// <summary>How many sessions are known to be ours.</summary>
    public int Sessions => _sessions.Count;

    /// <summary>Forgets the sessions that have no member any more: their numbers are free for strangers. While there is one, the system gives the number to nobody.</summary>
    public void ForgetEmptySessions()
    {
        var living = Living.Select(process => process.Identity.Pid).ToHashSet();
        if (!OperatingSystem.IsLinux() || _sessions.Keys.All(living.Contains))
            return;
        var used = ProcessTable.All().Select(stat => stat.Session).ToHashSet();
        foreach (var session in _sessions.Keys.Where(session => !living.Contains(session) && !(used.Contains(session) && IsOurs(session))).ToList())
            _sessions.Remove(session);
    }

    /// <summary>A number given to a stranger meanwhile is not our session any more.</summary>
    private bool IsOurs(int session) =>
        _sessions.TryGetValue(session, out var started) && (ProcessTable.Read(session) is not { } leader || leader.StartTicks == started);

    private bool IsOurs(ProcStat stat) => IsOurs(stat.Session) && ProcessTable.IsOfThisUser(stat.Pid);

    private void KillSession(int leader)
    {
        foreach (var stat in ProcessTable.All())
        {
            if (stat.Session == leader && stat.Pid != leader && IsOurs(stat))
                NativeLibc.Kill(stat.Pid, NativeLibc.SignalKill);
        }
    }

    private KeptProcess? Find(ProcessIdentity process) =>
        _byName.TryGetValue(process.Name, out var kept) && kept.Identity == process ? kept : null;

    private KeptProcess Keep(KeptProcess process)
    {
        _byName[process.Identity.Name] = process;
        _sessions[process.Identity.Pid] = process.Identity.StartTicks;
        Version++;
        return process;
    }
}
