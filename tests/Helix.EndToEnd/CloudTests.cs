using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>The published program and a cloud on loopback, over real TLS: only <c>SSL_CERT_FILE</c> makes its certificate a believed one.</summary>
public sealed class CloudTests
{
    private const int NotFound = 5, Refused = 6, Offline = 9;

    [Fact]
    public async Task A_cloud_is_added_with_its_key_and_answers_and_its_key_is_nowhere_to_be_read()
    {
        await using var cloud = await CloudStandIn.StartAsync();
        await using var home = new TempHome();
        cloud.IsBelievedIn(home);
        (await home.HelixAsync("start")).Succeeded();

        (await AddAsync(home, cloud.Url, "sk-wrong")).Failed(Refused, "does not accept this key");
        var added = (await AddAsync(home, cloud.Url, CloudStandIn.Key)).Succeeded();
        Assert.Contains("mine/gpt-large", added.Out, StringComparison.Ordinal);
        var list = (await home.HelixAsync("cloud", "list", "--format", "json")).Succeeded().Out;
        Assert.Contains("\"state\":\"ready\"", list, StringComparison.Ordinal);

        (await AskAsync(home)).IsError(402, "no_price", "cloud.prices");
        (await home.HelixAsync("config", "set", "cloud.prices", "mine/*=1/2")).Succeeded();
        await AnswersAsync(home, 200);
        var reply = (await home.Gateway.PostAsync("/v1/chat/completions", """{"model":"mine/gpt-small","messages":[{"role":"user","content":"Hi"}],"max_tokens":600}""")).Is(200);
        Assert.Equal("from a cloud", (string?)reply.Json["choices"]![0]!["message"]!["content"]);
        Assert.Equal("mine", reply.Header("x-helix-provider"));
        (await home.Gateway.PostAsync("/v1/chat/completions", """{"model":"gpt-small","messages":[],"max_tokens":600}""")).IsError(404, "model_not_found");

        Assert.All(cloud.Asked, body => Assert.Contains("\"model\":\"gpt-small\"", body, StringComparison.Ordinal));
        foreach (var file in ((string[])["state", "logs", "auto-manager"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(home.LocalLlm, folder), "*", SearchOption.AllDirectories)))
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("sk-end-to-end"u8) < 0, $"the key stands in {file}");

        (await home.HelixAsync("restart")).Succeeded();
        await AnswersAsync(home, 200);
        // each took 1000 tokens at 1 dollar for a million of them, and gave 500 at 2
        await Eventually.TrueAsync(async () => (await SpentAsync(home)) == 0.002m * cloud.Asked.Count, "what was spent is what was answered");
        var rows = JsonNode.Parse((await home.HelixAsync("usage", "--by", "provider", "--format", "json")).Succeeded().Out)!["rows"]!.AsArray();
        Assert.Equal(0.002m * cloud.Asked.Count, rows.Where(row => (string?)row!["provider"] == "mine").Sum(row => (decimal)row!["cost_usd"]!));

        (await home.HelixAsync("config", "set", "cloud.daily_budget", "0.001")).Succeeded();
        await AnswersAsync(home, 429);
        var exhausted = (await AskAsync(home)).IsError(429, "budget_exhausted", "cloud.daily_budget", "midnight");
        Assert.InRange(int.Parse(exhausted.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 86_400);
        (await home.HelixAsync("config", "set", "network.offline", "true")).Succeeded();
        await AnswersAsync(home, 503);
        (await home.HelixAsync("cloud", "remove", "mine")).Succeeded();
        (await home.HelixAsync("cloud", "remove", "mine")).Failed(NotFound, "no cloud");
    }

    [Fact]
    public async Task One_whose_certificate_nobody_vouches_for_is_not_used()
    {
        await using var cloud = await CloudStandIn.StartAsync();
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();

        (await AddAsync(home, cloud.Url, CloudStandIn.Key)).Failed(Offline, "cannot be trusted");

        Assert.Empty(cloud.Asked);
    }

    [Fact]
    public async Task One_that_speaks_Anthropics_words_is_asked_in_them_whatever_the_client_speaks()
    {
        await using var cloud = await CloudStandIn.StartAsync();
        await using var home = new TempHome();
        cloud.IsBelievedIn(home);
        (await home.HelixAsync("start")).Succeeded();

        (await AddAsync(home, cloud.Url, CloudStandIn.Key, "--speaks", "anthropic")).Succeeded();
        Assert.Contains("\"speaks\":\"anthropic\"", (await home.HelixAsync("cloud", "list", "--format", "json")).Succeeded().Out, StringComparison.Ordinal);
        (await home.HelixAsync("config", "set", "cloud.prices", "mine/*=1/2")).Succeeded();
        await AnswersAsync(home, 200);

        const string own = """{"model":"mine/gpt-small","max_tokens":600,"thinking":{"type":"adaptive"},"messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]}]}""";
        Assert.Equal(CloudStandIn.Message, (await home.Gateway.PostAsync("/v1/messages", own)).Is(200).Body);
        Assert.Equal(own.Replace("mine/", "", StringComparison.Ordinal), cloud.Asked.Last());
        Assert.Equal(CloudStandIn.Events, (await home.Gateway.PostAsync("/v1/messages", own[..^1] + ""","stream":true}""")).Is(200).Body);
        var reply = (await home.Gateway.PostAsync("/v1/chat/completions", """{"model":"mine/gpt-small","messages":[{"role":"user","content":"Hi"}],"max_tokens":600}""")).Is(200);
        Assert.Equal(("from a cloud", "hm"), ((string?)reply.Json["choices"]![0]!["message"]!["content"], (string?)reply.Json["choices"]![0]!["message"]!["reasoning_content"]));
        var streamed = (await home.Gateway.PostAsync("/v1/chat/completions", """{"model":"mine/gpt-small","messages":[{"role":"user","content":"Hi"}],"max_tokens":600,"stream":true}""")).Is(200).Body;
        Assert.Contains("from a cloud", streamed, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", streamed, StringComparison.Ordinal);

        // each took 1000 tokens at 1 dollar for a million of them, and gave 500 at 2
        await Eventually.TrueAsync(async () => (await SpentAsync(home)) == 0.002m * cloud.Asked.Count, "what was spent is what was answered");
        (await home.HelixAsync("restart")).Succeeded();
        await AnswersAsync(home, 200);
        Assert.Contains("\"max_tokens\":600", cloud.Asked.Last(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"model\":\"mine", string.Concat(cloud.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_behind_a_proxy_is_reached_through_it()
    {
        await using var cloud = await CloudStandIn.StartAsync();
        await using var proxy = new ProxyStandIn(cloud.Authority);
        await using var home = new TempHome();
        cloud.IsBelievedIn(home);
        home.Environment["https_proxy"] = proxy.UrlWith(ProxyStandIn.Password);
        (await home.HelixAsync("start")).Succeeded();

        (await AddAsync(home, cloud.Url, CloudStandIn.Key)).Succeeded();
        (await home.HelixAsync("config", "set", "cloud.prices", "mine/*=1/2")).Succeeded();
        await AnswersAsync(home, 200);

        Assert.Contains(proxy.Asked, head => head.StartsWith($"CONNECT {cloud.Authority} HTTP/1.1\r\n", StringComparison.Ordinal));
        Assert.DoesNotContain(proxy.Asked, head => head.Contains(CloudStandIn.Key, StringComparison.Ordinal));
        foreach (var file in ((string[])["state", "logs"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(home.LocalLlm, folder), "*", SearchOption.AllDirectories)))
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("s3cret-4711"u8) < 0, $"the proxy's password stands in {file}");
    }

    [Fact]
    public async Task A_proxy_that_does_not_lead_to_it_is_named_with_what_it_said()
    {
        await using var cloud = await CloudStandIn.StartAsync();
        await using var proxy = new ProxyStandIn(cloud.Authority);
        await using var home = new TempHome();
        cloud.IsBelievedIn(home);
        home.Environment["HTTPS_PROXY"] = proxy.UrlWith("wrong");
        (await home.HelixAsync("start")).Succeeded();

        var failed = (await AddAsync(home, cloud.Url, CloudStandIn.Key)).Failed(Offline, $"the proxy {proxy.Authority} does not accept the name and the password", "HTTPS_PROXY");

        Assert.DoesNotContain("wrong", failed.Error, StringComparison.Ordinal);
        Assert.Empty(cloud.Asked);
    }

    private static Task<Reply> AskAsync(TempHome home) => home.Gateway.PostAsync("/v1/chat/completions", """{"model":"mine/gpt-small","messages":[],"max_tokens":600}""");

    private static Task AnswersAsync(TempHome home, int status) => Eventually.TrueAsync(async () => (await AskAsync(home)).Status == status, $"an answer with {status}");

    private static async Task<decimal> SpentAsync(TempHome home) => (decimal)(await home.Api.GetAsync("/helix/v1/clouds")).Is(200).Json["spent_usd"]!;

    private static Task<Ended> AddAsync(TempHome home, string url, string key, params string[] more) => Launched.RunAsync(home.Command(["cloud", "add", url, "--name", "mine", .. more]) with { Input = key + "\n" });
}
