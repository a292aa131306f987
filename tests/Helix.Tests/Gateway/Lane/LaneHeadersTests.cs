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
    public void Of_a_head_that_repeats_all_is_as_before_but_the_length()
    {
        const string lines = "Host: a\r\nContent-Length: 10\r\nX-Own: b\r\n";
        Read(lines);
        Assert.Equal("b", _asked["x-own"].ToString());

        Read(lines.Replace("10", "12", StringComparison.Ordinal), repeats: true);

        Assert.Equal(((long?)12, "a", "b"), (_asked.ContentLength, _asked["host"].ToString(), _asked["x-own"].ToString()));
        Assert.Contains("Content-Length: 12\r\n", Encoding.ASCII.GetString(_asked.Head.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_what_was_changed_nothing_is_left_where_a_head_repeats()
    {
        const string lines = "Host: a\r\nContent-Length: 1\r\nX-Own: b\r\n";
        Action[] changes = [() => _asked["x-own"] = "c", () => _asked["x-more"] = "c", () => _asked.Remove("x-own"), () => _asked.ContentLength = 5, _asked.Clear, _asked.Reset];
        Read(lines);
        foreach (var change in changes)
        {
            change();
            Read(lines, repeats: true);

            Assert.Equal([("Host", "a"), ("X-Own", "b"), ("Content-Length", "1")], _asked.Select(pair => (pair.Key, pair.Value.ToString())));
        }
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

    /// <summary>Each answer is written, too, as it is where nothing was written before.</summary>
    [Fact]
    public void Answer_after_answer_has_what_was_set_for_it_in_whatever_order()
    {
        string[] names = ["x-a", "x-b", "X-B", "x-long", "Date", "Content-Type"];
        string?[] values = ["1", "1", "2", "three", null];
        var draw = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            // most have the same order and the same values, as it is with answers
            var isUsual = draw.Next(3) > 0;
            var fresh = new LaneHeaders(isResponse: true);
            var expected = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            for (var count = draw.Next(8); count > 0; count--)
            {
                var name = isUsual ? names[count % 6] : names[draw.Next(names.Length)];
                var value = draw.Next(4) > 0 ? values[0] : values[draw.Next(values.Length)];
                (_answered[name], fresh[name]) = (value, value);
                if (value is null) expected.Remove(name);
                else expected[name] = value;
            }

            Assert.Equal(expected.Select(pair => $"{pair.Key}: {pair.Value}").Order(StringComparer.Ordinal), _answered.Select(pair => $"{pair.Key}: {pair.Value}").Order(StringComparer.Ordinal));
            Assert.Equal(Written(fresh), Written(_answered));
            _answered.Reset();
            Assert.Empty(_answered);
        }
    }

    [Fact]
    public void What_cannot_stand_in_a_head_is_refused_where_something_proper_stood_before()
    {
        (_answered["x-a"], _answered["x-b"]) = ("1", "1");
        _answered.Reset();

        _answered["x-a"] = "1";
        Assert.Throws<InvalidOperationException>(() => _answered["x-b"] = "1\r\n");
        Assert.Throws<InvalidOperationException>(() => _answered["x-b"] = new[] { "1", "\n" });
        Assert.Equal(["x-a"], _answered.Keys);
    }

    private static string Written(LaneHeaders headers)
    {
        var into = new byte[headers.MostLength];
        return Encoding.ASCII.GetString(into, 0, headers.Write(into));
    }

    private LaneHeaders Read(string lines, bool repeats = false)
    {
        var bytes = Encoding.ASCII.GetBytes($"POST /api/chat HTTP/1.1\r\n{lines}\r\n and more");
        Assert.Equal(LaneVerdict.Simple, LaneHead.Read(bytes, out var head));
        _asked.Read(in head, bytes, repeats);
        // they stand on their own
        bytes.AsSpan().Clear();
        return _asked;
    }
}
