using System.Net;
using System.Net.Sockets;
using Helix.Core.Processes;

namespace Helix.Processes;

/// <summary>The keeper's listening sockets. It never accepts on them: connections wait in the backlog for whichever daemon comes.</summary>
internal sealed class ListenerSet
{
    private const int Backlog = 512;
    private const int FirstPassed = 3;
    private const int PortsTried = 64;

    private readonly RunFolder _folder;
    private readonly Socket _unix;
    private Socket _tcp;
    private Socket? _nextTcp;

    private ListenerSet(RunFolder folder, Socket tcp, Socket unix)
    {
        _folder = folder;
        _tcp = tcp;
        _unix = unix;
    }

    public string Gateway => _tcp.LocalEndPoint!.ToString()!;

    /// <exception cref="SocketException">Neither the wanted port nor one of the next 64 can be had at this address.</exception>
    public static ListenerSet Bind(RunFolder folder, IPEndPoint wanted) => new(folder, BindTcp(wanted), BindUnix(folder.Socket));

    /// <summary>Takes over what another process had bound.</summary>
    public static ListenerSet Adopt(RunFolder folder, InheritedListeners inherited) =>
        new(folder, Wrap(inherited, ListenerKind.Tcp), Wrap(inherited, ListenerKind.Unix));

    /// <summary>Binds another address for the gateway now; the next daemon gets it in place of the present one.</summary>
    /// <exception cref="SocketException">It cannot be had.</exception>
    public string BindNext(IPEndPoint wanted)
    {
        _nextTcp?.Dispose();
        _nextTcp = null;
        _nextTcp = BindTcp(wanted);
        return _nextTcp.LocalEndPoint!.ToString()!;
    }

    /// <summary>What the next daemon is given.</summary>
    public (IReadOnlyList<PassedDescriptor> Descriptors, string Announcement) HandOver()
    {
        if (_nextTcp is not null)
        {
            _tcp.Dispose();
            _tcp = _nextTcp;
            _nextTcp = null;
        }

        return (
            [new(Number(_tcp), FirstPassed), new(Number(_unix), FirstPassed + 1)],
            PassedListener.Format([new(FirstPassed, ListenerKind.Tcp, Gateway), new(FirstPassed + 1, ListenerKind.Unix, _folder.Socket)]));
    }

    /// <summary>Lets the sockets survive an <c>execve</c>, under the numbers they have, or no longer.</summary>
    public string KeepThroughExec(bool keep)
    {
        NativeLibc.SetCloseOnExec(Number(_tcp), !keep);
        NativeLibc.SetCloseOnExec(Number(_unix), !keep);
        return PassedListener.Format([new(Number(_tcp), ListenerKind.Tcp, Gateway), new(Number(_unix), ListenerKind.Unix, _folder.Socket)]);
    }

    public void Close()
    {
        _tcp.Dispose();
        _nextTcp?.Dispose();
        _unix.Dispose();
    }

    /// <summary>A socket that only the owner can speak to; what an earlier process left at the path is removed.</summary>
    public static Socket BindUnix(string path)
    {
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        socket.Listen(Backlog);
        return socket;
    }

    private static Socket BindTcp(IPEndPoint wanted)
    {
        for (var port = wanted.Port; ; port++)
        {
            var socket = new Socket(wanted.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            try
            {
                // not ReuseAddress: .NET makes SO_REUSEPORT of it, and two homes would share the port; Bind itself sets SO_REUSEADDR
                socket.Bind(new IPEndPoint(wanted.Address, port));
                socket.Listen(Backlog);
                return socket;
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                var another = exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied && port < Math.Min(wanted.Port + PortsTried, IPEndPoint.MaxPort);
                if (!another)
                    throw;
            }
        }
    }

    private static Socket Wrap(InheritedListeners inherited, ListenerKind kind)
    {
        var listener = inherited.All.FirstOrDefault(listener => listener.Kind == kind)
            ?? throw new InvalidDataException($"{PassedListener.Variable} names no socket of kind {kind}.");
        NativeLibc.SetCloseOnExec(listener.Descriptor, true);
        return new Socket(new SafeSocketHandle(listener.Descriptor, ownsHandle: true)) { Blocking = false };
    }

    private static int Number(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();
}
