using System.Net.Sockets;
using System.Text;
using Helix.Gateway;
using Helix.Gateway.Lane;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Gateway.Lane;

/// <summary>Over real connections, on the loop's own thread.</summary>
public sealed class LaneConnectionTests : IDisposable
{
    private const string Start = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n";

    private readonly LaneLoop? _loop = LaneLoop.IsSupported ? new(TimeProvider.System) : null;

    public void Dispose() => _loop?.Dispose();

    [Fact]
    public async Task Requests_that_come_together_are_answered_one_after_the_other_each_for_itself()
    {
        using var line = Connect(EchoAsync);
        await line.SayAsync(Request("one", "X-Own: 1\r\n") + Request("two") + Request("three", "X-Own: 3\r\n"));

        Assert.Equal(("1:one", ":two", "3:three"), (await line.HearAsync(), await line.HearAsync(), await line.HearAsync()));
    }

    [Fact]
    public async Task A_connection_is_used_again_also_where_its_request_was_answered_elsewhere()
    {
        using var line = Connect(async context =>
        {
            await Task.Yield();
            await EchoAsync(context);
            await Task.Yield();
        });
        for (var number = 0; number < 20; number++)
        {
            await line.SayAsync(Request($"{number}", $"X-Own: {number}\r\n"));
            Assert.Equal($"{number}:{number}", await line.HearAsync());
        }
    }

    [Theory]
    [InlineData(1_000, 7)]
    [InlineData(1_000_000, 40_000)]
    public async Task A_body_that_comes_in_pieces_is_put_together(int length, int piece)
    {
        using var line = Connect(async context =>
        {
            using var body = await RequestBody.ReadAsync(context);
            await AnswerAsync(context, $"{body.Bytes.Length} {body.Bytes.Span.IndexOfAnyExcept((byte)'x')}");
        });
        var request = Request(new string('x', length));
        for (var at = 0; at < request.Length; at += piece) await line.SayAsync(request[at..Math.Min(request.Length, at + piece)]);

        Assert.Equal($"{length} -1", await line.HearAsync());
    }

    [Fact]
    public async Task A_stream_comes_in_chunks_and_the_connection_stays()
    {
        using var line = Connect(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var number = 0; number < 3; number++) await context.Response.BodyWriter.WriteAsync(Encoding.ASCII.GetBytes($"{number}\n"));
        });
        for (var times = 0; times < 2; times++)
        {
            await line.SayAsync(Request("{}"));
            Assert.EndsWith("Transfer-Encoding: chunked\r\n\r\n2\r\n0\n\r\n2\r\n1\n\r\n2\r\n2\n\r\n0\r\n\r\n", await line.HearUntilAsync("0\r\n\r\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_not_simple_is_handed_over_with_all_that_was_read()
    {
        const string odd = "GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n";
        using var line = Connect(EchoAsync);
        await line.SayAsync(Request("one") + odd);

        Assert.Equal(":one", await line.HearAsync());
        var (socket, unread) = await line.HandedOverAsync();
        Assert.Equal(odd, unread);
        socket.Blocking = true;
        socket.Send("answered elsewhere"u8);
        socket.Dispose();
        Assert.Equal("answered elsewhere", await line.HearAllAsync());
    }

    [Theory]
    [InlineData(Start)]
    [InlineData(Start + "Content-Length: 10\r\n\r\n")]
    [InlineData(Start + "Content-Length: 10\r\n\r\n01234")]
    public async Task What_does_not_come_to_its_end_is_handed_over(string cut)
    {
        using var late = Connect(EchoAsync);
        await late.SayAsync(Request("one") + cut);
        await late.HearAsync();
        await Eventually.TrueAsync(() => late.IsHandedOver, () => _loop!.Post(static held => ((LaneConnection)held!).EachSecond(), late.Connection));
        Assert.Equal(cut, (await late.HandedOverAsync()).Unread);

        using var ended = Connect(EchoAsync);
        await ended.SayAsync(cut);
        ended.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(cut, (await ended.HandedOverAsync()).Unread);
    }

    [Fact]
    public async Task A_head_that_came_before_is_handed_over_with_its_own_length()
    {
        const string cut = Start + "Content-Length: 23\r\n\r\n01234";
        using var line = Connect(EchoAsync);
        await line.SayAsync(Request("0123456789") + cut);
        Assert.Equal(":0123456789", await line.HearAsync());
        line.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal(cut, (await line.HandedOverAsync()).Unread);
    }

    [Fact]
    public async Task A_large_body_is_left_to_somebody_else_where_too_many_have_not_come_to_their_end()
    {
        using var line = Connect(EchoAsync);
        _loop!.Post(static held => ((LaneLoop)held!).Unfinished = LaneConnection.MostUnfinished, _loop);
        await line.SayAsync(Request("small"));
        Assert.Equal(":small", await line.HearAsync());

        var request = Request(new string('x', 100_000));
        var saying = line.SayAsync(request);
        var (socket, unread) = await line.HandedOverAsync();
        var rest = new byte[request.Length - unread.Length];
        for (var at = 0; at < rest.Length;) at += await socket.ReceiveAsync(rest.AsMemory(at)).AsTask().WaitAsync(Eventually.Limit);
        await saying;
        Assert.Equal(request, unread + Encoding.ASCII.GetString(rest));
    }

    [Fact]
    public async Task Whoever_says_nothing_for_long_is_closed()
    {
        using var line = Connect(EchoAsync);
        await Eventually.TrueAsync(() => line.Over.IsCompleted, () => _loop!.Post(static held => ((LaneConnection)held!).EachSecond(), line.Connection));

        Assert.Equal("", await line.HearAllAsync());
        Assert.False(line.IsHandedOver);
    }

    [Fact]
    public async Task A_client_who_leaves_is_noticed_while_it_is_answered()
    {
        var noticed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var line = Connect(async context =>
        {
            using var left = context.RequestAborted.Register(noticed.SetResult);
            await context.Response.BodyWriter.WriteAsync("x"u8.ToArray());
            await noticed.Task;
            Assert.True((await context.Response.BodyWriter.WriteAsync("y"u8.ToArray())).IsCompleted);
        });
        await line.SayAsync(Request("{}"));
        await line.HearUntilAsync("x");
        line.Client.Dispose();

        await noticed.Task.WaitAsync(Eventually.Limit);
        await line.Over.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task A_connection_is_closed_where_the_client_wants_that()
    {
        using var line = Connect(EchoAsync);
        await line.SayAsync(Request("one", "Connection: close\r\n"));

        var heard = await line.HearAllAsync();
        Assert.Contains("Connection: close\r\n", heard, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n:one", heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_to_leave_answers_first()
    {
        var (asked, mayAnswer) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var idle = Connect(EchoAsync);
        using var busy = Connect(async context =>
        {
            asked.SetResult();
            await mayAnswer.Task;
            await EchoAsync(context);
        });
        await busy.SayAsync(Request("one"));
        await asked.Task.WaitAsync(Eventually.Limit);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var line in (ConnectionLine[])[idle, busy]) _loop!.Post(static held => ((LaneConnection)held!).Leave(), line.Connection);
        _loop!.Post(static held => ((TaskCompletionSource)held!).SetResult(), told);
        await told.Task.WaitAsync(Eventually.Limit);
        Assert.Equal("", await idle.HearAllAsync());
        Assert.False(busy.Over.IsCompleted);
        mayAnswer.SetResult();

        var heard = await busy.HearAllAsync();
        Assert.Contains("Connection: close\r\n", heard, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n:one", heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_aborted_has_no_end()
    {
        using var line = Connect(async context =>
        {
            await context.Response.BodyWriter.WriteAsync("x"u8.ToArray());
            context.Abort();
        });
        await line.SayAsync(Request("{}"));

        Assert.EndsWith("1\r\nx\r\n", await line.HearAllAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_dropped_is_not_answered_to_the_end()
    {
        using var idle = Connect(EchoAsync);
        using var busy = Connect(async context =>
        {
            await context.Response.BodyWriter.WriteAsync("x"u8.ToArray());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await busy.SayAsync(Request("{}"));
        await busy.HearUntilAsync("1\r\nx\r\n");
        foreach (var line in (ConnectionLine[])[idle, busy]) _loop!.Post(static held => ((LaneConnection)held!).Abort(), line.Connection);

        Assert.Equal(("", ""), (await idle.HearAllAsync(), await busy.HearAllAsync()));
        await Task.WhenAll(idle.Over, busy.Over).WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task What_breaks_behind_it_ends_the_connection_and_is_told()
    {
        using var line = Connect(_ => throw new InvalidDataException("broken"));
        await line.SayAsync(Request("{}"));

        await Assert.ThrowsAsync<InvalidDataException>(() => line.Over.WaitAsync(Eventually.Limit));
        Assert.Equal("", await line.HearAllAsync());
    }

    [Fact]
    public async Task Whoever_sees_a_request_out_is_told_what_broke_and_may_still_answer()
    {
        using var line = Connect(context =>
        {
            var kind = context.Request.Headers["X-Own"].ToString();
            ((LaneContext)context).Leaving = async (left, thrown) =>
            {
                if (thrown is not null) await AnswerAsync(left, $"{kind} {thrown.Message}");
            };
            return kind switch
            {
                "now" => throw new InvalidDataException("broken"),
                "later" => BreakAsync(),
                _ => EchoAsync(context),
            };
        });
        foreach (var kind in new[] { "now", "later", "never", "now" })
        {
            await line.SayAsync(Request("{}", $"X-Own: {kind}\r\n"));
            Assert.Equal(kind == "never" ? "never:{}" : $"{kind} broken", await line.HearAsync());
        }

        static async Task BreakAsync()
        {
            await Task.Yield();
            throw new InvalidDataException("broken");
        }
    }

    [Fact]
    public async Task A_large_answer_arrives_whole_at_a_slow_reader()
    {
        const int pieces = 200, length = 50_000;
        var piece = Encoding.ASCII.GetBytes(new string('x', length));
        using var line = Connect(async context =>
        {
            context.Response.ContentLength = pieces * length;
            for (var number = 0; number < pieces; number++) await context.Response.BodyWriter.WriteAsync(piece);
        });
        await line.SayAsync(Request("{}", "Connection: close\r\n"));

        var heard = await line.HearAllAsync();
        Assert.Equal(pieces * length, heard.Length - heard.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4);
    }

    private static string Request(string body, string headers = "") => $"{Start}{headers}Content-Length: {body.Length}\r\n\r\n{body}";

    private static async Task EchoAsync(HttpContext context)
    {
        using var body = await RequestBody.ReadAsync(context);
        await AnswerAsync(context, $"{context.Request.Headers["X-Own"]}:{Encoding.ASCII.GetString(body.Bytes.Span)}");
    }

    private static async Task AnswerAsync(HttpContext context, string text)
    {
        context.Response.ContentLength = text.Length;
        await context.Response.BodyWriter.WriteAsync(Encoding.ASCII.GetBytes(text));
    }

    private ConnectionLine Connect(RequestDelegate serve)
    {
        Assert.SkipUnless(LaneLoop.IsSupported, "there is no lane on this system");
        return new ConnectionLine(_loop!, serve);
    }
}
