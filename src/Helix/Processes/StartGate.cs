using System.Globalization;
using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace Helix.Processes;

/// <summary>
/// Holds a daemon back until its keeper has written down that it exists. A keeper that dies in between is followed by one that knows nothing of that
/// daemon, and starts another: the first must not work then, and ends.
/// </summary>
internal sealed class StartGate : IDisposable
{
    /// <summary>Number of the descriptor at which the daemon waits.</summary>
    public const string Variable = "HELIX_START_GATE";

    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.Out, HandleInheritability.None);

    /// <summary>To be passed to the daemon.</summary>
    public int Descriptor => (int)_pipe.ClientSafePipeHandle.DangerousGetHandle();

    /// <summary>The daemon has its copy: once ours is closed, our end is the end of its wait.</summary>
    public void Passed() => _pipe.DisposeLocalCopyOfClientHandle();

    public void Open()
    {
        try
        {
            _pipe.WriteByte(1);
        }
        catch (IOException)
        {
            // it is gone already, which is seen elsewhere
        }
    }

    public void Dispose() => _pipe.Dispose();

    /// <summary>In the daemon. True at once where nobody holds it back.</summary>
    /// <returns>False when the keeper is gone, and nobody knows of this process.</returns>
    public static bool Wait()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var descriptor) || !NativeLibc.IsOpen(descriptor)) return true;
        using var gate = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        return gate.ReadByte() >= 0;
    }
}
