using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Clouds;

namespace Helix.Tests.Clouds.Fakes;

/// <summary>A proxy on loopback that a test lets lead somewhere, or not.</summary>
internal sealed class FakeProxy : IAsyncDisposable
{
    private readonly Func<ProxyTalk, Task> _answer;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Task> _talks = [];
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly Task _accepting;

    public FakeProxy(Func<ProxyTalk, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Authority = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = Task.Run(AcceptAsync);
    }

    public string Authority { get; }

    /// <summary>What it was asked, head by head.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>All clouds are asked through it.</summary>
    public CloudProxies Rules(NetworkCredential? login = null) => new(new ProxyRules(new Uri($"http://{Authority}"), login));

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
            var head = new StringBuilder();
            var buffer = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                if (await socket.ReceiveAsync(buffer) == 0) return;
                head.Append((char)buffer[0]);
            }

            Asked.Enqueue(head.ToString());
            await _answer(new ProxyTalk(socket));
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            // whoever called hung up, or the test is over
        }
        finally
        {
            socket.Dispose();
        }
    }
}

/// <summary>One wish to be led somewhere, and the means to answer it. The connection is closed once it is answered.</summary>
internal sealed class ProxyTalk(Socket socket)
{
    public async Task SayAsync(string text) => await socket.SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Leads to this port of this machine, whatever was asked for, until one side hangs up.</summary>
    /// <param name="said">Before, piece by piece; none: what proxies usually say.</param>
    public async Task LeadToAsync(int port, params string[] said)
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await other.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        if (said.Length == 0) said = ["HTTP/1.1 200 Connection established\r\n\r\n"];
        foreach (var piece in said) await SayAsync(piece);
        await using var one = new NetworkStream(socket);
        await using var two = new NetworkStream(other);
        await await Task.WhenAny(one.CopyToAsync(two), two.CopyToAsync(one));
    }

    /// <summary>Completes when the other side hangs up.</summary>
    public async Task LeftAsync()
    {
        while (await socket.ReceiveAsync(new byte[64]) > 0) { }
    }
}

/// <summary>One proxy for all, or none.</summary>
/// <param name="login">What it is told.</param>
/// <param name="around">A host that is reached without it.</param>
internal sealed class ProxyRules(Uri proxy, NetworkCredential? login, string? around = null) : IWebProxy
{
    public ICredentials? Credentials { get; set; } = login;

    public Uri? GetProxy(Uri destination) => proxy;

    public bool IsBypassed(Uri host) => host.Host == around;
}
