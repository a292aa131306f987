using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Alerts;

/// <summary>One request that came, whole.</summary>
internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>What is answered.</summary>
internal sealed record ReceiverReply(int Status, string Body = "", params (string Name, string Value)[] Headers);

/// <summary>A port of this machine at which nobody listens, and which nobody else is given meanwhile.</summary>
internal sealed class HeldPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public HeldPort()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public void Dispose() => _socket.Dispose();
}

/// <summary>Whoever takes messages over HTTP, on loopback. It may go away, and come back at the same port.</summary>
internal sealed class ReceiverStandIn : IAsyncDisposable
{
    private readonly HeldPort _held = new();
    private readonly Func<Received, ReceiverReply> _answer;
    private WebApplication? _app;

    private ReceiverStandIn(Func<Received, ReceiverReply> answer) => _answer = answer;

    public int Port => _held.Port;

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>All that came, also what was refused.</summary>
    public ConcurrentQueue<Received> Got { get; } = [];

    public static async Task<ReceiverStandIn> StartAsync(Func<Received, ReceiverReply> answer)
    {
        var receiver = Away(answer);
        await receiver.ReturnAsync();
        return receiver;
    }

    /// <summary>Nobody listens yet.</summary>
    public static ReceiverStandIn Away(Func<Received, ReceiverReply> answer) => new(answer);

    public async Task ReturnAsync()
    {
        _held.Dispose();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Url);
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    public async Task LeaveAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        _held.Dispose();
        await LeaveAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var received = new Received(
            $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}", context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        Got.Enqueue(received);
        var reply = _answer(received);
        context.Response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers) context.Response.Headers[name] = value;
        if (reply.Body.Length > 0) await context.Response.WriteAsync(reply.Body);
    }
}
