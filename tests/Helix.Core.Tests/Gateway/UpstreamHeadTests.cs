using System.Text;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class UpstreamHeadTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked", 200, BodyFraming.Chunked, true)]
    [InlineData("HTTP/1.1 400 Bad Request\r\ncontent-length: 12", 400, BodyFraming.Length, true)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close", 200, BodyFraming.Length, false)]
    [InlineData("HTTP/1.1 200 OK", 200, BodyFraming.UntilClosed, false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 0", 200, BodyFraming.Length, false)]
    [InlineData("HTTP/1.1 204 No Content", 204, BodyFraming.Length, true)]
    [InlineData("HTTP/1.1 200 OK\r\naccept-charset: 99\r\nCONTENT-LENGTH:\t 12 \t\r\nx-y:", 200, BodyFraming.Length, true)]
    [InlineData("HTTP/1.1 200 a: b\r\n: c\r\nTransfer-Encoding:CHUNKED\r\n\r\n", 200, BodyFraming.Chunked, true)]
    public void It_tells_how_the_body_ends(string text, int status, object framing, bool keepAlive)
    {
        var head = Parse(text)!;

        Assert.Equal((status, framing, keepAlive), (head.Status, head.Framing, head.KeepAlive));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2")]
    [InlineData("HTTP/1.1 abc OK")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: -1")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 5x")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip")]
    public void What_is_not_understood_is_not_guessed(string text) => Assert.Null(Parse(text));

    [Fact]
    public void Only_harmless_headers_are_passed_on()
    {
        Assert.Null(Parse("HTTP/1.1 200 OK\r\ncontent-type: a\u0001b")!.ContentType);
        Assert.Equal("7", Parse("HTTP/1.1 429 x\r\nRetry-After:  7 ")!.RetryAfter);
        Assert.True(Parse("HTTP/1.1 200 x\r\ncontent-type: text/event-stream; charset=utf-8")!.IsEventStream);
    }

    [Theory]
    [InlineData("application/json", true, false)]
    [InlineData("application/json; charset=utf-8", true, false)]
    [InlineData("Application/JSON;charset=UTF-8", true, false)]
    [InlineData("text/event-stream", false, true)]
    [InlineData("text/event-stream; charset=utf-8", false, true)]
    [InlineData("Text/Event-Stream", false, true)]
    [InlineData("audio/mpeg", false, false)]
    public void What_is_in_a_body_is_told_as_it_was_said(string type, bool isJson, bool isEventStream)
    {
        var head = Parse($"HTTP/1.1 200 OK\r\ncontent-type: {type}")!;

        Assert.Equal((type, isJson, isEventStream), (head.ContentType, head.IsJson, head.IsEventStream));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 12\r\ndate: today", true)]
    [InlineData("HTTP/1.1 201 OK\r\ncontent-type: application/json\r\ncontent-length: 12", false)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13", false)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\nconnection: close", false)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\nretry-after: 1", false)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: application/x\r\ncontent-length: 12", false)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked", false)]
    public void A_head_that_says_the_same_as_the_one_before_is_that_one(string text, bool isSame)
    {
        var before = Parse("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12");

        var head = UpstreamHead.Parse(Encoding.Latin1.GetBytes(text), before);

        Assert.Equal(isSame, ReferenceEquals(before, head));
        Assert.Equal(Parse(text), head);
    }

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        UpstreamHead.Parse(bytes);
        UpstreamHead.Parse([.. "HTTP/1.1 200 OK\r\n"u8, .. bytes]);
    });

    private static UpstreamHead? Parse(string text) => UpstreamHead.Parse(Encoding.Latin1.GetBytes(text));
}
