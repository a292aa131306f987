using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Gateway.Lane;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway.Lane;

/// <summary>Who answers whom.</summary>
public sealed class LaneListenersTests
{
    private const string NoLane = "there is no lane on this system";

    /// <summary>What the server alone may answer, and how; whether the client says that nothing more will come.</summary>
    public static TheoryData<string, bool> Odd => new()
    {
        { "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", false },
        { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0", true },
        { "\r\n\r\nnonsense\r\n\r\n", false },
        { "POST /v1/chat/completions HTTP/1.1\r\n\r\n", false },
        { "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: nothing\r\n\r\nhello", false },
        { "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", false },
        { "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", false },
        { "POST /v1/chat/completions HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}", false },
        { "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Ha", true },
        { "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 2\r\n\r\n{}", false },
        { "", true },
    };

    [Fact]
    public async Task Who_asks_a_model_plainly_is_answered_in_the_lane_as_often_as_he_asks()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        await using var house = await LaneHouse.StartAsync();
        using var client = await house.ConnectAsync();

        Assert.Equal("lane POST one", await client.AskAsync(LaneClient.Post("one")));
        Assert.Equal("lane POST two", await client.AskAsync(LaneClient.Post("two")));
        Assert.False(house.LetIn.IsCompleted);
    }

    [Fact]
    public async Task Who_asks_for_anything_else_is_the_servers_and_stays_there()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        await using var house = await LaneHouse.StartAsync();
        using var fresh = await house.ConnectAsync();
        using var known = await house.ConnectAsync();

        Assert.Equal("server GET ", await fresh.AskAsync(LaneClient.Get()));
        Assert.Equal("server POST after", await fresh.AskAsync(LaneClient.Post("after")));
        Assert.Equal("lane POST one", await known.AskAsync(LaneClient.Post("one")));
        Assert.Equal("server GET ", await known.AskAsync(LaneClient.Get()));
        Assert.Equal("server POST two", await known.AskAsync(LaneClient.Post("two")));
    }

    [Fact]
    public async Task What_is_asked_at_once_is_answered_in_its_order()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        await using var house = await LaneHouse.StartAsync();
        using var client = await house.ConnectAsync();

        await client.SayAsync(LaneClient.Post("one") + LaneClient.Post("two") + LaneClient.Get() + LaneClient.Post("three"));

        string?[] heard = [await client.HearAsync(), await client.HearAsync(), await client.HearAsync(), await client.HearAsync()];
        Assert.Equal(["lane POST one", "lane POST two", "server GET ", "server POST three"], heard);
    }

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task What_is_odd_is_answered_as_if_there_were_no_lane(string latin1, bool isAll)
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        var answers = new List<string>();
        foreach (var hasLane in (bool[])[true, false])
        {
            await using var house = await LaneHouse.StartAsync(new() { HasLane = hasLane });
            using var client = await house.ConnectAsync();
            await client.SayAsync(latin1);
            if (isAll) client.SayNoMore();
            answers.Add(string.Join("\r\n", (await client.ToEndAsync()).Split("\r\n").Where(line => !line.StartsWith("Date:", StringComparison.Ordinal))));
        }

        // without a lane the server may hear first that nothing more comes, and say nothing
        if (isAll && answers[1].Length == 0) return;
        Assert.Equal(answers[1], answers[0]);
    }

    [Fact]
    public async Task A_long_body_of_the_servers_comes_whole()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        await using var house = await LaneHouse.StartAsync();
        using var client = await house.ConnectAsync();
        var body = string.Concat(Enumerable.Range(0, 300_000).Select(number => $"{number:x8}"));

        var saying = client.SayAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n");
        var heard = await client.HearAsync();
        await saying;

        Assert.Equal($"server POST {body}", heard);
    }

    [Fact]
    public async Task Http_2_is_spoken_as_before()
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        await using var house = await LaneHouse.StartAsync(new() { Protocols = HttpProtocols.Http2 });
        using var http = new HttpClient { BaseAddress = new Uri($"http://{house.Address}"), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = Eventually.Limit };

        for (var round = 0; round < 3; round++)
        {
            using var answer = await http.PostAsync("/v1/chat/completions", new StringContent($"round {round}"), TestContext.Current.CancellationToken);
            Assert.Equal($"server POST round {round}", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Who_comes_over_a_unix_socket_is_the_servers()
    {
        var folder = Directory.CreateTempSubdirectory("helix-lane-");
        var path = Path.Combine(folder.FullName, "s");
        await using (await LaneHouse.StartAsync(new() { UnixSocket = path }))
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), TestContext.Current.CancellationToken);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(LaneClient.Post("one", "Connection: close\r\n")), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(stream);
            Assert.EndsWith("server POST one", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("POST /v1/chat/comp", "letions HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\no", "ne")]
    public async Task Who_stops_in_the_middle_of_asking_is_the_servers_after_a_while(string half, string rest)
    {
        Assert.SkipUnless(LaneLoop.IsSupported, NoLane);
        var time = new FakeTimeProvider();
        await using var house = await LaneHouse.StartAsync(new() { Time = time, LoopTime = time });
        using var client = await house.ConnectAsync();

        await client.SayAsync(half);
        await Eventually.TrueAsync(() => house.LetIn.IsCompleted, () => time.Advance(TimeSpan.FromSeconds(1)), "the server got it");

        Assert.Equal("server POST one", await client.AskAsync(rest));
    }
}
