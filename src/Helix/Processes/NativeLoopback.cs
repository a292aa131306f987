using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Helix.Processes;

/// <summary>The loopback of a new network namespace is down until somebody brings it up.</summary>
internal static unsafe partial class NativeLoopback
{
    private const nuint GetFlags = 0x8913, SetFlags = 0x8914;
    private const int FlagsAt = 16;
    private const short Up = 1;

    /// <exception cref="IOException">The system refused.</exception>
    public static void BringUp()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes("lo", new Span<byte>(request, 16));
        NativeConfinement.Demand(ioctl(descriptor, GetFlags, request), "loopback cannot be found");
        *(short*)(request + FlagsAt) |= Up;
        NativeConfinement.Demand(ioctl(descriptor, SetFlags, request), "loopback cannot be brought up");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, byte* data);
}
