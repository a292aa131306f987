using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Fleet;
using Helix.Processes;

namespace Helix.Tests.Sandbox;

/// <summary>The way to an engine: a socket in a folder that the engine may write to.</summary>
public sealed class PortRelayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-").FullName;
    private readonly CancellationTokenSource _over = new();

    public void Dispose()
    {
        _over.Cancel();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_said_on_the_socket_comes_to_the_port_and_the_answer_back()
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        var path = Path.Combine(_folder, "s.sock");
        using var relay = new PortRelay(new GroupRelay(path, ((IPEndPoint)port.LocalEndpoint).Port));
        _ = relay.RunAsync(_over.Token);

        using var caller = await EngineEndpoint.ConnectAsync(path, _over.Token);
        using var engine = await port.AcceptSocketAsync(_over.Token);
        await caller.SendAsync("ask"u8.ToArray(), _over.Token);
        caller.Shutdown(SocketShutdown.Send);
        Assert.Equal("ask", await ReadAsync(engine));
        await engine.SendAsync("answer"u8.ToArray(), _over.Token);
        engine.Shutdown(SocketShutdown.Send);
        Assert.Equal("answer", await ReadAsync(caller));
    }

    [Fact]
    public async Task An_engine_that_breaks_off_ends_the_connection_of_who_waits_for_its_answer()
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        var path = Path.Combine(_folder, "s.sock");
        using var relay = new PortRelay(new GroupRelay(path, ((IPEndPoint)port.LocalEndpoint).Port));
        _ = relay.RunAsync(_over.Token);

        using var caller = await EngineEndpoint.ConnectAsync(path, _over.Token);
        var engine = await port.AcceptSocketAsync(_over.Token);
        await caller.SendAsync("ask"u8.ToArray(), _over.Token);
        await engine.ReceiveAsync(new byte[64], _over.Token);
        // closed so, it is reset
        engine.LingerState = new LingerOption(true, 0);
        engine.Dispose();

        Assert.Equal("", await ReadAsync(caller).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_port_where_nobody_listens_ends_the_connection_and_not_the_relay()
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        var path = Path.Combine(_folder, "s.sock");
        using var relay = new PortRelay(new GroupRelay(path, port));
        _ = relay.RunAsync(_over.Token);

        for (var i = 0; i < 2; i++)
        {
            using var caller = await EngineEndpoint.ConnectAsync(path, _over.Token);
            Assert.Equal("", await ReadAsync(caller));
        }
    }

    [Fact]
    public async Task A_link_in_the_place_of_an_engines_socket_is_not_followed()
    {
        var (theirs, own) = (Path.Combine(_folder, "theirs.sock"), Path.Combine(_folder, "s.sock"));
        using var door = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        door.Bind(new UnixDomainSocketEndPoint(theirs));
        door.Listen();
        File.CreateSymbolicLink(own, theirs);

        await Assert.ThrowsAsync<SocketException>(async () => (await EngineEndpoint.ConnectAsync(own, _over.Token)).Dispose());
        (await EngineEndpoint.ConnectAsync(theirs, _over.Token)).Dispose();
    }

    private async Task<string> ReadAsync(Socket socket)
    {
        var (buffer, text) = (new byte[64], new StringBuilder());
        while (await socket.ReceiveAsync(buffer, _over.Token) is > 0 and var count) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return text.ToString();
    }
}
