using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Helix.Processes;

/// <summary>SIGTERM and SIGINT, as something that a poll can wait for. SIGHUP is no reason to go: the keeper belongs to no terminal.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly AnonymousPipeServerStream _reader = new(PipeDirection.In, HandleInheritability.None);
    private readonly AnonymousPipeClientStream _writer;
    private readonly PosixSignalRegistration[] _registrations;
    private volatile bool _came;

    public Interruption()
    {
        _writer = new AnonymousPipeClientStream(PipeDirection.Out, _reader.ClientSafePipeHandle);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true),
        ];
    }

    public bool Came => _came;

    public int Descriptor => (int)_reader.SafePipeHandle.DangerousGetHandle();

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _writer.Dispose();
        _reader.Dispose();
    }

    private void Leave(PosixSignalContext context)
    {
        context.Cancel = true;
        _came = true;
        _writer.WriteByte(1);
    }
}
