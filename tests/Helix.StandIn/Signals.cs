using System.Runtime.InteropServices;
using Helix.StandIn.Serving;

namespace Helix.StandIn;

/// <summary>What SIGTERM does.</summary>
internal enum Stopping
{
    /// <summary>Requests are cut off, exit code 0.</summary>
    Abort,

    /// <summary>Requests may end first, exit code 0.</summary>
    Drain,

    /// <summary>There is no handler: death by the signal.</summary>
    AtOnce,

    /// <summary>Waits until all clients have gone, exit code 0; a second signal ends it with 1.</summary>
    WaitsForClients,

    /// <summary>Exit code 1, as a Qt application without a handler of its own.</summary>
    WithOne,
}

/// <summary>Takes the signals that end a server, in the manner of the one it poses as.</summary>
internal sealed partial class Signals : IDisposable
{
    private const int Terminate = 15, Interrupt = 2;
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<int> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Site _site;
    private readonly Stopping _stopping;
    private readonly PosixSignalRegistration[] _registered;
    private int _seen;

    public Signals(Site site, Stopping stopping)
    {
        (_site, _stopping) = (site, stopping);
        _registered =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Take),
        ];
    }

    public Task<int> EndAsync() => _end.Task;

    /// <summary>Ends as a signal would.</summary>
    public static void DieBy(int signal)
    {
        _ = Handle(signal, 0);
        _ = Kill(Environment.ProcessId, signal);
    }

    [LibraryImport("libc", EntryPoint = "setsid")]
    public static partial int NewSession();

    public void Dispose()
    {
        foreach (var registration in _registered) registration.Dispose();
    }

    private void Take(PosixSignalContext context)
    {
        context.Cancel = true;
        if (context.Signal == PosixSignal.SIGTERM && Knobs.Read().IgnoreSigterm)
        {
            Stage.Log("stand-in: SIGTERM ignored (ignore_sigterm)");
            return;
        }

        if (_stopping == Stopping.AtOnce)
        {
            DieBy(context.Signal == PosixSignal.SIGTERM ? Terminate : Interrupt);
            return;
        }

        if (Interlocked.Increment(ref _seen) > 1)
        {
            _end.TrySetResult(_stopping == Stopping.WaitsForClients ? 1 : 0);
            return;
        }

        _ = StopAsync(context.Signal == PosixSignal.SIGINT);
    }

    private async Task StopAsync(bool interrupted)
    {
        switch (_stopping)
        {
            case Stopping.WaitsForClients:
                Stage.Log("srv  operator(): operator(): cleaning up before exit...");
                await _site.StopAsync(Timeout.InfiniteTimeSpan);
                break;
            case Stopping.Drain:
                await _site.StopAsync(s_drain);
                break;
            default:
                await _site.StopAsync(TimeSpan.Zero);
                break;
        }

        _end.TrySetResult(_stopping == Stopping.WithOne && !interrupted ? 1 : 0);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    /// <param name="handler">0: what the system does by itself.</param>
    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Handle(int signal, nint handler);
}
