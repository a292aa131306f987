namespace Helix.Processes;

/// <summary>Starts and watches processes. The daemon's goes through the keeper, so that they outlive the daemon.</summary>
internal interface IProcessHost
{
    /// <summary>Starts a process as leader of its own session, output to a file, and returns as soon as it runs.</summary>
    /// <exception cref="SpawnFailedException">The program could not be started; the message says why.</exception>
    Task<ProcessIdentity> SpawnAsync(LaunchSpec spec, CancellationToken cancellationToken);

    /// <summary>Sends a signal to the whole group of the process; does nothing if it is no longer the same process.</summary>
    Task SignalAsync(ProcessIdentity process, ProcessSignal signal, CancellationToken cancellationToken);

    /// <summary>Everything the keeper knows, the dead whose end nobody has acknowledged included.</summary>
    Task<IReadOnlyList<KnownProcess>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The end of this process was taken note of: it leaves the list.</summary>
    Task AcknowledgeAsync(ProcessIdentity process, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Every end from now on, each once. Ends with an exception if the keeper goes away; after that <see cref="ListAsync"/> tells what was missed.</summary>
    IAsyncEnumerable<ProcessExit> WatchAsync(CancellationToken cancellationToken);
}

/// <summary>Who a process is: a pid alone may be somebody else tomorrow.</summary>
/// <param name="Name">The instance's name; the keeper keeps at most one live process a name.</param>
/// <param name="StartTicks">Start time from <c>/proc/PID/stat</c>, in clock ticks since boot.</param>
internal sealed record ProcessIdentity(string Name, int Pid, long StartTicks);

/// <param name="Name">Unique among live processes: spawning a second one of the same name is refused.</param>
/// <param name="Environment">The whole environment of the child; nothing is inherited.</param>
/// <param name="LogFile">Both outputs are appended to this file.</param>
internal sealed record LaunchSpec(
    string Name,
    string FileName,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string WorkingDirectory,
    string LogFile);

internal enum ProcessSignal
{
    Terminate = 15,
    Kill = 9,
}

/// <param name="Exit">Null while it lives.</param>
internal sealed record KnownProcess(ProcessIdentity Identity, ProcessExit? Exit);

/// <param name="Code">Exit code when it ended by itself.</param>
/// <param name="Signal">Number of the signal that ended it. Both null: the reason is unknown (an adopted process).</param>
internal sealed record ProcessExit(ProcessIdentity Identity, int? Code, int? Signal);

/// <summary>A program could not be started.</summary>
/// <param name="holder">The live process that bears the name already, where that was the reason.</param>
internal sealed class SpawnFailedException(string message, ProcessIdentity? holder = null) : Exception(message)
{
    public ProcessIdentity? Holder => holder;
}
