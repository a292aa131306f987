using System.Buffers;
using System.Net;
using System.Text;
using Helix.Gateway;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Tests.Gateway.Lane;

public sealed class LaneContextTests
{
    private readonly LaneTalk _talk = new();

    [Fact]
    public void A_request_tells_what_the_gateway_asks()
    {
        var context = _talk.Ask("Content-Type: application/json\r\n", "{}", "/api/chat");
        var request = context.Request;

        Assert.Equal(("POST", "http", "HTTP/1.1", "/api/chat", ""), (request.Method, request.Scheme, request.Protocol, request.Path.Value, request.QueryString.ToString()));
        Assert.Equal(("127.0.0.1:4359", "application/json", (long?)2), (request.Host.Value, request.ContentType, request.ContentLength));
        Assert.Equal((IPAddress.Loopback, 4359, IPAddress.Loopback, 50000), (context.Connection.LocalIpAddress, context.Connection.LocalPort, context.Connection.RemoteIpAddress, context.Connection.RemotePort));
        Assert.Null(context.Features.Get<IHttpMaxRequestBodySizeFeature>());
        Assert.Same(context, request.HttpContext);
        Assert.Same(context, context.Response.HttpContext);
    }

    [Fact]
    public void What_the_lane_lacks_says_so()
    {
        var context = _talk.Ask();

        Assert.Throws<NotSupportedException>(() => context.User);
        Assert.Throws<NotSupportedException>(() => context.Session);
        Assert.Throws<NotSupportedException>(() => context.WebSockets);
        Assert.Throws<NotSupportedException>(() => context.Request.Form);
        Assert.Throws<NotSupportedException>(() => context.Response.Cookies);
    }

    [Fact]
    public async Task A_body_is_taken_whole_and_once()
    {
        var context = _talk.Ask(body: "0123456789");
        Assert.True(context.TakeBody(out var rented, out var length));
        Assert.Equal("0123456789", Encoding.ASCII.GetString(rented, 0, length));
        ArrayPool<byte>.Shared.Return(rented);

        Assert.False(context.TakeBody(out _, out _));
        Assert.Equal(0, await context.Request.Body.ReadAsync(new byte[8]));
    }

    [Fact]
    public async Task A_body_is_read_by_whoever_knows_no_lanes()
    {
        var context = _talk.Ask(body: "0123456789");
        using var reader = new StreamReader(context.Request.Body);

        Assert.Equal("0123456789", await reader.ReadToEndAsync());
        Assert.False(context.TakeBody(out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    public async Task The_gateway_takes_the_body_as_it_is(string text)
    {
        var context = _talk.Ask(body: text);
        using var body = await RequestBody.ReadAsync(context);

        Assert.Equal(text, Encoding.ASCII.GetString(body.Bytes.Span));
        context.Reset();
        Assert.Equal(text, Encoding.ASCII.GetString(body.Bytes.Span));
    }

    [Fact]
    public async Task A_body_is_its_readers_until_it_is_given_back()
    {
        var first = await RequestBody.ReadAsync(_talk.Ask(body: "first"));
        _talk.Context.Reset();
        var second = await RequestBody.ReadAsync(_talk.Ask(body: "second"));
        Assert.Equal(("first", "second"), (Encoding.ASCII.GetString(first.Bytes.Span), Encoding.ASCII.GetString(second.Bytes.Span)));
        first.Dispose();
        second.Dispose();
        _talk.Context.Reset();

        using var third = await RequestBody.ReadAsync(_talk.Ask(body: "third"));

        Assert.Same(second, third);
        Assert.Equal("third", Encoding.ASCII.GetString(third.Bytes.Span));
    }

    [Fact]
    public async Task A_large_body_has_its_place_among_others()
    {
        const int beyond = 1000;
        var (room, large) = (new BodyRoom(), new string('x', (16 << 10) + beyond));
        Assert.Null(await RequestBody.ReadAsync(_talk.Ask(body: large), room, beyond - 1));
        _talk.Context.Reset();

        var body = await RequestBody.ReadAsync(_talk.Ask(body: large), room, beyond);
        Assert.Equal(large.Length, body!.Bytes.Length);
        Assert.False(room.Take(1, beyond));
        body.Dispose();
        Assert.True(room.Take(beyond, beyond));
    }

    [Fact]
    public async Task Of_an_earlier_request_nothing_is_left()
    {
        var context = _talk.Ask("Connection: close\r\nAuthorization: Bearer one\r\n", "first");
        var (ended, begun) = (0, 0);
        context.TraceIdentifier = "req_1";
        context.Items["a"] = "b";
        context.Features.Set(new Marked());
        context.Response.StatusCode = 418;
        context.Response.Headers["x-first"] = "1";
        context.Response.OnStarting(() => Task.FromResult(++begun));
        context.Response.OnCompleted(() => Task.FromResult(++ended));
        context.Response.BodyWriter.GetSpan()[0] = (byte)'z';
        context.Response.BodyWriter.Advance(1);
        var left = context.RequestAborted;
        var calls = 0;
        left.Register(() => calls++);
        Assert.False(await context.EndAsync());
        await context.Answer.RunEndersAsync();
        context.Reset();
        _talk.Heard();

        _talk.Ask(body: "{}");

        Assert.Equal(("", 200, false), (context.TraceIdentifier, context.Response.StatusCode, context.Response.HasStarted));
        Assert.Empty(context.Items);
        Assert.Null(context.Features.Get<Marked>());
        Assert.Empty(context.Response.Headers);
        Assert.False(context.Request.Headers.ContainsKey("Authorization"));
        Assert.True(context.TakeBody(out var rented, out var length));
        Assert.Equal("{}", Encoding.ASCII.GetString(rented, 0, length));
        ArrayPool<byte>.Shared.Return(rented);
        Assert.False(context.RequestAborted.IsCancellationRequested);
        Assert.True(await context.EndAsync());
        Assert.Equal($"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{LaneTalk.Date}\r\n", _talk.Heard());
        context.Lose();
        Assert.Equal((0, 1, 1), (calls, begun, ended));
    }

    [Fact]
    public void Whoever_asks_late_whether_the_client_has_left_is_told()
    {
        var context = _talk.Ask();
        context.Lose();

        Assert.True(context.RequestAborted.IsCancellationRequested);
    }

    private sealed class Marked;
}
