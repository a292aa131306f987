using Helix.Core.Processes;

namespace Helix.Processes;

/// <summary>A process that the keeper started or found, until its end and beyond.</summary>
internal sealed class KeptProcess
{
    private readonly int _pidfd;
    private WaitStatus _status;

    private KeptProcess(ProcessIdentity identity, string logFile, int pidfd)
    {
        Identity = identity;
        LogFile = logFile;
        _pidfd = pidfd;
    }

    public ProcessIdentity Identity { get; }

    public string LogFile { get; }

    /// <summary>Null while it lives.</summary>
    public ProcessExit? Exit { get; private set; }

    /// <summary>Readable once it is dead; -1 where the system has no such thing, and it must be asked.</summary>
    public int DeathDescriptor => _pidfd;

    /// <exception cref="SpawnFailedException">It could not be started.</exception>
    public static KeptProcess Start(LaunchSpec spec, IReadOnlyList<PassedDescriptor> passed)
    {
        var pid = NativeSpawn.Start(spec, passed);
        return new KeptProcess(new ProcessIdentity(spec.Name, pid, ProcessTable.StartTicks(pid)), spec.LogFile, NativeLibc.OpenPidfd(pid));
    }

    /// <summary>Takes over a process that somebody else started; null when it is not there any more.</summary>
    public static KeptProcess? Adopt(ProcessIdentity identity, string logFile)
    {
        // the descriptor first, then the look: what is seen alive afterwards is what the descriptor stands for
        var process = new KeptProcess(identity, logFile, NativeLibc.OpenPidfd(identity.Pid));
        if (ProcessTable.IsAlive(identity.Pid, identity.StartTicks))
            return process;
        process.CloseDescriptor();
        return null;
    }

    /// <summary>One that is known to have ended.</summary>
    public static KeptProcess Ended(ProcessExit exit, string logFile) => new(exit.Identity, logFile, pidfd: -1) { Exit = exit };

    /// <summary>Takes note of its death, once: what is left of its group dies with it, and the exit status is collected.</summary>
    public bool TryCollect()
    {
        if (Exit is not null || (_pidfd >= 0 && !NativeLibc.IsReadable(_pidfd)))
            return false;
        if (_pidfd >= 0)
            NativeLibc.KillGroup(Identity.Pid, NativeLibc.SignalKill);
        var collected = NativeLibc.Collect(Identity.Pid, out var status);
        if (collected == 0 || (collected < 0 && _pidfd < 0 && ProcessTable.IsAlive(Identity.Pid, Identity.StartTicks)))
            return false;

        if (collected > 0)
            KeepStatus(status);
        Exit = new ProcessExit(Identity, _status.Code, _status.Signal);
        CloseDescriptor();
        return true;
    }

    /// <summary>Its exit status was collected together with those of strays; it is told with its end.</summary>
    public void KeepStatus(int status) => _status = WaitStatus.Decode(status);

    public void Signal(int signal)
    {
        if (Exit is null && ProcessTable.IsAlive(Identity.Pid, Identity.StartTicks))
            NativeLibc.KillGroup(Identity.Pid, signal);
    }

    private void CloseDescriptor()
    {
        if (_pidfd >= 0)
            NativeLibc.Close(_pidfd);
    }
}
