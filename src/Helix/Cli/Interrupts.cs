using System.Runtime.InteropServices;

namespace Helix.Cli;

/// <summary>Ctrl-C and SIGTERM for verbs that have something to tidy up: the first cancels what is going on, the second ends the program.</summary>
internal sealed class Interrupts
{
    private CancellationTokenSource _current = new();

    public CancellationToken Token => _current.Token;

    /// <summary>True once somebody interrupted what goes on now.</summary>
    public bool Struck => _current.IsCancellationRequested;

    /// <summary>Takes the signals until the answer is disposed.</summary>
    public IDisposable Listen()
    {
        var registrations = new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }
            .Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = Strike()))
            .ToArray();
        return new Listening(registrations);
    }

    /// <summary>Interrupts what goes on; false when that was done already, so that nobody has to wait for a tidy end.</summary>
    public bool Strike()
    {
        if (Struck) return false;
        _current.Cancel();
        return true;
    }

    /// <summary>What comes now has not been interrupted yet.</summary>
    public void Renew()
    {
        if (Struck) _current = new CancellationTokenSource();
    }

    private sealed class Listening(PosixSignalRegistration[] registrations) : IDisposable
    {
        public void Dispose()
        {
            foreach (var registration in registrations) registration.Dispose();
        }
    }
}
