using System.Text;
using Helix.Core.Gateway;
using Helix.Gateway.Lane;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Gateway.Lane;

public sealed class LaneHeadersTests
{
    private readonly LaneHeaders _asked = new(isResponse: false);
    private readonly LaneHeaders _answered = new(isResponse: true);

    [Fact]
    public void A_header_of_a_request_is_found_in_any_case()
    {
        IHeaderDictionary headers = Read("hOST: a:1\r\nContent-Length: 12\r\nX-Helix-Timeout: 5\r\n");

        Assert.Equal(("a:1", "5", "5"), (headers.Host.ToString(), headers["x-helix-timeout"].ToString(), headers["X-HELIX-TIMEOUT"].ToString()));
        Assert.Equal(("", ""), (headers["x-helix-timeou"].ToString(), headers["x-helix-timeouz"].ToString()));
        Assert.False(headers.ContainsKey("Origin"));
    }

    [Fact]
    public void The_length_is_a_number_and_a_header()
    {
        IHeaderDictionary headers = Read("Host: a\r\nContent-Length: 12\r\n");

        Assert.Equal(((long?)12, "12"), (headers.ContentLength, headers["content-length"].ToString()));
        Assert.Equal(["Host", "Content-Length"], headers.Keys);
    }

    [Fact]
    public void All_headers_are_told_with_their_usual_names()
    {
        Read("Host: a\r\nContent-Length: 0\r\nX-Own: b\r\n");

        Assert.Equal([("Host", "a"), ("X-Own", "b"), ("Content-Length", "0")], _asked.Select(pair => (pair.Key, pair.Value.ToString())));
    }

    [Fact]
    public void Of_an_earlier_request_nothing_is_left()
    {
        Read("Host: a\r\nContent-Length: 1\r\nAuthorization: Bearer one\r\nX-Own: b\r\n");
        Assert.Equal("Bearer one", _asked["authorization"].ToString());

        Read("Host: a\r\nContent-Length: 2\r\n");

        Assert.Equal(("", ""), (_asked["authorization"].ToString(), _asked["x-own"].ToString()));
        Assert.Equal(["Host", "Content-Length"], _asked.Keys);
        Assert.Equal(2, _asked.ContentLength);
    }

    [Fact]
    public void An_equal_value_is_the_same_string_and_another_is_not()
    {
        Read("Host: a\r\nContent-Length: 1\r\nX-Own: aaaa\r\n");
        var first = _asked["x-own"][0];
        Read("Host: a\r\nContent-Length: 1\r\nX-Own: aaaa\r\n");
        var second = _asked["x-own"][0];
        Read("Host: a\r\nContent-Length: 1\r\nX-Own: aaab\r\n");

        Assert.Same(first, second);
        Assert.Equal("aaab", _asked["x-own"].ToString());
    }

    [Fact]
    public void Many_headers_are_all_there()
    {
        Read($"Host: a\r\nContent-Length: 1\r\n{string.Concat(Enumerable.Range(0, 30).Select(number => $"X-{number}: {number}\r\n"))}");

        Assert.All(Enumerable.Range(0, 30), number => Assert.Equal($"{number}", _asked[$"x-{number}"].ToString()));
    }

    [Fact]
    public void What_is_set_to_nothing_is_gone()
    {
        IHeaderDictionary headers = _answered;
        headers["x-one"] = "1";
        headers.CacheControl = "no-cache";
        headers["x-two"] = (string?)null;
        headers.CacheControl = default;
        headers.ContentLength = 5;
        headers.ContentLength = null;

        Assert.Equal(["x-one"], headers.Keys);
        Assert.Equal("1", headers["x-one"].ToString());
        Assert.True(headers.Remove("X-One"));
        Assert.Empty(headers);
    }

    [Fact]
    public void A_length_in_words_is_a_number_too()
    {
        _answered["content-length"] = "17";

        Assert.Equal(17, _answered.ContentLength);
        Assert.Throws<InvalidOperationException>(() => _answered["Content-Length"] = "x");
        Assert.Throws<ArgumentOutOfRangeException>(() => _answered.ContentLength = -1);
    }

    [Theory]
    [InlineData("x-a", "a\r\nSet-Cookie: b")]
    [InlineData("x-a", "a\nb")]
    [InlineData("x-a", "\u00e9")]
    [InlineData("x-a", "\u007f")]
    [InlineData("x-a", "\0")]
    [InlineData("x a", "a")]
    [InlineData("x:a", "a")]
    [InlineData("x\r\n", "a")]
    [InlineData("", "a")]
    public void What_cannot_stand_in_a_head_is_refused(string name, string value)
    {
        Assert.Throws<InvalidOperationException>(() => _answered[name] = value);
        Assert.Empty(_answered);
    }

    [Fact]
    public void Nothing_is_set_once_the_answer_is_on_its_way()
    {
        _answered["x-a"] = "\ta ~";
        _answered.Seal();

        Assert.Throws<InvalidOperationException>(() => _answered["x-a"] = "b");
        Assert.Throws<InvalidOperationException>(() => _answered["x-b"] = default);
        Assert.Throws<InvalidOperationException>(() => _answered.ContentLength = 1);
        Assert.Throws<InvalidOperationException>(_answered.Clear);
        _answered.Reset();
        Assert.Empty(_answered);
        _answered["x-a"] = "b";
        Assert.Equal("b", _answered["x-a"].ToString());
    }

    private LaneHeaders Read(string lines)
    {
        var bytes = Encoding.ASCII.GetBytes($"POST /api/chat HTTP/1.1\r\n{lines}\r\n and more");
        Assert.Equal(LaneVerdict.Simple, LaneHead.Read(bytes, out var head));
        _asked.Read(in head, bytes);
        // they stand on their own
        bytes.AsSpan().Clear();
        return _asked;
    }
}
