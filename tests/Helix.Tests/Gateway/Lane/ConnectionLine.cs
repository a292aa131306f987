using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Gateway.Lane;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Gateway.Lane;

/// <summary>A client's end of a connection that is served on a loop, and the connection itself.</summary>
internal sealed class ConnectionLine : IDisposable
{
    private readonly TaskCompletionSource<LaneConnection> _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte> _heard = [];

    public ConnectionLine(LaneLoop loop, RequestDelegate serve)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Client.Connect(listener.LocalEndPoint!);
        var socket = new LaneSocket(loop, listener.Accept());
        Connection = new(socket, context => new(serve(context)), static () => false, _handedOver.SetResult, TimeProvider.System);
        loop.Post(static held => _ = ((ConnectionLine)held!).RunAsync(), this);
    }

    public Socket Client { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public LaneConnection Connection { get; }

    public Task Over => _over.Task;

    public bool IsHandedOver => _handedOver.Task.IsCompleted;

    public async Task SayAsync(string text) => await Client.SendAsync(Encoding.ASCII.GetBytes(text)).WaitAsync(Eventually.Limit);

    /// <summary>The content of the next answer, whose length is told.</summary>
    public async Task<string> HearAsync()
    {
        const string name = "Content-Length: ";
        var head = await HearUntilAsync("\r\n\r\n");
        var at = head.IndexOf(name, StringComparison.Ordinal) + name.Length;
        var length = int.Parse(head[at..head.IndexOf('\r', at)]);
        while (_heard.Count < length) Assert.NotEqual(0, await ReceiveAsync());
        return Take(length);
    }

    /// <summary>All to the end of these words.</summary>
    public async Task<string> HearUntilAsync(string words)
    {
        while (true)
        {
            var at = Encoding.ASCII.GetString(_heard.ToArray()).IndexOf(words, StringComparison.Ordinal);
            if (at >= 0) return Take(at + words.Length);
            Assert.NotEqual(0, await ReceiveAsync());
        }
    }

    /// <summary>All until it is closed.</summary>
    public async Task<string> HearAllAsync()
    {
        while (await ReceiveAsync() > 0)
        {
        }

        return Take(_heard.Count);
    }

    public async Task<(Socket Socket, string Unread)> HandedOverAsync()
    {
        var connection = await _handedOver.Task.WaitAsync(Eventually.Limit);
        await Over.WaitAsync(Eventually.Limit);
        return (connection.Socket!, Encoding.ASCII.GetString(connection.Unread.Span));
    }

    public void Dispose()
    {
        Client.Dispose();
        Connection.Socket?.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await Connection.RunAsync();
            _over.SetResult();
        }
        catch (Exception broken)
        {
            _over.SetException(broken);
        }
    }

    private async Task<int> ReceiveAsync()
    {
        var into = new byte[64 << 10];
        var count = await Client.ReceiveAsync(into).WaitAsync(Eventually.Limit);
        _heard.AddRange(into[..count]);
        return count;
    }

    private string Take(int length)
    {
        var taken = Encoding.ASCII.GetString(_heard.GetRange(0, length).ToArray());
        _heard.RemoveRange(0, length);
        return taken;
    }
}
