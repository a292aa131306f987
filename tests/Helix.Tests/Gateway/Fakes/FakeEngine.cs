using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Helix.Tests.Gateway.Fakes;

/// <summary>An engine on a unix socket that speaks HTTP by hand, so that a test decides each byte and when it dies.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly Func<EngineTalk, Task> _answer;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentBag<Task> _talks = [];
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly Task _accepting;

    public FakeEngine(string path, Func<EngineTalk, Task> answer)
    {
        _answer = answer;
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(64);
        _accepting = Task.Run(AcceptAsync);
    }

    public int Connections => _sockets.Count;

    public ConcurrentQueue<EngineTalk> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
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
                var socket = await _listener.AcceptAsync();
                _sockets.Add(socket);
                _talks.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            while (await EngineTalk.ReadAsync(socket) is { } talk)
            {
                Requests.Enqueue(talk);
                await _answer(talk);
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // the gateway hung up, or this engine died as it should
        }

        socket.Dispose();
    }
}

/// <summary>One request to a <see cref="FakeEngine"/> and the means to answer it.</summary>
internal sealed class EngineTalk(Socket socket, string head, byte[] body)
{
    public string Head => head;

    public string Body => Encoding.UTF8.GetString(body);

    public byte[] Bytes => body;

    public static async Task<EngineTalk?> ReadAsync(Socket socket)
    {
        var bytes = new List<byte>();
        var buffer = new byte[64 << 10];
        while (true)
        {
            var text = Encoding.UTF8.GetString([.. bytes]);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and >= 0)
            {
                var head = text[..end];
                var length = int.Parse(head.Split("content-length: ")[1].Split('\r')[0]);
                if (bytes.Count >= end + 4 + length) return new EngineTalk(socket, head, [.. bytes.Skip(end + 4)]);
            }

            var count = await socket.ReceiveAsync(buffer);
            if (count == 0) return null;
            bytes.AddRange(buffer.AsSpan(0, count));
        }
    }

    public Task BeginStreamAsync() => SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");

    public Task ChunkAsync(string text) => SendAsync($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n");

    public Task EventAsync(string data) => ChunkAsync($"data: {data}\n\n");

    public async Task EndStreamAsync()
    {
        await EventAsync("[DONE]");
        await SendAsync("0\r\n\r\n");
    }

    public async Task StreamAsync(params string[] events)
    {
        await BeginStreamAsync();
        foreach (var data in events) await EventAsync(data);
        await EndStreamAsync();
    }

    public Task JsonAsync(string json, int status = 200, string headers = "") =>
        SendAsync($"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    public async Task BytesAsync(byte[] bytes, string type)
    {
        await SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {bytes.Length}\r\n\r\n");
        await SendAsync(bytes);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    private async Task SendAsync(ReadOnlyMemory<byte> rest)
    {
        while (!rest.IsEmpty) rest = rest[await socket.SendAsync(rest)..];
    }

    public void Die() => socket.Dispose();

    /// <summary>Completes when the gateway hangs up.</summary>
    public async Task LeftAsync()
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[1]) > 0) { }
        }
        catch (SocketException)
        {
            // hung up hard
        }
    }
}
