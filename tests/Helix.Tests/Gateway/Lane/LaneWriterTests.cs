using System.Text;
using Helix.Gateway.Lane;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Gateway.Lane;

public sealed class LaneWriterTests
{
    private readonly LaneTalk _talk = new();

    [Theory]
    [InlineData(200, "HTTP/1.1 200 OK\r\n")]
    [InlineData(429, "HTTP/1.1 429 Too Many Requests\r\n")]
    [InlineData(599, "HTTP/1.1 599 \r\n")]
    [InlineData(999, "HTTP/1.1 999 \r\n")]
    public void A_status_has_its_line(int status, string line)
    {
        Assert.Equal(line, Encoding.ASCII.GetString(ResponseHead.StatusLine(status)));
        Assert.Equal(line, Encoding.ASCII.GetString(ResponseHead.StatusLine(status)));
    }

    [Theory]
    [InlineData(1, "1\r\n")]
    [InlineData(255, "ff\r\n")]
    [InlineData(int.MaxValue, "7fffffff\r\n")]
    public void A_chunk_has_its_length_before_it(int length, string start)
    {
        var into = new byte[ChunkFrame.MostStart];

        Assert.Equal(start, Encoding.ASCII.GetString(into, 0, ChunkFrame.WriteStart(into, length)));
    }

    [Fact]
    public void A_date_is_of_its_second()
    {
        var moment = new DateTimeOffset(2026, 7, 4, 1, 2, 3, 999, TimeSpan.FromHours(2));

        Assert.Equal("Date: Fri, 03 Jul 2026 23:02:03 GMT\r\n", Encoding.ASCII.GetString(DateLine.Of(moment)));
        Assert.Equal("Date: Fri, 03 Jul 2026 23:02:04 GMT\r\n", Encoding.ASCII.GetString(DateLine.Of(moment.AddMilliseconds(1))));
    }

    [Fact]
    public async Task An_answer_of_known_length_leaves_in_one_send()
    {
        var response = _talk.Ask().Response;
        response.StatusCode = 404;
        response.ContentType = "application/json";
        response.Headers["x-request-id"] = "req_1";
        response.ContentLength = 2;
        Assert.False(response.HasStarted);
        await WriteAsync(response, "{}");
        Assert.True(response.HasStarted);

        Assert.True(await _talk.Context.EndAsync());
        Assert.Equal($"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nx-request-id: req_1\r\nContent-Length: 2\r\n{LaneTalk.Date}\r\n{{}}", _talk.Heard());
        Assert.Equal(1, _talk.Sends);
    }

    [Fact]
    public async Task An_answer_of_unknown_length_comes_in_chunks()
    {
        var response = _talk.Ask().Response;
        response.ContentType = "text/event-stream";
        await WriteAsync(response, "data: 1\n\n");
        Assert.Equal($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{LaneTalk.Date}Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n", _talk.Heard());
        await WriteAsync(response, "");
        Assert.Equal("", _talk.Heard());
        await WriteAsync(response, "0123456789abcdef");
        Assert.Equal("10\r\n0123456789abcdef\r\n", _talk.Heard());

        Assert.True(await _talk.Context.EndAsync());
        Assert.Equal("0\r\n\r\n", _talk.Heard());
    }

    [Theory]
    [InlineData(16_000)]
    [InlineData(16_384)]
    [InlineData(100_000)]
    public async Task A_large_piece_is_framed_as_a_small_one(int length)
    {
        var (response, piece) = (_talk.Ask().Response, new string('x', length));
        await WriteAsync(response, piece);
        await WriteAsync(response, piece);
        await _talk.Context.EndAsync();

        var frame = $"{length:x}\r\n{piece}\r\n";
        Assert.Equal($"HTTP/1.1 200 OK\r\n{LaneTalk.Date}Transfer-Encoding: chunked\r\n\r\n{frame}{frame}0\r\n\r\n", _talk.Heard());
    }

    [Fact]
    public async Task Headers_that_are_longer_than_usual_leave_whole()
    {
        var response = _talk.Ask().Response;
        response.Headers["x-long"] = new string('y', 40_000);
        response.ContentLength = 1;
        await WriteAsync(response, "z");

        Assert.Equal($"HTTP/1.1 200 OK\r\nx-long: {new string('y', 40_000)}\r\nContent-Length: 1\r\n{LaneTalk.Date}\r\nz", _talk.Heard());
    }

    [Fact]
    public async Task What_was_written_into_its_memory_leaves_with_a_flush_or_the_end()
    {
        var response = _talk.Ask().Response;
        await response.WriteAsync("one");
        var begun = _talk.Heard();
        response.BodyWriter.GetSpan(30_000)[..20_000].Fill((byte)'z');
        response.BodyWriter.Advance(20_000);
        Assert.Equal("", _talk.Heard());
        await response.Body.WriteAsync("!"u8.ToArray());
        Assert.Equal($"4e21\r\n{new string('z', 20_000)}!\r\n", _talk.Heard());
        "two"u8.CopyTo(response.BodyWriter.GetSpan());
        response.BodyWriter.Advance(3);
        await _talk.Context.EndAsync();

        Assert.EndsWith("\r\n\r\n3\r\none\r\n", begun, StringComparison.Ordinal);
        Assert.Equal("3\r\ntwo\r\n0\r\n\r\n", _talk.Heard());
    }

    [Fact]
    public async Task An_answer_without_content_has_the_length_zero()
    {
        _talk.Ask().Response.StatusCode = 403;

        Assert.True(await _talk.Context.EndAsync());
        Assert.Equal($"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n{LaneTalk.Date}\r\n", _talk.Heard());
    }

    [Fact]
    public async Task An_answer_that_cannot_have_content_has_no_length()
    {
        var response = _talk.Ask().Response;
        response.StatusCode = 204;
        await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(response, "x"));

        Assert.True(await _talk.Context.EndAsync());
        Assert.Equal($"HTTP/1.1 204 No Content\r\n{LaneTalk.Date}\r\n", _talk.Heard());
    }

    [Theory]
    [InlineData(true, false, null)]
    [InlineData(false, true, null)]
    [InlineData(false, false, "close")]
    [InlineData(true, true, "close")]
    public async Task Whoever_wants_the_connection_closed_is_heard(bool client, bool daemon, string? answer)
    {
        var response = _talk.Ask(client ? "Connection: close\r\n" : "").Response;
        _talk.Closes = daemon;
        response.Headers.Connection = answer;

        Assert.False(await _talk.Context.EndAsync());
        Assert.Equal(1, Count(_talk.Heard(), "Connection: close\r\n"));
    }

    [Fact]
    public async Task More_than_the_length_that_was_told_is_refused_before_anything_leaves()
    {
        var response = _talk.Ask().Response;
        response.ContentLength = 1;
        await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(response, "xx"));
        Assert.False(response.HasStarted);
        (response.StatusCode, response.ContentLength) = (500, 3);
        await WriteAsync(response, "oh!");

        Assert.False(await _talk.Context.EndAsync());
        Assert.Equal($"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 3\r\n{LaneTalk.Date}Connection: close\r\n\r\noh!", _talk.Heard());
    }

    [Fact]
    public async Task Less_than_the_length_that_was_told_closes_the_connection()
    {
        var response = _talk.Ask().Response;
        response.ContentLength = 5;
        await WriteAsync(response, "xx");

        Assert.False(await _talk.Context.EndAsync());
        Assert.True(_talk.IsAborted);
    }

    [Fact]
    public async Task Nothing_where_a_length_was_told_is_an_error()
    {
        var response = _talk.Ask().Response;
        (response.ContentType, response.ContentLength) = ("text/plain", 5);

        Assert.True(await _talk.Context.EndAsync());
        Assert.Equal($"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n{LaneTalk.Date}\r\n", _talk.Heard());
    }

    [Fact]
    public async Task Status_and_headers_stay_as_they_are_once_it_has_started()
    {
        var response = _talk.Ask().Response;
        await response.StartAsync();

        Assert.Contains("Transfer-Encoding: chunked", _talk.Heard(), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => response.StatusCode = 500);
        Assert.Throws<InvalidOperationException>(() => response.Headers["x-a"] = "b");
        Assert.Throws<InvalidOperationException>(() => response.OnStarting(() => Task.CompletedTask));
    }

    [Fact]
    public async Task A_client_who_has_gone_is_told_by_the_result_and_by_the_token()
    {
        var response = _talk.Ask().Response;
        var left = _talk.Context.RequestAborted;
        var result = await response.BodyWriter.WriteAsync("x"u8.ToArray());
        Assert.False(result.IsCompleted || left.IsCancellationRequested);

        _talk.IsBroken = true;
        result = await response.BodyWriter.WriteAsync("x"u8.ToArray());

        Assert.True(result.IsCompleted && left.IsCancellationRequested);
        Assert.True((await response.BodyWriter.WriteAsync("x"u8.ToArray())).IsCompleted);
        Assert.False(await _talk.Context.EndAsync());
    }

    [Fact]
    public async Task An_aborted_answer_does_not_come_to_its_end()
    {
        var response = _talk.Ask().Response;
        await WriteAsync(response, "x");
        _talk.Heard();
        _talk.Context.Abort();

        Assert.True(_talk.IsAborted && _talk.Context.RequestAborted.IsCancellationRequested);
        Assert.False(await _talk.Context.EndAsync());
        Assert.Equal("", _talk.Heard());
    }

    [Fact]
    public async Task Whoever_wants_to_change_the_head_is_asked_before_it_leaves()
    {
        var response = _talk.Ask().Response;
        response.OnStarting(() =>
        {
            response.Headers["x-late"] = "1";
            return Task.CompletedTask;
        });

        Assert.True(await _talk.Context.EndAsync());
        Assert.Equal($"HTTP/1.1 200 OK\r\nx-late: 1\r\nContent-Length: 0\r\n{LaneTalk.Date}\r\n", _talk.Heard());
    }

    private static async Task WriteAsync(HttpResponse response, string content) => await response.BodyWriter.WriteAsync(Encoding.ASCII.GetBytes(content));

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
