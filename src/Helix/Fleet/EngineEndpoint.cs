using System.Net;
using System.Net.Sockets;
using Helix.Processes;

namespace Helix.Fleet;

/// <summary>Where an engine answers: a path is a unix socket, anything else an address and a port.</summary>
internal static class EngineEndpoint
{
    public static string OnPort(int port) => $"127.0.0.1:{port}";

    /// <summary>Beside the socket of an engine in a sandbox, the one that leads to another of its ports.</summary>
    /// <param name="number">1, 2 or 3.</param>
    public static string SocketOfPort(string socket, int number) => Path.Combine(Path.GetDirectoryName(socket)!, $"{number}.sock");

    public static int? PortOf(string endpoint) => endpoint.StartsWith('/') ? null : IPEndPoint.Parse(endpoint).Port;

    /// <exception cref="SocketException">Nobody takes connections there.</exception>
    public static async ValueTask<Socket> ConnectAsync(string endpoint, CancellationToken cancellationToken)
    {
        if (endpoint.StartsWith('/') && OperatingSystem.IsLinux()) return await ConnectItselfAsync(endpoint, cancellationToken);
        EndPoint place = endpoint.StartsWith('/') ? new UnixDomainSocketEndPoint(endpoint) : IPEndPoint.Parse(endpoint);
        return await ConnectAsync(place, cancellationToken);
    }

    /// <summary>It is on this machine, where connections are made at once or not at all.</summary>
    public static bool IsHere(string endpoint) => endpoint.StartsWith('/') || (IPEndPoint.TryParse(endpoint, out var place) && IPAddress.IsLoopback(place.Address));

    /// <summary>Connects so that nothing in .NET waits for the socket, and somebody else may.</summary>
    /// <param name="endpoint">On this machine.</param>
    /// <exception cref="SocketException">Nobody takes connections there.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public static async ValueTask<Socket> ConnectUnwatchedAsync(string endpoint, CancellationToken cancellationToken)
    {
        // a unix socket takes a connection, or refuses it, at once
        if (endpoint.StartsWith('/')) return await ConnectAsync(endpoint, cancellationToken);
        var place = IPEndPoint.Parse(endpoint);
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await using (cancellationToken.UnsafeRegister(static held => ((Socket)held!).Dispose(), socket)) await Task.Run(() => socket.Connect(place), CancellationToken.None);
            // closed in the very moment in which it was connected
            cancellationToken.ThrowIfCancellationRequested();
            return socket;
        }
        catch (ObjectDisposedException)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An engine could put a link to somebody else's socket in the place of its own: no link is followed.</summary>
    private static async ValueTask<Socket> ConnectItselfAsync(string path, CancellationToken cancellationToken)
    {
        var descriptor = NativeDescriptor.Open(path, onlyFolder: false);
        if (descriptor < 0) throw new SocketException((int)SocketError.ConnectionRefused);
        try
        {
            return await ConnectAsync(new UnixDomainSocketEndPoint(NativeDescriptor.PathOf(descriptor)), cancellationToken);
        }
        finally
        {
            NativeLibc.Close(descriptor);
        }
    }

    private static async ValueTask<Socket> ConnectAsync(EndPoint place, CancellationToken cancellationToken)
    {
        var socket = place is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(place, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
