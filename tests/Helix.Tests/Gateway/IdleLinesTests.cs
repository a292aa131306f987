using System.Net;
using System.Net.Sockets;
using Helix.Gateway;
using Helix.Gateway.Lane;

namespace Helix.Tests.Gateway;

/// <summary>Real connections that lie idle: those of a loop, and those of nobody.</summary>
public sealed class IdleLinesTests : IDisposable
{
    private readonly LaneLoop? _loop = LaneLoop.IsSupported ? new(TimeProvider.System) : null;
    private readonly List<Socket> _engines = [];
    private readonly List<UpstreamConnection> _connections = [];

    public void Dispose()
    {
        foreach (var connection in _connections) connection.Dispose();
        _loop?.Dispose();
        foreach (var engine in _engines) engine.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_brought_last_from_any_thread_is_taken_first(bool ofLoop)
    {
        var lines = LinesOf(ofLoop);
        var (one, other) = (Connect(lines), Connect(lines));
        lines.Bring(one);
        lines.Bring(other);

        Assert.Same(other, await TakeAsync(lines));
        Assert.Same(one, await TakeAsync(lines));
        Assert.Null(await TakeAsync(lines));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task They_are_closed_from_any_thread(bool ofLoop)
    {
        var lines = LinesOf(ofLoop);
        lines.Bring(Connect(lines));
        lines.CloseAll();

        Assert.Equal(0, await _engines[0].ReceiveAsync(new byte[1]).WaitAsync(Eventually.Limit));
        Assert.Null(await TakeAsync(lines));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Once_the_other_side_has_closed_the_last_one_all_are_let_go(bool ofLoop)
    {
        var lines = LinesOf(ofLoop);
        lines.Bring(Connect(lines));
        var last = Connect(lines);
        lines.Bring(last);
        lines.CloseTheGone();
        Assert.Same(last, await TakeAsync(lines));
        lines.Bring(last);
        _engines[1].Dispose();
        await Eventually.TrueAsync(() => last.IsStale());
        lines.CloseTheGone();

        Assert.Equal(0, await _engines[0].ReceiveAsync(new byte[1]).WaitAsync(Eventually.Limit));
        Assert.Null(await TakeAsync(lines));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_on_which_something_is_said_unasked_is_of_no_use(bool ofLoop)
    {
        var line = Connect(LinesOf(ofLoop));
        Assert.False(line.IsStale());

        await _engines[0].SendAsync("HTTP/1.1 200 OK"u8.ToArray());

        await Eventually.TrueAsync(() => line.IsStale());
    }

    private IdleLines LinesOf(bool ofLoop)
    {
        Assert.SkipWhen(ofLoop && !LaneLoop.IsSupported, "the lane waits for sockets as only Linux can");
        return new("e", ofLoop ? _loop : null);
    }

    /// <summary>On the thread on which they may be taken.</summary>
    private static Task<UpstreamConnection?> TakeAsync(IdleLines lines)
    {
        if (lines.Loop is null) return Task.FromResult(Take());
        var taken = new TaskCompletionSource<UpstreamConnection?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lines.Loop.Post(_ => taken.SetResult(Take()), null);
        return taken.Task.WaitAsync(Eventually.Limit);

        UpstreamConnection? Take() => lines.TryTake(out var line) ? line : null;
    }

    private UpstreamConnection Connect(IdleLines lines)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var engine = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        engine.Connect(listener.LocalEndPoint!);
        _engines.Add(engine);
        var socket = listener.Accept();
        _connections.Add(lines.Loop is { } loop ? new UpstreamConnection(null, lines, lane: new LaneSocket(loop, socket)) : new UpstreamConnection(socket, lines));
        return _connections[^1];
    }
}
