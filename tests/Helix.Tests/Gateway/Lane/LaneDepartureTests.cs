using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Helix.Gateway.Lane;
using Helix.Processes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Gateway.Lane;

/// <summary>What becomes of those who are there when the daemon goes.</summary>
public sealed class LaneDepartureTests
{
    private const string NoLane = "there is no lane on this system";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_was_let_in_and_not_heard_yet_is_answered_where_there_is_a_successor(bool hasSuccessor)
    {
        var moment = new HeldMoment();
        await using var house = await LaneHouse.StartAsync(new() { HasLane = false, Closes = () => hasSuccessor, Time = moment });
        using var client = await house.ConnectAsync();
        await house.LetIn;

        var stopping = house.StopAsync();
        if (hasSuccessor) await moment.Begun;
        else await stopping;

        var answer = await client.AskAsync(LaneClient.Get());
        moment.Pass();
        await stopping;
        Assert.Equal(hasSuccessor ? "server GET " : null, answer);
    }

    [Fact]
    public async Task Who_is_in_the_lane_is_heard_for_another_moment_where_there_is_a_successor_whatever_he_asks()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        var moment = new HeldMoment();
        var isOver = false;
        await using var house = await LaneHouse.StartAsync(new() { Closes = () => Volatile.Read(ref isOver), Time = moment });
        using var plain = await house.ConnectAsync();
        using var other = await house.ConnectAsync();
        using var idle = await house.ConnectAsync();
        foreach (var client in (LaneClient[])[plain, other, idle]) Assert.Equal("lane POST one", await client.AskAsync(LaneClient.Post("one")));

        Volatile.Write(ref isOver, true);
        var stopping = house.StopAsync();
        await moment.Begun;

        Assert.Equal("lane POST two", await plain.AskAsync(LaneClient.Post("two")));
        Assert.Contains("Connection: close", plain.Head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", await plain.ToEndAsync());
        Assert.Equal("server GET ", await other.AskAsync(LaneClient.Get()));
        Assert.False(stopping.IsCompleted);
        moment.Pass();
        Assert.Equal("", await idle.ToEndAsync());
        await stopping;
    }

    [Fact]
    public async Task Who_is_being_answered_is_answered_to_the_end_and_who_is_idle_leaves()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        var (asked, may) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var house = await LaneHouse.StartAsync(new()
        {
            Serve = async context =>
            {
                if (context.Request.ContentLength == 4)
                {
                    asked.TrySetResult();
                    await may.Task;
                }

                await LaneHouse.AnswerAsync(context, "lane");
            },
        });
        using var busy = await house.ConnectAsync();
        using var idle = await house.ConnectAsync();
        Assert.Equal("lane POST one", await idle.AskAsync(LaneClient.Post("one")));
        var answer = busy.AskAsync(LaneClient.Post("long"));
        await asked.Task;

        var stopping = house.StopAsync();
        Assert.Equal("", await idle.ToEndAsync());
        Assert.False(stopping.IsCompleted);
        may.TrySetResult();

        Assert.Equal("lane POST long", await answer);
        Assert.Contains("Connection: close", busy.Head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", await busy.ToEndAsync());
        await stopping;
    }

    [Fact]
    public async Task Once_patience_has_run_out_who_is_still_being_answered_is_dropped()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        var (asked, dropped) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var loops = new LaneLoops(2, TimeProvider.System);
        var listener = await BindAsync(new IPEndPoint(IPAddress.Loopback, 0), loops, async context =>
        {
            await using var gone = context.RequestAborted.Register(() => dropped.TrySetResult());
            asked.TrySetResult();
            await dropped.Task;
        });
        using var connection = new TcpClient();
        await connection.ConnectAsync((IPEndPoint)listener.EndPoint, TestContext.Current.CancellationToken);
        using var client = new LaneClient(connection);
        await client.SayAsync(LaneClient.Post("long"));
        await asked.Task;
        using var patience = new CancellationTokenSource();

        var unbinding = listener.UnbindAsync(patience.Token).AsTask();
        Assert.False(unbinding.IsCompleted);
        await patience.CancelAsync();
        await unbinding;
        Assert.Null(await listener.AcceptAsync(TestContext.Current.CancellationToken));
        await listener.DisposeAsync();

        await dropped.Task;
        Assert.Equal("", await client.ToEndAsync());
    }

    [Fact]
    public async Task What_was_inherited_listens_on_for_others()
    {
        using var inherited = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        inherited.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        inherited.Listen(8);
        var number = (int)inherited.SafeHandle.DangerousGetHandle();
        NativeLibc.SetCloseOnExec(number, false); // as a descriptor that came with the start of the process
        using var loops = LaneLoop.IsSupported ? new LaneLoops(2, TimeProvider.System) : null;

        var listener = await BindAsync(new FileHandleEndPoint((ulong)number, FileHandleType.Auto), loops, context => LaneHouse.AnswerAsync(context, "lane"));
        Assert.Equal(inherited.LocalEndPoint, listener.EndPoint);
        await listener.UnbindAsync(TestContext.Current.CancellationToken);
        await listener.DisposeAsync();

        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)inherited.LocalEndPoint!, TestContext.Current.CancellationToken);
        using var accepted = inherited.Accept();
        Assert.True(accepted.Connected);
    }

    [Fact]
    public async Task An_address_that_somebody_else_has_is_told_as_the_server_tells_it()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        await Assert.ThrowsAsync<AddressInUseException>(() => BindAsync(other.LocalEndpoint, null, context => Task.CompletedTask));
    }

    private static async Task<IConnectionListener> BindAsync(EndPoint endpoint, LaneLoops? loops, RequestDelegate serve) =>
        await new LaneListeners(loops, () => context => new(serve(context)), () => false, new SocketTransportOptions(), new OneForAll(), NullLoggerFactory.Instance, TimeProvider.System).BindAsync(endpoint, TestContext.Current.CancellationToken);

    private sealed class OneForAll : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => MemoryPool<byte>.Shared;
    }
}
