using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Helix.EndToEnd;

/// <summary>
/// Plain requests take a way of their own through the gateway (<c>src/Helix/Gateway/Lane</c>), all others the server's. Nobody can tell which from an answer: the same request, once plain
/// and once with a header twice, which is harmless and not plain.
/// </summary>
public sealed partial class LaneAlikeTests(LaneAlikeTests.HomeWithModel home) : IClassFixture<LaneAlikeTests.HomeWithModel>
{
    private const string NotPlain = "X-Odd: a\r\nX-Odd: b\r\n";
    private const string Chat = "/v1/chat/completions";
    private const string Asked = """{"model":"small","messages":[{"role":"user","content":"Hi"}],"max_tokens":8,"temperature":0}""";

    private readonly TempHome _home = home.Home;

    /// <summary>Path, beginning of the status, headers that are sent as well, body.</summary>
    public static TheoryData<string, string, string, string> Requests => new()
    {
        { Chat, "200", "", Asked },
        { Chat, "200", "Accept: */*\r\nUser-Agent: someone/1.0\r\nAccept-Encoding: gzip, deflate\r\n", Asked },
        { Chat, "200", "", """{"model":"small","messages":[{"role":"user","content":"Hi"}],"max_tokens":8,"temperature":0,"stream":true,"stream_options":{"include_usage":true}}""" },
        { "/v1/completions", "200", "", """{"model":"small","prompt":"Hi","max_tokens":8,"temperature":0}""" },
        { "/v1/completions", "200", "", """{"model":"small","prompt":"Hi","max_tokens":8,"temperature":0,"stream":true}""" },
        { "/v1/responses", "200", "", """{"model":"small","input":"Hi","max_output_tokens":8,"temperature":0}""" },
        { "/v1/messages", "200", "", """{"model":"small","max_tokens":8,"messages":[{"role":"user","content":"Hi"}],"temperature":0}""" },
        { "/v1/messages", "200", "", """{"model":"small","max_tokens":8,"messages":[{"role":"user","content":"Hi"}],"temperature":0,"stream":true}""" },
        { "/api/chat", "200", "", """{"model":"small","messages":[{"role":"user","content":"Hi"}],"options":{"temperature":0,"num_predict":8}}""" },
        { "/api/generate", "200", "", """{"model":"small","prompt":"Hi","stream":false,"options":{"temperature":0,"num_predict":8}}""" },
        { Chat, "401", "Authorization: Bearer hx_unknown\r\n", Asked },
        { "/v1/messages", "401", "x-api-key: hx_unknown\r\n", """{"model":"small","max_tokens":8,"messages":[{"role":"user","content":"Hi"}]}""" },
        { Chat, "404", "", """{"model":"gpt-9","messages":[{"role":"user","content":"Hi"}]}""" },
        { "/api/chat", "4", "", """{"model":"gpt-9","messages":[{"role":"user","content":"Hi"}]}""" },
        { Chat, "400", "", "{" },
        { Chat, "400", "", "" },
        { "/v1/messages", "4", "", "[]" },
        { "/v1/embeddings", "200", "", """{"model":"small","input":"Hi"}""" },
        { Chat, "400", "x-helix-priority: emperor\r\n", Asked },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_client_cannot_tell_which_way_its_request_took(string path, string status, string headers, string body)
    {
        // an engine that has seen a prompt says so
        _ = await AskAsync(path, headers, body);

        var plain = await AskAsync(path, headers, body);
        var other = await AskAsync(path, headers + NotPlain, body);

        Assert.StartsWith($"HTTP/1.1 {status}", plain.Lines[0], StringComparison.Ordinal);
        Assert.Equal(other.Lines, plain.Lines);
        Assert.Equal(other.Body, plain.Body);
    }

    [Theory]
    [InlineData(Chat)]
    [InlineData("/v1/messages")]
    [InlineData("/api/chat")]
    public async Task A_content_type_or_a_host_that_is_not_taken_is_refused_alike(string path)
    {
        await AlikeAsync($"POST {path} HTTP/1.1\r\nHost: {_home.Gateway.Address.Authority}\r\nContent-Type: text/plain\r\n", 415);
        await AlikeAsync($"POST {path} HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\n", 403);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_alike_before_it_comes()
    {
        var plain = Answer.Of(await RawRequest.TalkAsync(_home.Gateway.Address, $"{Head(Chat)}Content-Length: 1073741824\r\n\r\n"));
        var other = Answer.Of(await RawRequest.TalkAsync(_home.Gateway.Address, $"{Head(Chat)}{NotPlain}Content-Length: 1073741824\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 413 ", plain.Lines[0], StringComparison.Ordinal);
        Assert.Equal((string.Join('\n', other.Lines), other.Body), (string.Join('\n', plain.Lines), plain.Body));
    }

    [Fact]
    public async Task Connections_are_kept_alike_and_change_their_way_in_between()
    {
        var one = $"{Head(Chat)}Content-Length: {Asked.Length}\r\n\r\n{Asked}";
        var odd = $"{Head(Chat)}{NotPlain}Content-Length: {Asked.Length}\r\n\r\n{Asked}";
        var last = $"GET /v1/models HTTP/1.1\r\nHost: {_home.Gateway.Address.Authority}\r\nx-request-id: alike\r\nConnection: close\r\n\r\n";

        var changing = await RawRequest.TalkAsync(_home.Gateway.Address, one + one + odd + one + last);
        var steady = await RawRequest.TalkAsync(_home.Gateway.Address, odd + odd + odd + odd + last);

        var (changed, kept) = (Answer.AllOf(changing), Answer.AllOf(steady));
        Assert.Equal((5, 5), (changed.Length, kept.Length));
        for (var number = 0; number < changed.Length; number++)
        {
            Assert.Equal(kept[number].Lines, changed[number].Lines);
            Assert.Equal(kept[number].Body, changed[number].Body);
        }
    }

    [Fact]
    public async Task Many_who_ask_in_turns_on_one_connection_each_are_all_answered()
    {
        var one = $"{Head(Chat)}Content-Length: {Asked.Length}\r\n\r\n{Asked}";
        var last = $"{Head(Chat)}Connection: close\r\nContent-Length: {Asked.Length}\r\n\r\n{Asked}";

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => RawRequest.TalkAsync(_home.Gateway.Address, string.Concat(Enumerable.Repeat(one, number % 4)) + last)));

        for (var number = 0; number < answers.Length; number++) Assert.Equal((number % 4) + 1, answers[number].Split("HTTP/1.1 200 OK").Length - 1);
    }

    private async Task AlikeAsync(string head, int status)
    {
        var rest = $"Connection: close\r\nx-request-id: alike\r\nContent-Length: {Asked.Length}\r\n\r\n{Asked}";
        var plain = Answer.Of(await RawRequest.TalkAsync(_home.Gateway.Address, head + rest));
        var other = Answer.Of(await RawRequest.TalkAsync(_home.Gateway.Address, head + NotPlain + rest));

        Assert.StartsWith($"HTTP/1.1 {status} ", plain.Lines[0], StringComparison.Ordinal);
        Assert.Equal(other.Lines, plain.Lines);
        Assert.Equal(other.Body, plain.Body);
    }

    private async Task<Answer> AskAsync(string path, string headers, string body) =>
        Answer.Of(await RawRequest.TalkAsync(_home.Gateway.Address, $"{Head(path)}{headers}Connection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

    /// <summary>A client that says its request's id is given it back; answers from memory would be told as such.</summary>
    private string Head(string path) => $"POST {path} HTTP/1.1\r\nHost: {_home.Gateway.Address.Authority}\r\nContent-Type: application/json\r\nx-helix-cache: off\r\nx-request-id: alike\r\n";

    /// <param name="Lines">The first, then the headers in alphabetical order.</param>
    /// <param name="Body">Without the frames that it came in.</param>
    private sealed partial record Answer(string[] Lines, string Body)
    {
        private const string Good = "HTTP/1.1 200 OK\r\n";

        public static Answer Of(string raw)
        {
            var end = raw.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            Assert.True(end > 0, $"no answer: {raw}");
            var lines = Settled(raw[..end]).Split("\r\n");
            var body = raw[(end + 4)..];
            if (lines.Contains("Transfer-Encoding: chunked")) body = Unframed(body);
            return new([lines[0], .. lines.Skip(1).Order(StringComparer.Ordinal)], Settled(body));
        }

        /// <summary>Of good answers, one after the other.</summary>
        public static Answer[] AllOf(string raw) => [.. raw.Split(Good).Skip(1).Select(rest => Of(Good + rest))];

        /// <summary>Without what differs from one answer to the next: ids, times, and how long it is with them.</summary>
        private static string Settled(string text)
        {
            text = Dates().Replace(text, "Date: now");
            text = Ids().Replace(text, "\"$1\":\"\"");
            text = Numbers().Replace(text, "\"$1\":0");
            text = Stamps().Replace(text, "\"$1\":\"\"");
            return Lengths().Replace(Routes().Replace(text, "x-helix-route: some"), "Content-Length: some");
        }

        private static string Unframed(string framed)
        {
            var body = new StringBuilder();
            while (true)
            {
                var line = framed.IndexOf("\r\n", StringComparison.Ordinal);
                Assert.True(line > 0, $"the answer breaks off: {body}");
                var size = int.Parse(framed[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                Assert.True(framed.Length >= line + 4 + size && framed.AsSpan(line + 2 + size, 2) is "\r\n", $"the answer breaks off: {body}");
                if (size == 0) return body.ToString();
                body.Append(framed, line + 2, size);
                framed = framed[(line + 4 + size)..];
            }
        }

        [GeneratedRegex("Date: [^\r\n]+")]
        private static partial Regex Dates();

        [GeneratedRegex("x-helix-route: [^\r\n]+")]
        private static partial Regex Routes();

        [GeneratedRegex(@"Content-Length: \d+")]
        private static partial Regex Lengths();

        [GeneratedRegex("\"(id|item_id|response_id|system_fingerprint)\":\"[^\"]*\"")]
        private static partial Regex Ids();

        [GeneratedRegex(@"""(cached_tokens|cache_read_input_tokens|created|created_at|completed_at|total_duration|load_duration|prompt_eval_duration|eval_duration|prompt_ms|predicted_ms|prompt_per_second|predicted_per_second|prompt_per_token_ms|predicted_per_token_ms)"":\s*[\d.eE+-]+")]
        private static partial Regex Numbers();

        [GeneratedRegex("\"(created_at)\":\"[^\"]*\"")]
        private static partial Regex Stamps();
    }

    public sealed class HomeWithModel : RunningHome
    {
        protected override async Task StartedAsync() =>
            (await Home.HelixAsync("models", "add", ModelFile.Write(Home.Folder, "small", "A small answer.", contextLength: 4096))).Succeeded();
    }
}
