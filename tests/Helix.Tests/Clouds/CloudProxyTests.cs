using System.Net;
using System.Text;
using Helix.Clouds;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Helix.Tests.Clouds;

/// <summary>Clouds behind a proxy, over real TLS from end to end.</summary>
public sealed class CloudProxyTests
{
    private const string Ask = """{"model":"openai/gpt","max_tokens":5}""";

    private static readonly HelixConfig s_config = HelixConfig.Default with { Cloud = new CloudConfig(Prices: ["openai/*=1/1"]) };
    private static readonly NetworkCredential s_login = new("ann", "p:äss");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_goes_through_it_with_the_name_and_the_password_that_it_wants_and_it_sees_nothing_else()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"ok":1}"""));
        await using var proxy = new FakeProxy(talk => talk.LeadToAsync(cloud.Address.Port));
        await using var host = await GatewayHost.StartAsync(more: services => services.AddSingleton(FakeCloud.Trust).AddSingleton(proxy.Rules(s_login)));
        host.Config = s_config;
        host.Fleet.Set(cloud.Model("gpt"));

        for (var n = 0; n < 2; n++)
        {
            using var response = await host.PostAsync(Ask);
            Assert.Equal("""{"ok":1}""", await response.Content.ReadAsStringAsync(Cancelled));
            await Eventually.TrueAsync(() => host.Counters.InFlight == 0);
        }

        var target = $"localhost:{cloud.Address.Port}";
        Assert.Equal(
            [$"CONNECT {target} HTTP/1.1", $"Host: {target}", "User-Agent: helix", $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("ann:p:äss"))}", "", ""],
            Assert.Single(proxy.Asked).Split("\r\n"));
        Assert.Equal((2, 1), (cloud.Requests.Count, cloud.Connections));
    }

    [Fact]
    public async Task The_list_of_models_is_asked_for_through_it_too()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"data":[]}"""));
        await using var proxy = new FakeProxy(talk => talk.LeadToAsync(cloud.Address.Port));
        using var look = new CloudLook(FakeCloud.Trust, Dial(proxy.Rules()), TimeProvider.System);

        var (said, trouble) = await look.ModelsAsync(cloud.Address, CloudWords.OpenAi, new("sk"), Cancelled);

        Assert.Equal((200, (string?)null), (said.Status, trouble));
        Assert.Single(proxy.Asked);
    }

    [Theory]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\nno", "wants a name and a password (407)")]
    [InlineData("HTTP/1.1 403 Forbidden\r\n\r\n", "allows no way to localhost:")]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "it answers with 502 Bad Gateway")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n\r\n", "no HTTP")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nmore", "says more than that it leads to")]
    [InlineData("HTTP/1.1 200", "hung up before it led to")]
    [InlineData("", "hung up before it led to")]
    public async Task One_that_does_not_lead_there_is_named_with_what_it_said(string answer, string words)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        await using var proxy = new FakeProxy(talk => talk.SayAsync(answer));

        var reason = await FailedAsync(proxy.Rules(), cloud.Address);

        Assert.Contains($"the proxy {proxy.Authority} ", reason, StringComparison.Ordinal);
        Assert.Contains(words, reason, StringComparison.Ordinal);
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task A_password_that_it_does_not_accept_is_told_to_nobody()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        await using var proxy = new FakeProxy(talk => talk.SayAsync("HTTP/1.1 407 x\r\n\r\n"));
        await using var host = await GatewayHost.StartAsync(more: services => services.AddSingleton(FakeCloud.Trust).AddSingleton(proxy.Rules(new NetworkCredential("kingfisher", "s3cret"))));
        host.Config = s_config;
        host.Fleet.Set(cloud.Model("gpt"));

        using var response = await host.PostAsync(Ask);

        Assert.Equal((502, "cloud_unreachable", (string?)null), await response.ErrorAsync());
        var told = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains($"the proxy {proxy.Authority} does not accept the name and the password", told, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", told, StringComparison.Ordinal);
        Assert.DoesNotContain("kingfisher", told, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => host.Counters.InFlight == 0);
        Assert.Equal(0, await host.SpentAsync(CloudToll.DayOf(TimeProvider.System.GetUtcNow())));
    }

    [Fact]
    public async Task One_that_hangs_up_while_the_cloud_is_greeted_is_named()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        await using var proxy = new FakeProxy(talk => talk.SayAsync("HTTP/1.1 200 Connection established\r\n\r\n"));

        Assert.Contains($"(through the proxy {proxy.Authority})", await FailedAsync(proxy.Rules(), cloud.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_never_says_anything_is_not_waited_for_without_end()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        await using var proxy = new FakeProxy(talk => talk.LeftAsync());
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);

        var calling = Dial(proxy.Rules()).CallAsync(cloud.Address, patience.Token).AsTask();
        await Eventually.TrueAsync(() => !proxy.Asked.IsEmpty);
        await patience.CancelAsync();

        Assert.Contains($"the proxy {proxy.Authority} has not led anywhere", Assert.IsType<CloudCall.Failed>(await calling).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_answers_in_pieces_is_understood()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        await using var proxy = new FakeProxy(talk => talk.LeadToAsync(cloud.Address.Port, "HTTP/1.1 102 Processing\r\n\r", "\nHTTP/1.1 200 Connection estab", "lished\r\nX-Note: y\r\n\r", "\n"));

        var open = Assert.IsType<CloudCall.Open>(await Dial(proxy.Rules()).CallAsync(cloud.Address, Cancelled));

        await open.Stream.DisposeAsync();
    }

    [Fact]
    public async Task One_whose_answer_does_not_come_to_an_end_is_not_listened_to()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        await using var proxy = new FakeProxy(async talk =>
        {
            await talk.SayAsync($"HTTP/1.1 200 OK\r\nX-Note: {new string('y', 16 << 10)}");
            await talk.LeftAsync();
        });

        Assert.Contains("does not come to an end", await FailedAsync(proxy.Rules(), cloud.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_not_there_is_named()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        var gone = new FakeProxy(talk => talk.LeftAsync());
        await gone.DisposeAsync();

        Assert.Contains($"the proxy {gone.Authority} cannot be reached", await FailedAsync(gone.Rules(), cloud.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_leads_elsewhere_does_not_get_the_key()
    {
        await using var elsewhere = new FakeCloud(talk => talk.JsonAsync("{}"));
        await using var proxy = new FakeProxy(talk => talk.LeadToAsync(elsewhere.Address.Port));

        var reason = await FailedAsync(proxy.Rules(), new("api.example.com", 443, "/v1"));

        Assert.StartsWith("api.example.com cannot be trusted", reason, StringComparison.Ordinal);
        Assert.StartsWith("CONNECT api.example.com:443 HTTP/1.1\r\n", Assert.Single(proxy.Asked), StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData("https://proxy.example:3128", "https")]
    [InlineData("socks5://ann:s3cret@proxy.example:1080", "socks5")]
    public async Task One_that_is_spoken_to_in_another_way_is_refused_in_words(string url, string scheme)
    {
        var reason = await FailedAsync(new CloudProxies(new ProxyRules(new Uri(url), null)), new("api.example.com", 443, "/v1"));

        Assert.Contains($"is spoken to in {scheme}", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_reached_without_it_is_asked_directly()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("{}"));
        await using var proxy = new FakeProxy(talk => talk.LeftAsync());
        var around = new CloudProxies(new ProxyRules(new Uri($"http://{proxy.Authority}"), null, around: "localhost"));

        var open = Assert.IsType<CloudCall.Open>(await Dial(around).CallAsync(cloud.Address, Cancelled));

        await open.Stream.DisposeAsync();
        Assert.Empty(proxy.Asked);
    }

    private static CloudDial Dial(CloudProxies proxies) => new(FakeCloud.Trust, proxies, () => HelixConfig.Default);

    private static async Task<string> FailedAsync(CloudProxies proxies, CloudAddress address) => Assert.IsType<CloudCall.Failed>(await Dial(proxies).CallAsync(address, Cancelled)).Reason;
}
