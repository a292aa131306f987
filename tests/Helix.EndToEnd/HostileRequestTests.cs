using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Helix.Core.Tests.Gateway;

namespace Helix.EndToEnd;

/// <summary>
/// Whatever stands in a body, a header or between the lines: an answer, or a refusal in the shape of the dialect that was asked, and never a 5xx, but for
/// 505 where somebody speaks another HTTP. The same daemon answers the next request.
/// </summary>
public sealed class HostileRequestTests(HostileRequestTests.HomeWithModel home) : IClassFixture<HostileRequestTests.HomeWithModel>, IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions";
    private const string Explain = "/helix/v1/route/explain";
    private const int MostShown = 2000;

    private static readonly string[] s_wishes = ["on", "off", "pace"];

    private readonly TempHome _home = home.Home;

    private int _daemon;

    /// <summary>What is to be said of the answer: beginnings of the status, and <c>shut</c> for none at all; then the bytes that are sent.</summary>
    public static TheoryData<string, string> Odd => new()
    {
        // framed in ways that two who read it may understand differently
        { "400", "HEADContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: HOST\r\n\r\n" },
        { "400", "HEADTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: HOST\r\n\r\n" },
        { "4 shut", "HEADContent-Length: 4\r\nTransfer-Encoding: chunked\r\nX-Content-Length: 4\r\n\r\n0\r\n\r\n" },
        { "400", "HEADContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello" },
        { "400", "HEADContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!" },
        { "400", "HEADContent-Length: 5, 5\r\n\r\nhello" },
        { "400", "HEADContent-Length: -5\r\n\r\nhello" },
        { "400", "HEADContent-Length: 0x5\r\n\r\nhello" },
        { "400", "HEADContent-Length: 99999999999999999999\r\n\r\nhello" },
        // Kestrel takes the sign for a part of the number
        { "400", "HEADCLOSEContent-Length: +5\r\n\r\nhello" },
        { "400", "HEADContent-Length : 5\r\n\r\nhello" },
        { "4", "HEADContent-Length:\r\n\r\n" },
        { "4", "HEADCLOSE\r\n" },
        { "400", "HEADTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" },
        { "400", "HEADTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" },
        { "400", "HEADTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" },
        { "400", "HEADTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" },
        { "4", "HEADCLOSETransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" },
        { "400", "HEADCLOSETransfer-Encoding: chunked\r\n\r\nzz\r\n" },
        { "400", "HEADCLOSETransfer-Encoding: chunked\r\n\r\n-1\r\n" },
        { "400", "HEADCLOSETransfer-Encoding: chunked\r\n\r\n80000000\r\n{}" },
        { "400", "HEADCLOSETransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}" },
        { "400", "HEADCLOSETransfer-Encoding: chunked\r\n\r\n2\r\n{}XX" },
        { "400", "HEADCLOSETransfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n" },
        { "400", "HEADCLOSETransfer-Encoding: chunked\r\n\r\n1;LONG\r\n{\r\n0\r\n\r\n" },
        { "2", "HEADCLOSETransfer-Encoding: chunked\r\n\r\nSIZE\r\nGOOD\r\n0\r\nX-Trailer: a\r\n\r\n" },
        { "2", "HEADCLOSEExpect: 100-continue\r\nContent-Length: LENGTH\r\n\r\nGOOD" },
        { "2 4", "HEADConnection: close, Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: LENGTH\r\n\r\nGOOD" },
        // lines that are none
        { "400", "HEADX-A: 1\r\n  folded\r\nContent-Length: 2\r\n\r\n{}" },
        { "400", "HEADno colon\r\nContent-Length: 2\r\n\r\n{}" },
        { "400", "HEAD: no name\r\nContent-Length: 2\r\n\r\n{}" },
        { "400", "HEADX-A: a\0b\r\nContent-Length: 2\r\n\r\n{}" },
        { "400", "HEADX-A: a\rb\r\nContent-Length: 2\r\n\r\n{}" },
        { "400", "HEADX A: b\r\nContent-Length: 2\r\n\r\n{}" },
        { "2 4", "HEADCLOSEX-A: \u00ff\u00fe\r\nContent-Length: LENGTH\r\n\r\nGOOD" },
        { "2 4", "POST /v1/chat/completions HTTP/1.1\nHost: HOST\nContent-Type: application/json\nConnection: close\nContent-Length: LENGTH\n\nGOOD" },
        { "431", "HEADMANY\r\n{}" },
        { "431 shut", "HEADX-A: LONGLONGLONGLONG\r\nContent-Length: 2\r\n\r\n{}" },
        // first lines
        { "4", "\r\n\r\n\r\nnonsense\r\n\r\n" },
        { "4", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003" },
        { "505", "GET /v1/models\r\n\r\n" },
        { "4", "GET /v1/models HTTP/1.1\r\n\r\n" },
        { "4", "GET /v1/models HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n" },
        { "4", "GET /v1/models HTTP/1.1\r\nHost: a b\r\n\r\n" },
        { "4", "GET /v1/models HTTP/1.0\r\n\r\n" },
        { "505", "GET /v1/models HTTP/2.0\r\nHost: HOST\r\n\r\n" },
        { "505", "GET /v1/models HTTP/9.9\r\nHost: HOST\r\n\r\n" },
        { "414 shut", "GET /v1/models/LONG HTTP/1.1\r\nHost: HOST\r\n\r\n" },
        { "400", "GET /v1/models/a%00b HTTP/1.1\r\nHost: HOST\r\n\r\n" },
        { "400", "GET /v1/models/\u00ff HTTP/1.1\r\nHost: HOST\r\n\r\n" },
        { "4", "GET /v1/models/%zz%ff%c0%80%ed%a0%80 HTTP/1.1\r\nHost: HOST\r\nCLOSE\r\n" },
        { "404", "GET /v1/../etc/passwd HTTP/1.1\r\nHost: HOST\r\nCLOSE\r\n" },
        { "2", "GET /v1/models?a=%zz&%ff=%00&&&== HTTP/1.1\r\nHost: HOST\r\nCLOSE\r\n" },
        { "2", "GET http://HOST/v1/models HTTP/1.1\r\nHost: HOST\r\nCLOSE\r\n" },
        { "4", "GET http://HOST/v1/models/%00%ff HTTP/1.1\r\nHost: HOST\r\nCLOSE\r\n" },
        { "4", "GET http://evil.example/v1/models HTTP/1.1\r\nHost: HOST\r\n\r\n" },
        { "4", "GET * HTTP/1.1\r\nHost: HOST\r\n\r\n" },
        { "4", "OPTIONS * HTTP/1.1\r\nHost: HOST\r\nCLOSE\r\n" },
        { "4", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nCLOSE\r\n" },
        { "4", "TRACE /v1/models HTTP/1.1\r\nHost: HOST\r\nCLOSE\r\n" },
        { "4", "BREW /v1/models HTTP/1.1\r\nHost: HOST\r\nCLOSE\r\n" },
    };

    public ValueTask InitializeAsync()
    {
        _daemon = _home.Daemon.Pid;
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        (await _home.Gateway.PostAsync(Chat, Good(Chat))).Is(200);
        Assert.Equal(_daemon, _home.Daemon.Pid);
    }

    [Theory]
    [InlineData(Chat)]
    [InlineData("/v1/completions")]
    [InlineData("/v1/embeddings")]
    [InlineData("/v1/responses")]
    [InlineData("/v1/messages")]
    [InlineData("/v1/messages/count_tokens")]
    [InlineData("/api/chat")]
    [InlineData("/api/generate")]
    [InlineData("/api/embed")]
    [InlineData("/api/embeddings")]
    [InlineData("/api/show")]
    [InlineData(Explain)]
    public async Task Any_body_is_answered_or_refused_in_the_dialects_own_shape(string path)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        Ring.Say($"seed {seed} (HELIX_TEST_SEED), {Ring.BadBodies} bodies");
        var gateway = path == Explain ? _home.Api : _home.Gateway;
        // the model makes no embeddings, which is refused as such
        if (!path.Contains("embed", StringComparison.Ordinal)) (await gateway.PostAsync(path, Good(path))).Is(200);
        for (var round = 0; round < Ring.BadBodies; round++)
        {
            var random = new Random(seed + round);
            var body = HostileJson.Of(Good(path), random);
            var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");
            var reply = await gateway.SendAsync(HttpMethod.Post, path, content, ("x-helix-cache", s_wishes[random.Next(s_wishes.Length)]));
            var isGood = reply.Status is >= 200 and < 300 || (reply.Status is >= 400 and < 500 && DialectErrors.IsOne(path, reply.Body));
            Assert.True(isGood, $"HELIX_TEST_SEED={seed + round}, {path}: {reply}\n{Encoding.Latin1.GetString(body.AsSpan(0, Math.Min(body.Length, MostShown)))}");
        }
    }

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task Odd_framing_is_refused_and_hides_no_second_request(string expected, string bytes)
    {
        var answer = await TalkAsync(Chat, bytes);

        var status = answer.Length == 0 ? "shut" : Status(answer);
        var isExpected = expected.Split(' ').Any(beginning => status.StartsWith(beginning, StringComparison.Ordinal));
        Assert.True(isExpected, $"expected {expected}: {answer}");
        Assert.Equal(answer.Length == 0 ? 0 : 1, answer.Split("HTTP/1.1 ").Length - 1);
        if (status[0] == '4' && Body(answer) is { Length: > 0 } said) Assert.True(DialectErrors.IsOne(Chat, said), answer);
    }

    [Theory]
    [InlineData("ambiguous_length", "HEADContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("bad_request", "HEADCLOSETransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("invalid_json", "HEADCLOSEContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u001f\u008b\b\0")]
    [InlineData("unsupported_content_type", "POST /v1/chat/completions HTTP/1.1\r\nHost: HOST\r\nCLOSEContent-Length: 2\r\n\r\n{}")]
    [InlineData("host_not_allowed", "GET /v1/models HTTP/1.0\r\n\r\n")]
    public async Task What_helix_itself_refuses_is_said(string code, string bytes) =>
        Assert.Contains($"\"code\":\"{code}\"", await TalkAsync(Chat, bytes), StringComparison.Ordinal);

    [Theory]
    [InlineData(Chat)]
    [InlineData("/v1/messages")]
    [InlineData("/api/chat")]
    public async Task Any_header_is_taken_or_refused_in_the_dialects_own_shape(string path)
    {
        var nonsense = new string('x', 8000);
        string[] headers =
        [
            "x-helix-priority: emperor", "x-helix-priority: high\r\nx-helix-priority: low", "x-helix-timeout: -1", "x-helix-timeout: NaN", "x-helix-timeout: 1e999", "x-helix-timeout: 99999999999999999999",
            $"x-helix-timeout: {nonsense}", "x-helix-continue: perhaps", "x-helix-cache: sometimes", "Cache-Control: max-age=99999999999999999999", "Cache-Control: ,;=,no-cache=\"", "Cache-Control: max-age=-1, max-stale",
            "x-stainless-timeout: soon", "x-stainless-timeout: -1e9", $"x-request-id: {nonsense}", "x-request-id: a\tb", "x-request-id:", "Authorization: Bearer hx_unknown", "Authorization: Bearer", "Authorization: Basic \u00c3\u00bf",
            $"Authorization: Bearer {nonsense}", $"x-api-key: {nonsense}", "x-api-key: a\r\nx-api-key: b", "Origin: null", "Origin: http://", "Origin: ://\u00e9", "Sec-Fetch-Site: cross-site", "X-Forwarded-For: 203.0.113.7", "Forwarded: ;;;",
            "Content-Type: text/plain", "Content-Type: application/json; charset=utf-16", "Content-Encoding: gzip", "Content-Encoding: br, br, br", "Accept: nothing", "Accept-Encoding: \u00c2\u00a0;q=-1", $"Cookie: {nonsense}",
            "Range: bytes=9-0", "If-Match: \"", "TE: trailers, deflate;q=9", "Trailer: Content-Length", "Expect: the-unexpected", "Via: 1.1 evil", "Upgrade: websocket", "anthropic-version: never", "X-HTTP-Method-Override: DELETE", "Max-Forwards: 0",
        ];
        foreach (var header in headers)
        {
            var answer = await TalkAsync(path, $"POST {path} HTTP/1.1\r\nHost: HOST\r\nCLOSEContent-Length: LENGTH\r\n{(header.StartsWith("Content-Type", StringComparison.Ordinal) ? "" : "Content-Type: application/json\r\n")}{header}\r\n\r\nGOOD");
            var shown = $"{header[..Math.Min(header.Length, 80)]}: {answer}";
            Assert.True(Status(answer)[0] is '2' or '4', shown);
            if (Status(answer)[0] == '4' && Body(answer) is { Length: > 0 } said) Assert.True(DialectErrors.IsOne(path, said), shown);
        }
    }

    [Theory]
    [InlineData("/helix/v1/keys", "")]
    [InlineData("/helix/v1/keys", "null")]
    [InlineData("/helix/v1/keys", """{"name":null,"scopes":["infer"]}""")]
    [InlineData("/helix/v1/keys", """{"name":"\ud800","scopes":["infer"]}""")]
    [InlineData("/helix/v1/keys", """{"name":"a","scopes":[null]}""")]
    [InlineData("/helix/v1/keys", """{"name":"a","scopes":{}}""")]
    [InlineData("/helix/v1/bundle/create", """{"file":"/a\u0000b"}""")]
    [InlineData("/helix/v1/bundle/create", """{"file":null}""")]
    [InlineData("/helix/v1/bundle/apply", """{"file":"/a\u0000b"}""")]
    [InlineData("/helix/v1/backups", """{"to":"/a\u0000b"}""")]
    [InlineData("/helix/v1/backups", """{"to":7}""")]
    [InlineData("/helix/v1/models/add", """{"path":"/a\u0000b"}""")]
    [InlineData("/helix/v1/attached", """{"url":"http://[::1"}""")]
    [InlineData("/helix/v1/attached", """{"url":""}""")]
    [InlineData("/helix/v1/plan", """{"hardware":"{\"os\":\"\\ud800\"}"}""")]
    [InlineData("/helix/v1/plan", """{"hardware":"{\"memory_gb\":1e999}"}""")]
    [InlineData("/helix/v1/diagnose", "[]")]
    [InlineData(Explain, "{")]
    public async Task Its_own_api_refuses_what_cannot_be(string path, string body)
    {
        var reply = await _home.Api.PostAsync(path, body);

        Assert.True(reply.Status is >= 400 and < 500 && DialectErrors.IsOne(path, reply.Body), reply.ToString());
    }

    [Theory]
    [InlineData("/helix/v1/history?limit=99999999999999999999")]
    [InlineData("/helix/v1/history?since=99999999999w")]
    [InlineData("/helix/v1/history?kind=%00&severity=%ff")]
    [InlineData("/helix/v1/usage?per=century")]
    [InlineData("/helix/v1/usage?since=-1d")]
    [InlineData("/helix/v1/usage?by=key,,,%zz")]
    public async Task Its_own_api_refuses_a_query_that_says_nothing(string path)
    {
        var reply = await _home.Api.GetAsync(path);

        Assert.True(reply.Status == 400 && DialectErrors.IsOne(path, reply.Body), reply.ToString());
    }

    [Fact]
    public async Task Many_who_send_a_byte_at_a_time_keep_nobody_else_waiting()
    {
        var head = Filled(Chat, "HEAD");
        (string Begin, string More)[] ways =
        [
            ("P", "x"), ($"POST {Chat} HTTP/1.1\r\nHost: {_home.Gateway.Address.Authority}\r\nX-Slow: ", "x"), ($"{head}Content-Length: 1000\r\n\r\n", " "), ($"{head}Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
        ];
        var slow = new List<TcpClient>();
        try
        {
            for (var number = 0; number < (Ring.IsLong ? 1000 : 160); number++)
            {
                slow.Add(new TcpClient());
                await slow[^1].ConnectAsync(_home.Gateway.Address.Host, _home.Gateway.Address.Port);
                await SendAsync(slow[^1], ways[number % ways.Length].Begin);
            }

            for (var round = 0; round < 4; round++)
            {
                for (var number = 0; number < slow.Count; number++) await SendAsync(slow[number], ways[number % ways.Length].More);
                (await _home.Gateway.PostAsync(Chat, Good(Chat))).Is(200);
            }

            if (!Ring.IsLong) return;
            // its own limits end them: half a minute for a head, five seconds for the next piece of a body
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            foreach (var client in slow) await ShutAsync(client, limit.Token);
        }
        finally
        {
            foreach (var client in slow) client.Dispose();
        }
    }

    private static async Task SendAsync(TcpClient client, string bytes)
    {
        try
        {
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes), TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // hung up on already
        }
    }

    private static async Task ShutAsync(TcpClient client, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        try
        {
            while (await client.GetStream().ReadAsync(buffer, cancellationToken) > 0) { }
        }
        catch (IOException)
        {
            // shut hard
        }
    }

    private async Task<string> TalkAsync(string path, string bytes)
    {
        var answer = await RawRequest.TalkAsync(_home.Gateway.Address, Filled(path, bytes));
        const string goOn = "HTTP/1.1 100 Continue\r\n\r\n";
        return answer.StartsWith(goOn, StringComparison.Ordinal) ? answer[goOn.Length..] : answer;
    }

    /// <summary>Puts what the test's words in capitals stand for in their places.</summary>
    private string Filled(string path, string bytes)
    {
        var good = Good(path);
        return bytes
            .Replace("HEAD", $"POST {path} HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n", StringComparison.Ordinal)
            .Replace("MANY", string.Concat(Enumerable.Range(0, 150).Select(number => $"X-{number}: x\r\n")), StringComparison.Ordinal)
            .Replace("LONG", new string('x', 10_000), StringComparison.Ordinal)
            .Replace("CLOSE", "Connection: close\r\n", StringComparison.Ordinal)
            .Replace("HOST", _home.Gateway.Address.Authority, StringComparison.Ordinal)
            .Replace("LENGTH", $"{good.Length}", StringComparison.Ordinal)
            .Replace("SIZE", $"{good.Length:x}", StringComparison.Ordinal)
            .Replace("GOOD", good, StringComparison.Ordinal);
    }

    private static string Status(string answer) => answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && answer.Length >= 12 ? answer[9..12] : "none";

    private static string Body(string answer) => answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and >= 0 ? answer[(end + 4)..] : "";

    /// <summary>In ASCII.</summary>
    private static string Good(string path) => path switch
    {
        Chat or Explain => """{"model":"small","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":"b"},{"role":"user","content":"Hi"}],"max_tokens":8,"temperature":0,"top_p":0.9,"seed":1,"stop":["zz"],"stream":false,"stream_options":{"include_usage":true},"response_format":{"type":"text"},"user":"u","tools":[],"tool_choice":"auto","modalities":["text"],"n":1}""",
        "/v1/completions" => """{"model":"small","prompt":"Hi","max_tokens":8,"temperature":0,"stop":"zz","seed":1,"stream":false}""",
        "/v1/embeddings" => """{"model":"small","input":["Hi","Ho"],"encoding_format":"float","user":"u"}""",
        "/v1/responses" => """{"model":"small","instructions":"s","input":[{"role":"user","content":[{"type":"input_text","text":"a"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]},{"role":"user","content":"Hi"}],"max_output_tokens":8,"temperature":0,"stream":false,"metadata":{},"text":{"format":{"type":"text"}},"tools":[]}""",
        "/v1/messages" or "/v1/messages/count_tokens" => """{"model":"small","max_tokens":8,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t"},{"type":"text","text":"b"}]},{"role":"user","content":"Hi"}],"metadata":{"user_id":"u"},"stop_sequences":["zz"],"temperature":0,"stream":false}""",
        "/api/chat" => """{"model":"small","messages":[{"role":"system","content":"s"},{"role":"user","content":"a","images":[]},{"role":"assistant","content":"b","thinking":"t"},{"role":"user","content":"Hi"}],"stream":false,"format":"","keep_alive":"5m","options":{"temperature":0,"num_predict":8,"stop":["zz"],"seed":1}}""",
        "/api/generate" => """{"model":"small","prompt":"Hi","system":"s","stream":false,"raw":false,"options":{"temperature":0,"num_predict":8}}""",
        "/api/embed" => """{"model":"small","input":["Hi","Ho"],"truncate":true}""",
        "/api/embeddings" => """{"model":"small","prompt":"Hi"}""",
        "/api/show" => """{"model":"small","name":"small"}""",
        _ => throw new ArgumentOutOfRangeException(nameof(path)),
    };

    public sealed class HomeWithModel : RunningHome
    {
        protected override async Task StartedAsync() =>
            (await Home.HelixAsync("models", "add", ModelFile.Write(Home.Folder, "small", "A small answer.", contextLength: 4096))).Succeeded();
    }
}
