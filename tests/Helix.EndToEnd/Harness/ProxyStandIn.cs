using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Helix.EndToEnd.Harness;

/// <summary>A proxy on loopback that leads to one place, and only whoever knows its password.</summary>
internal sealed class ProxyStandIn : IAsyncDisposable
{
    public const string Password = "s3cret-4711";

    private const string Name = "ann";

    private readonly string _place;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Task> _talks = [];
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly Task _accepting;

    /// <param name="place">A host and a port of this machine.</param>
    public ProxyStandIn(string place)
    {
        _place = place;
        _listener.Start();
        Authority = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = Task.Run(AcceptAsync);
    }

    public string Authority { get; }

    /// <summary>Heads of what it was asked.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public string UrlWith(string password) => $"http://{Name}:{password}@{Authority}";

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var socket in _sockets) socket.Dispose();
        await _accepting;
        await Task.WhenAll(_talks);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                _sockets.Add(socket);
                _talks.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // the test is over
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var head = new StringBuilder();
            var buffer = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                if (await stream.ReadAsync(buffer) == 0) return;
                head.Append((char)buffer[0]);
            }

            Asked.Enqueue(head.ToString());
            var isKnown = head.ToString().Contains($"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Name}:{Password}"))}\r\n", StringComparison.Ordinal);
            if (!isKnown || !head.ToString().StartsWith($"CONNECT {_place} ", StringComparison.Ordinal))
            {
                await stream.WriteAsync(isKnown ? "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"u8.ToArray() : "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                return;
            }

            using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await other.ConnectAsync(IPAddress.Loopback, int.Parse(_place.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
            await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
            await using var there = new NetworkStream(other);
            await await Task.WhenAny(stream.CopyToAsync(there), there.CopyToAsync(stream));
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            // whoever called hung up, or the test is over
        }
    }
}
