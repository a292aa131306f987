using System.Text;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class LaneHeadTests
{
    private const string Start = "POST /v1/chat/completions HTTP/1.1\r\n";
    private const string Needed = "Host: a\r\nContent-Length: 5\r\n";

    private static readonly int s_rounds = Environment.GetEnvironmentVariable("HELIX_TEST_LONG") is { Length: > 0 } ? 20_000 : 150;

    private static readonly int s_seed = int.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), System.Globalization.CultureInfo.InvariantCulture, out var given) ? given : 1;

    [Fact]
    public void It_tells_all_that_a_simple_head_says()
    {
        var bytes = Bytes("POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:4359\r\nx-api-key:sk-1\r\nContent-Length: 17\r\nConnection: Close\r\n\r\n{\"model\":\"m\"}");

        Assert.Equal(LaneVerdict.Simple, LaneHead.Read(bytes, out var head));
        Assert.Equal(("/v1/messages", bytes.Length - 13, 17, true, 4), (head.Target, head.Length, head.BodyLength, head.Closes, head.Count));
        Assert.Equal("x-api-key", Encoding.ASCII.GetString(head.NameOf(bytes, 1)));
        Assert.Equal("sk-1", Encoding.ASCII.GetString(head.ValueOf(bytes, 1)));
        Assert.Equal("Host", Encoding.ASCII.GetString(bytes[head[0].Name]));
        Assert.Equal("127.0.0.1:4359", Encoding.ASCII.GetString(bytes[head[0].Value]));
    }

    [Theory]
    [InlineData("Host: a\r\nContent-Length: 5\r\n")]
    [InlineData("Host:a\r\nContent-Length:5\r\n")]
    [InlineData("hOST: a\r\ncontent-LENGTH: 5\r\n")]
    [InlineData("Host: a.b-c_d.example:65535\r\nContent-Length: 0\r\n")]
    [InlineData("Host: [::1]\r\nContent-Length: 1048576\r\n")]
    [InlineData("Host: [2001:db8::1.2.3.4]:80\r\nContent-Length: 10\r\n")]
    [InlineData(Needed + "Connection: KEEP-alive\r\n")]
    [InlineData(Needed + "Connection: close\r\n")]
    [InlineData(Needed + "!#$%&'*+-.^_`|~09azAZ: !~\r\n")]
    [InlineData(Needed + "a: b  c : d\r\n")]
    [InlineData(Needed + "Tea: 1\r\nSecret: 1\r\nSec: 1\r\nCookies: 1\r\nX-Origin: 1\r\nUpgrade-Insecure-Requests: 1\r\n")]
    public void These_are_simple(string fields) => Assert.Equal(LaneVerdict.Simple, Read($"{Start}{fields}\r\n"));

    [Theory]
    // the framing is told in two ways, or in a way that somebody might read otherwise
    [InlineData("Host: a\r\n")]
    [InlineData(Needed + "Content-Length: 5\r\n")]
    [InlineData(Needed + "content-length: 6\r\n")]
    [InlineData(Needed + "Transfer-Encoding: chunked\r\n")]
    [InlineData("Host: a\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData(Needed + "transfer-encoding: identity\r\n")]
    [InlineData(Needed + "Transfer-Encoding : chunked\r\n")]
    [InlineData(Needed + "Transfer-Encoding\t: chunked\r\n")]
    [InlineData(Needed + " Transfer-Encoding: chunked\r\n")]
    [InlineData(Needed + "Transfer-Encoding:\r\n chunked\r\n")]
    [InlineData(Needed + "X: y\nTransfer-Encoding: chunked\r\n")]
    [InlineData(Needed + "X: y\rTransfer-Encoding: chunked\r\n")]
    [InlineData(Needed + "X: y\n\nTransfer-Encoding: chunked\r\n")]
    [InlineData(Needed + "X-Content-Length: 6\r\n")]
    [InlineData(Needed + "Trailer: x\r\n")]
    [InlineData(Needed + "TE: trailers\r\n")]
    [InlineData("Host: a\r\nContent-Length:\r\n")]
    [InlineData("Host: a\r\nContent-Length: \r\n")]
    [InlineData("Host: a\r\nContent-Length : 5\r\n")]
    [InlineData("Host: a\r\nContent-Length: +5\r\n")]
    [InlineData("Host: a\r\nContent-Length: -5\r\n")]
    [InlineData("Host: a\r\nContent-Length: 0x5\r\n")]
    [InlineData("Host: a\r\nContent-Length: 5,5\r\n")]
    [InlineData("Host: a\r\nContent-Length: 5, 5\r\n")]
    [InlineData("Host: a\r\nContent-Length: 5 5\r\n")]
    [InlineData("Host: a\r\nContent-Length: 5 \r\n")]
    [InlineData("Host: a\r\nContent-Length:  5\r\n")]
    [InlineData("Host: a\r\nContent-Length:\t5\r\n")]
    [InlineData("Host: a\r\nContent-Length: 5\v\r\n")]
    [InlineData("Host: a\r\nContent-Length: 05\r\n")]
    [InlineData("Host: a\r\nContent-Length: 00\r\n")]
    [InlineData("Host: a\r\nContent-Length: 5.0\r\n")]
    [InlineData("Host: a\r\nContent-Length: 5e0\r\n")]
    [InlineData("Host: a\r\nContent-Length: \"5\"\r\n")]
    [InlineData("Host: a\r\nContent-Length: 1048577\r\n")]
    [InlineData("Host: a\r\nContent-Length: 4294967301\r\n")]
    [InlineData("Host: a\r\nContent-Length: 18446744073709551621\r\n")]
    [InlineData("Host: a\r\nContent-Length: 99999999999999999999999999999999999999\r\n")]
    // lines and letters
    [InlineData(Needed + "a: b\n")]
    [InlineData(Needed + "a: b\r\r\n")]
    [InlineData(Needed + "a: b\0\r\n")]
    [InlineData(Needed + "a\0: b\r\n")]
    [InlineData(Needed + "a: b\tc\r\n")]
    [InlineData(Needed + "a: b\x7f\r\n")]
    [InlineData(Needed + "a: \u00e9\r\n")]
    [InlineData(Needed + "\u00e9: a\r\n")]
    [InlineData(Needed + "a: b\r\n c\r\n")]
    [InlineData(Needed + "a: b\r\n\tc\r\n")]
    [InlineData(Needed + "a : b\r\n")]
    [InlineData(Needed + "a(b): c\r\n")]
    [InlineData(Needed + "a\r\n")]
    [InlineData(Needed + ": b\r\n")]
    [InlineData(Needed + "a:\r\n")]
    [InlineData(Needed + "a: \r\n")]
    [InlineData(Needed + "a:  b\r\n")]
    [InlineData(Needed + "a: b \r\n")]
    [InlineData(Needed + "a: b\r\nA: b\r\n")]
    [InlineData("\r\n" + Needed)]
    // whom it is for
    [InlineData("Content-Length: 5\r\n")]
    [InlineData(Needed + "Host: a\r\n")]
    [InlineData("Host:\r\nContent-Length: 5\r\n")]
    [InlineData("Host: a b\r\nContent-Length: 5\r\n")]
    [InlineData("Host: a/b\r\nContent-Length: 5\r\n")]
    [InlineData("Host: a@b\r\nContent-Length: 5\r\n")]
    [InlineData("Host: :80\r\nContent-Length: 5\r\n")]
    [InlineData("Host: a:\r\nContent-Length: 5\r\n")]
    [InlineData("Host: a:b\r\nContent-Length: 5\r\n")]
    [InlineData("Host: a:123456\r\nContent-Length: 5\r\n")]
    [InlineData("Host: a:1:2\r\nContent-Length: 5\r\n")]
    [InlineData("Host: [::1\r\nContent-Length: 5\r\n")]
    [InlineData("Host: [::]\r\nContent-Length: 5\r\n")]
    [InlineData("Host: [::1]a\r\nContent-Length: 5\r\n")]
    [InlineData("Host: [g::1]\r\nContent-Length: 5\r\n")]
    // what somebody else has to know of
    [InlineData(Needed + "Connection: upgrade\r\n")]
    [InlineData(Needed + "Connection: close, x-api-key\r\n")]
    [InlineData(Needed + "Connection: keep-alive, close\r\n")]
    [InlineData(Needed + "Connection: clos\r\n")]
    [InlineData(Needed + "Upgrade: h2c\r\n")]
    [InlineData(Needed + "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n")]
    [InlineData(Needed + "Expect: 100-continue\r\n")]
    [InlineData(Needed + "Origin: http://localhost\r\n")]
    [InlineData(Needed + "Cookie: a=b\r\n")]
    [InlineData(Needed + "sec-fetch-site: cross-site\r\n")]
    [InlineData(Needed + "Sec-: x\r\n")]
    public void These_are_odd(string fields) => Assert.Equal(LaneVerdict.Odd, Read($"{Start}{fields}\r\n"));

    [Theory]
    [InlineData("GET /v1/models HTTP/1.1\r\n")]
    [InlineData("GET")]
    [InlineData("post /v1/messages HTTP/1.1\r\n")]
    [InlineData(" POST /v1/messages HTTP/1.1\r\n")]
    [InlineData("\r\nPOST /v1/messages HTTP/1.1\r\n")]
    [InlineData("POST  /v1/messages HTTP/1.1\r\n")]
    [InlineData("POST\t/v1/messages HTTP/1.1\r\n")]
    [InlineData("POST /v1/messages  HTTP/1.1\r\n")]
    [InlineData("POST /v1/messages HTTP/1.1 \r\n")]
    [InlineData("POST /v1/messages HTTP/1.1\n")]
    [InlineData("POST /v1/messages HTTP/1.0\r\n")]
    [InlineData("POST /v1/messages HTTP/2")]
    [InlineData("POST /v1/messages\r\n")]
    [InlineData("POST /v1/messages?")]
    [InlineData("POST /v1/messages/")]
    [InlineData("POST /v1/messages#")]
    [InlineData("POST /v1/Messages")]
    [InlineData("POST /v1/%6d")]
    [InlineData("POST //v1/messages")]
    [InlineData("POST /v1/../v1/messages")]
    [InlineData("POST /v1/messages/count_tokens HTTP/1.1\r\n")]
    [InlineData("POST /api/embeddings HTTP/1.1\r\n")]
    [InlineData("POST /api/show")]
    [InlineData("POST http://a/v1/messages HTTP/1.1\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002")]
    [InlineData("\0")]
    public void Another_request_line_is_odd_at_once(string start) => Assert.Equal(LaneVerdict.Odd, Read(start));

    [Theory]
    [InlineData("Transfer-Encoding:")]
    [InlineData("a: b\n")]
    [InlineData("a: \0")]
    [InlineData("a:  ")]
    [InlineData("a ")]
    [InlineData(" ")]
    [InlineData("Sec-")]
    [InlineData("Host: a b")]
    [InlineData("Host: [::]")]
    [InlineData("Content-Length: 0x")]
    [InlineData("Content-Length: 1048577")]
    [InlineData("Content-Length: 00")]
    [InlineData("Connection: up")]
    [InlineData("Connection: closed")]
    [InlineData("a: b\r\na:")]
    [InlineData("a: b \r")]
    [InlineData("\r")]
    public void What_cannot_become_simple_waits_for_nothing(string begun) => Assert.Equal(LaneVerdict.Odd, Read(Start + begun));

    [Theory]
    [InlineData("")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Transfer-Encodings:")]
    [InlineData("Sec")]
    [InlineData("a: b ")]
    [InlineData("a:")]
    [InlineData("a: ")]
    [InlineData("a: b\r")]
    [InlineData("Host: [::")]
    [InlineData("Host: a:")]
    [InlineData("Content-Length: 104857")]
    [InlineData("Connection: ")]
    [InlineData("Connection: CLO")]
    public void What_can_become_simple_is_waited_for(string begun) => Assert.Equal(LaneVerdict.More, Read(Start + begun));

    [Fact]
    public void It_knows_its_targets_and_no_beginning_of_them()
    {
        foreach (var target in LaneHead.Targets)
        {
            Assert.Equal(LaneVerdict.Simple, LaneHead.Read(Bytes($"POST {target} HTTP/1.1\r\n{Needed}\r\n"), out var head));
            Assert.Same(target, head.Target);
            Assert.Same(target, LaneHead.Targets[head.TargetIndex]);
            Assert.Equal(LaneVerdict.Odd, Read($"POST {target[..^1]} HTTP/1.1\r\n{Needed}\r\n"));
        }
    }

    [Fact]
    public void There_is_an_end_to_headers_and_to_their_length()
    {
        static string Many(int count) => $"{Start}{Needed}{string.Concat(Enumerable.Range(2, count - 2).Select(at => $"a{at}: b\r\n"))}\r\n";
        static string Long(int length) => $"{Start}{Needed}a: {new string('b', length - Start.Length - Needed.Length - 7)}\r\n\r\n";

        Assert.Equal(LaneVerdict.Simple, Read(Many(LaneHead.MaxCount)));
        Assert.Equal(LaneVerdict.Odd, Read(Many(LaneHead.MaxCount + 1)));
        Assert.Equal(LaneHead.MaxLength, Long(LaneHead.MaxLength).Length);
        Assert.Equal(LaneVerdict.Simple, Read(Long(LaneHead.MaxLength)));
        Assert.Equal(LaneVerdict.Simple, Read(Long(LaneHead.MaxLength) + new string('{', 100_000)));
        Assert.Equal(LaneVerdict.Odd, Read(Long(LaneHead.MaxLength + 1)));
        Assert.Equal(LaneVerdict.More, Read(Long(LaneHead.MaxLength)[..^1]));
        Assert.Equal(LaneVerdict.Odd, Read(Long(2 * LaneHead.MaxLength)[..LaneHead.MaxLength]));
    }

    [Fact]
    public void A_head_that_comes_in_pieces_is_waited_for_and_reads_alike_whatever_follows_it()
    {
        for (var round = 0; round < s_rounds; round++)
        {
            var draw = new Random(s_seed + round);
            var head = LaneHeads.Make(draw);
            var told = LaneHeads.Slowly(head);
            Assert.True(told is not null, Shown(head, round));
            Assert.True(told == LaneHeads.Told(head), Shown(head, round));
            for (var cut = 0; cut < head.Length; cut++) Assert.True(LaneHead.Read(head.AsSpan(0, cut), out _) == LaneVerdict.More, $"{cut}: {Shown(head, round)}");
            var tail = new byte[draw.Next(1, 200)];
            draw.NextBytes(tail);
            Assert.True(told == LaneHeads.Told([.. head, .. tail]), Shown(head, round));
        }
    }

    /// <summary>Each byte made a digit, that of the length too.</summary>
    [Fact]
    public void A_head_that_comes_again_is_told_as_if_it_were_read_anew()
    {
        var (again, anew) = (0, 0);
        for (var round = 0; round < s_rounds; round++)
        {
            var bytes = LaneHeads.Make(new Random(s_seed + round));
            Assert.Equal(LaneVerdict.Simple, LaneHead.Read(bytes, out var first));
            for (var at = 0; at < bytes.Length; at++)
            {
                byte[] changed = [.. bytes, (byte)'{'];
                changed[at] = (byte)('0' + ((at + round) % 10));
                var head = first;
                if (head.Repeats(bytes, changed))
                {
                    again++;
                    Assert.True(LaneHeads.Slowly(changed) == LaneHeads.Told(in head, changed), Shown(changed, round));
                }
                else
                {
                    anew++;
                    Assert.Equal((first.Length, first.BodyLength), (head.Length, head.BodyLength));
                }
            }
        }

        Assert.True(again > 0 && anew > again, $"{again} {anew}");
    }

    [Fact]
    public void A_head_comes_again_whole_or_not_at_all()
    {
        var bytes = Bytes($"{Start}{Needed}a: b\r\n\r\n");
        Assert.Equal(LaneVerdict.Simple, LaneHead.Read(bytes, out var head));

        Assert.True(head.Repeats(bytes, bytes));
        Assert.True(head.Repeats(bytes, Bytes($"{Start}Host: a\r\nContent-Length: 7\r\na: b\r\n\r\n")));
        Assert.Equal((7, bytes.Length), (head.BodyLength, head.Length));
        for (var cut = 0; cut < bytes.Length; cut++) Assert.False(head.Repeats(bytes, bytes.AsSpan(0, cut)));
        foreach (var length in new[] { "07", "70", "x", "-" }) Assert.False(head.Repeats(bytes, Bytes($"{Start}Host: a\r\nContent-Length: {length}\r\na: b\r\n\r\n")));
        Assert.False(head.Repeats(bytes, Bytes($"{Start}{Needed}a: c\r\n\r\n")));
        Assert.Equal(7, head.BodyLength);
        Assert.False(default(LaneHead).Repeats([], bytes));
    }

    /// <summary>Each byte made every other one, left out, and doubled.</summary>
    [Fact]
    public void A_head_with_another_byte_in_it_is_read_as_a_slow_reader_reads_it()
    {
        var head = Bytes("POST /api/chat HTTP/1.1\r\nHost: [::1]:80\r\nTf: a b\r\nContent-Length: 10\r\nConnection: close\r\nSed-a:c\r\n\r\n");
        var (simple, odd) = (0, 0);
        for (var at = 0; at < head.Length; at++)
        {
            for (var other = 0; other <= byte.MaxValue; other++)
            {
                byte[] changed = [.. head];
                changed[at] = (byte)other;
                if (Agree(changed, 0)) simple++;
                else odd++;
            }

            Agree([.. head[..at], .. head[(at + 1)..]], 0);
            Agree([.. head[..at], head[at], .. head[at..]], 0);
        }

        // otherwise the readers would agree on nothing
        Assert.True(simple > head.Length && odd > head.Length, $"{simple} {odd}");
    }

    [Fact]
    public void Any_head_with_bytes_changed_is_read_as_a_slow_reader_reads_it()
    {
        const string Telling = "\r\n :\t\0,+-0159aZ\u007f\u0080\u00ff";
        for (var round = 0; round < 20 * s_rounds; round++)
        {
            var draw = new Random(s_seed + round);
            List<byte> head = [.. LaneHeads.Make(draw)];
            for (var changes = draw.Next(1, 4); changes > 0; changes--)
            {
                var at = draw.Next(head.Count);
                var other = draw.Next(2) == 0 ? (byte)Telling[draw.Next(Telling.Length)] : (byte)draw.Next(256);
                switch (draw.Next(4))
                {
                    case 0: head.Insert(at, other); break;
                    case 1: head.RemoveAt(at); break;
                    default: head[at] = other; break;
                }
            }

            Agree([.. head], round);
        }
    }

    [Fact]
    public void The_name_of_a_usual_header_is_one_string()
    {
        Assert.Equal("Content-Type", LaneHead.Known("content-TYPE"u8));
        Assert.Equal("User-Agent", LaneHead.Known("user-agent"u8));
        Assert.Equal("traceparent", LaneHead.Known("Traceparent"u8));
        Assert.Null(LaneHead.Known("Content-Typf"u8));
        Assert.Null(LaneHead.Known("x-unknown"u8));
        Assert.Null(LaneHead.Known(""u8));
        Assert.Null(LaneHead.Known(Bytes(new string('a', 500))));
        foreach (var name in LaneNames.All)
        {
            Assert.Same(name, LaneHead.Known(Bytes(name.ToUpperInvariant())));
            Assert.Same(name, LaneHead.Known(Bytes(name.ToLowerInvariant())));
        }
    }

    /// <returns>Whether it is simple.</returns>
    private static bool Agree(byte[] head, int round)
    {
        var told = LaneHeads.Slowly(head);
        Assert.True(told == LaneHeads.Told(head), Shown(head, round));
        // nobody would send more of a request that is over
        if (head.AsSpan().IndexOf("\r\n\r\n"u8) >= 0) Assert.True(LaneHead.Read(head, out _) != LaneVerdict.More, Shown(head, round));
        return told is not null;
    }

    private static LaneVerdict Read(string text) => LaneHead.Read(Bytes(text), out _);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static string Shown(byte[] head, int round) => $"HELIX_TEST_SEED={s_seed + round}: {Encoding.Latin1.GetString(head)}";
}
