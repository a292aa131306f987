using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Core.Gateway;
using Helix.Gateway.Lane;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway.Lane;

/// <summary>Requests to a context, and what it sends, without a connection.</summary>
internal sealed class LaneTalk
{
    /// <summary>With which every answer is dated.</summary>
    public const string Date = "Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n";

    private readonly MemoryStream _sent = new();

    public LaneTalk() => Context = new(
        new LaneConnectionInfo(new IPEndPoint(IPAddress.Loopback, 4359), new IPEndPoint(IPAddress.Loopback, 50000)), SendAsync, () => IsAborted = true, static (action, state) => action(state), () => Closes, new FakeTimeProvider());

    public LaneContext Context { get; }

    /// <summary>The daemon leaves.</summary>
    public bool Closes { get; set; }

    /// <summary>The client has gone, which is seen by sending to it.</summary>
    public bool IsBroken { get; set; }

    public bool IsAborted { get; private set; }

    public int Sends { get; private set; }

    /// <param name="headers">Whole lines.</param>
    public LaneContext Ask(string headers = "", string body = "{}", string target = "/v1/chat/completions")
    {
        var bytes = Encoding.ASCII.GetBytes($"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:4359\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}");
        Assert.Equal(LaneVerdict.Simple, LaneHead.Read(bytes, out var head));
        Context.Begin(in head, bytes);
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, body.Length));
        Encoding.ASCII.GetBytes(body).CopyTo(rented, 0);
        Context.Bring(rented, body.Length);
        return Context;
    }

    /// <summary>What was sent since this was asked last.</summary>
    public string Heard()
    {
        var heard = Encoding.ASCII.GetString(_sent.ToArray());
        _sent.SetLength(0);
        return heard;
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (IsBroken) throw new SocketException((int)SocketError.ConnectionReset);
        Sends++;
        _sent.Write(bytes.Span);
        return ValueTask.CompletedTask;
    }
}
