using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Clouds;
using Helix.Core.Clouds;
using Helix.Core.Fleet;

namespace Helix.Tests.Clouds.Fakes;

/// <summary>A cloud on loopback that speaks HTTP by hand over TLS, with a certificate that only those believe who are given <see cref="Trust"/>.</summary>
internal sealed class FakeCloud : IAsyncDisposable
{
    private static readonly X509Certificate2 s_certificate = Certificate();

    private readonly Func<CloudTalk, Task> _answer;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Task> _talks = [];
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly Task _accepting;
    private int _ended;

    public FakeCloud(Func<CloudTalk, Task> answer, string host = "localhost")
    {
        _answer = answer;
        _listener.Start();
        Address = new(host, ((IPEndPoint)_listener.LocalEndpoint).Port, "/base/v1");
        _accepting = Task.Run(AcceptAsync);
    }

    public static CloudTrust Trust { get; } = new(new X509Certificate2Collection(s_certificate));

    public CloudAddress Address { get; }

    public int Connections => _sockets.Count;

    /// <summary>Connections that were closed from this side.</summary>
    public int Ended => Volatile.Read(ref _ended);

    public ConcurrentQueue<CloudTalk> Requests { get; } = [];

    /// <summary>Its only model, as the fleet tells of it.</summary>
    public ServedModel Model(string id, string key = "sk-1") =>
        CloudView.Join([], [new Cloud("openai", "OpenAI", Address, new(key), CloudModels.Of([id]), DateTimeOffset.UnixEpoch)], isOffline: false)[0];

    /// <summary>The same of one that is asked in Anthropic's words.</summary>
    public ServedModel Claude(string id, string key = "sk-ant-1", bool isOffline = false) => CloudView.Join(
        [], [new Cloud("anthropic", "Anthropic", Address, new(key), CloudModels.Of([id], CloudWords.Anthropic), DateTimeOffset.UnixEpoch) { Words = CloudWords.Anthropic }], isOffline)[0];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var socket in _sockets) socket.Dispose();
        await _accepting;
        await Task.WhenAll(_talks);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
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
        await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsServerAsync(s_certificate);
            while (await CloudTalk.ReadAsync(stream) is { } talk)
            {
                Requests.Enqueue(talk);
                await _answer(talk);
                if (talk.IsLast) break;
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // whoever called hung up, or does not believe the certificate
        }

        socket.Dispose();
        Interlocked.Increment(ref _ended);
    }
}

/// <summary>One request to a <see cref="FakeCloud"/> and the means to answer it.</summary>
internal sealed class CloudTalk(Stream stream, string head, string body)
{
    public string Head => head;

    public string Body => body;

    /// <summary>The connection is closed after it.</summary>
    public bool IsLast { get; private set; }

    public static async Task<CloudTalk?> ReadAsync(Stream stream)
    {
        var bytes = new List<byte>();
        var buffer = new byte[16 << 10];
        while (true)
        {
            var text = Encoding.UTF8.GetString([.. bytes]);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and >= 0)
            {
                var length = text[..end].Split("content-length: ") is [_, var rest] ? int.Parse(rest.Split('\r')[0]) : 0;
                if (bytes.Count >= end + 4 + length) return new CloudTalk(stream, text[..end], Encoding.UTF8.GetString([.. bytes.Skip(end + 4)]));
            }

            var count = await stream.ReadAsync(buffer);
            if (count == 0) return null;
            bytes.AddRange(buffer.AsSpan(0, count));
        }
    }

    public Task JsonAsync(string json, int status = 200, string headers = "") =>
        SendAsync($"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    public async Task StreamAsync(params string[] events)
    {
        await SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (var data in events.Append("[DONE]")) await ChunkAsync($"data: {data}\n\n");
        await SendAsync("0\r\n\r\n");
    }

    /// <summary>A stream of Anthropic's, which ends as the last of them does.</summary>
    public async Task EventsAsync(params string[] events)
    {
        await SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (var data in events) await ChunkAsync(EventOf(data));
        await SendAsync("0\r\n\r\n");
    }

    /// <param name="data">That says of which type it is.</param>
    public static string EventOf(string data) => $"event: {(string?)JsonNode.Parse(data)!["type"]}\ndata: {data}\n\n";

    public async Task SendAsync(string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Closes the connection, whatever was sent of an answer.</summary>
    public Task HangUpAsync()
    {
        IsLast = true;
        return Task.CompletedTask;
    }

    private Task ChunkAsync(string text) => SendAsync($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n");
}
