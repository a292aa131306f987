using System.Net;
using System.Net.Sockets;
using CsCheck;
using Helix.Gateway.Lane;

namespace Helix.Tests.Gateway.Lane;

/// <summary>Real sockets on the loop's own thread, and on others.</summary>
public sealed class LaneSocketTests : IDisposable
{
    private readonly LaneLoop? _loop = LaneLoop.IsSupported ? new(TimeProvider.System) : null;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("helix-lane-");
    private int _pairs;

    public void Dispose()
    {
        _loop?.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task WhatComesIsReceived_OnTheLoopsThread()
    {
        var (lane, peer) = Pair();
        using (peer)
        using (lane)
        {
            var into = new byte[64];
            var receiving = lane.ReceiveAsync(into);
            Assert.False(receiving.IsCompleted);
            var wasHere = ReceivedHereAsync(receiving);
            await peer.SendAsync("hello"u8.ToArray());

            Assert.Equal((5, true), await wasHere.WaitAsync(Eventually.Limit));
            Assert.Equal("hello"u8, into.AsSpan(0, 5));
        }

        async Task<(int, bool)> ReceivedHereAsync(ValueTask<int> receiving) => (await receiving, _loop!.IsHere);
    }

    /// <summary>The end is told once by the system, whenever that was.</summary>
    [Theory]
    [InlineData(64)]
    [InlineData(5)]
    [InlineData(2)]
    public async Task AnEndThatCameWithTheLastBytesIsFound(int room)
    {
        var (lane, peer) = Pair();
        using (lane)
        {
            await peer.SendAsync("hello"u8.ToArray());
            peer.Dispose();
            await Eventually.TrueAsync(() => lane.HasHungUp);
            var (said, into) = (new List<byte>(), new byte[room]);
            while (await lane.ReceiveAsync(into).AsTask().WaitAsync(Eventually.Limit) is > 0 and var count) said.AddRange(into[..count]);

            Assert.Equal("hello"u8, said.ToArray());
        }
    }

    [Fact]
    public async Task WhoeverLooksFirstIsToldOnceSomethingIsThere()
    {
        var (lane, peer) = Pair();
        using (peer)
        using (lane)
        {
            var looking = lane.ReceiveAsync(Memory<byte>.Empty);
            Assert.False(looking.IsCompleted);
            await peer.SendAsync("x"u8.ToArray());

            Assert.Equal(0, await looking.AsTask().WaitAsync(Eventually.Limit));
            Assert.Equal(1, lane.Receive(new byte[8]));
            Assert.Equal(-1, lane.Receive(new byte[8]));
        }
    }

    [Fact]
    public async Task OneWhoHangsUpIsHeard_WhereNobodyReceives()
    {
        var (lane, peer) = Pair();
        using (lane)
        {
            var heard = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            lane.HungUp = () => heard.TrySetResult(_loop!.IsHere);
            await peer.SendAsync("x"u8.ToArray());
            peer.Dispose();

            Assert.True(await heard.Task.WaitAsync(Eventually.Limit));
        }
    }

    [Fact]
    public async Task AReceiveIsEndedFromTheLoop_AndLosesNothing()
    {
        var (lane, peer) = Pair();
        using (peer)
        using (lane)
        {
            var into = new byte[8];
            var receiving = lane.ReceiveAsync(into).AsTask();
            _loop!.Post(static held => ((LaneSocket)held!).StopReceiving(), lane);
            Assert.Equal(-1, await receiving.WaitAsync(Eventually.Limit));

            await peer.SendAsync("x"u8.ToArray());
            Assert.Equal(1, await lane.ReceiveAsync(into).AsTask().WaitAsync(Eventually.Limit));
        }
    }

    [Fact]
    public async Task WhoeverWaitsIsToldThatItWasClosed()
    {
        var (lane, peer) = Pair();
        using (peer)
        {
            var receiving = lane.ReceiveAsync(new byte[8]).AsTask();
            lane.Dispose();

            await Assert.ThrowsAsync<ObjectDisposedException>(() => receiving.WaitAsync(Eventually.Limit));
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await lane.ReceiveAsync(new byte[8]));
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await lane.SendAsync("x"u8.ToArray()));
            Assert.Equal(0, await peer.ReceiveAsync(new byte[8]).WaitAsync(Eventually.Limit));
        }
    }

    [Fact]
    public async Task WhoeverSendsMuchLeavesOthersTheirTurn()
    {
        const int most = 1000;
        var (lane, peer) = Pair();
        using (peer)
        using (lane)
        {
            await peer.SendAsync(new byte[most]);
            var before = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            _loop!.Post(_ => _ = AllAsync(), null);

            Assert.InRange(await before.Task.WaitAsync(Eventually.Limit), 1, most / 10);

            async Task AllAsync()
            {
                var (count, into) = (0, new byte[1]);
                while (count < most)
                {
                    Assert.Equal(1, await lane.ReceiveAsync(into));
                    if (++count == 1) _loop!.Post(_ => before.SetResult(count), null);
                }
            }
        }
    }

    [Fact]
    public async Task ABrokenConnectionIsAnOutcomeOfSending()
    {
        var (lane, peer) = Pair();
        using (lane)
        {
            peer.LingerState = new(true, 0);
            peer.Dispose();
            await Eventually.TrueAsync(() => lane.HasHungUp);

            var broken = await Assert.ThrowsAsync<SocketException>(async () => await lane.SendAsync(new byte[8]));
            Assert.Equal(SocketError.ConnectionReset, broken.SocketErrorCode);
        }
    }

    [Fact]
    public void OneThatWasClosedBeforeIsNotWatched_AndIsTold()
    {
        var (lane, peer) = Pair();
        using (peer)
        using (lane)
        {
            peer.Dispose();
            Assert.Throws<SocketException>(() => new LaneSocket(_loop!, peer));
        }
    }

    [Fact]
    public async Task ItCanBeGivenToSomebodyElse()
    {
        var (lane, peer) = Pair();
        using (peer)
        {
            var given = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
            _loop!.Post(_ => given.SetResult(lane.Release()), null);
            using var socket = await given.Task.WaitAsync(Eventually.Limit);
            lane.Dispose();
            await peer.SendAsync("hello"u8.ToArray());
            Assert.Equal(5, await socket.ReceiveAsync(new byte[8]).WaitAsync(Eventually.Limit));
            await socket.SendAsync("x"u8.ToArray());
            Assert.Equal(1, await peer.ReceiveAsync(new byte[8]).WaitAsync(Eventually.Limit));
        }
    }

    /// <summary>Pieces of any size, from the loop and from elsewhere, to one who reads slowly: all of them, in order.</summary>
    [Fact]
    public void WhateverIsSentArrivesInItsOrder() => Gen.Select(Gen.Int[0, 70000].Array[1, 12], Gen.Bool).Sample(
        (sizes, fromLoop) => SendAsync([.. sizes.Select(size => (size, fromLoop))]).WaitAsync(Eventually.Limit).GetAwaiter().GetResult(), iter: 40, threads: 1);

    /// <summary>Who sends goes from the loop to another thread, and back, at any piece: what waits on the loop leaves before what comes from elsewhere.</summary>
    [Fact]
    public void WhateverIsSentFromHereAndThereArrivesInItsOrder() => Gen.Select(Gen.Int[0, 40000], Gen.Bool).Array[1, 20].Sample(
        pieces => SendAsync(pieces).WaitAsync(Eventually.Limit).GetAwaiter().GetResult(), iter: 60, threads: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhoeverWaitsUntilItHasLeftIsToldThatItWasClosed(bool fromLoop)
    {
        var (lane, peer) = UnixPair();
        using (peer)
        {
            var sending = fromLoop ? await SendFromLoopAsync() : lane.SendAsync(new byte[1 << 20]).AsTask();
            Assert.False(sending.IsCompleted);
            lane.Dispose();

            await Assert.ThrowsAsync<ObjectDisposedException>(() => sending.WaitAsync(Eventually.Limit));
        }

        Task<Task> SendFromLoopAsync()
        {
            var begun = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
            _loop!.Post(_ => begun.SetResult(lane.SendAsync(new byte[1 << 20]).AsTask()), null);
            return begun.Task.WaitAsync(Eventually.Limit);
        }
    }

    [Fact]
    public async Task WhatWaitsToLeaveLeavesBeforeItIsClosed()
    {
        var (lane, peer) = Pair();
        using (peer)
        {
            _loop!.Post(
                _ =>
                {
                    _ = lane.SendAsync("hello"u8.ToArray()).AsTask();
                    lane.Dispose();
                },
                null);
            var (heard, into) = (new List<byte>(), new byte[8]);
            while (await peer.ReceiveAsync(into).WaitAsync(Eventually.Limit) is > 0 and var count) heard.AddRange(into[..count]);

            Assert.Equal("hello"u8, heard.ToArray());
        }
    }

    private async Task SendAsync((int Size, bool FromLoop)[] pieces)
    {
        var (lane, peer) = UnixPair();
        using (peer)
        using (lane)
        {
            var whole = new byte[pieces.Sum(piece => piece.Size)];
            new Random(pieces.Length).NextBytes(whole);
            var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = AllAsync();
            var (heard, into) = (new List<byte>(), new byte[5000]);
            while (heard.Count < whole.Length)
            {
                var count = await peer.ReceiveAsync(into);
                Assert.NotEqual(0, count);
                heard.AddRange(into[..count]);
            }

            await sent.Task;
            Assert.Equal(whole, heard);

            async Task AllAsync()
            {
                try
                {
                    var at = 0;
                    foreach (var (size, fromLoop) in pieces)
                    {
                        if (fromLoop) await new LaneTurn(_loop!);
                        else await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                        await lane.SendAsync(whole.AsMemory(at, size));
                        at += size;
                    }

                    await lane.DrainAsync();
                    sent.SetResult();
                }
                catch (Exception broken)
                {
                    sent.SetException(broken);
                }
            }
        }
    }

    /// <summary>With little room between the two.</summary>
    private (LaneSocket Lane, Socket Peer) UnixPair()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, "the lane waits for sockets as only Linux can");
        var place = new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, $"{_pairs++}.sock"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(place);
        listener.Listen();
        var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        peer.Connect(place);
        var socket = listener.Accept();
        socket.SendBufferSize = 8192;
        return (new(_loop!, socket), peer);
    }

    private (LaneSocket Lane, Socket Peer) Pair()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, "the lane waits for sockets as only Linux can");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        peer.Connect(listener.LocalEndPoint!);
        return (new(_loop!, listener.Accept()), peer);
    }
}
