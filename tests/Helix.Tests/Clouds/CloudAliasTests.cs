using System.Collections.Immutable;
using System.Net;
using System.Text;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Clouds;

/// <summary>The real gateway with names that stand for models here and at a cloud.</summary>
public sealed class CloudAliasTests : IAsyncLifetime
{
    private const string Ask = """{"model":"name","max_tokens":5}""";
    private const string OfCloud = """{"by":"cloud"}""";
    private const string OfEngine = """{"by":"engine"}""";
    private const string Text = """{"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}]}""";

    private static readonly CloudConfig s_rules = new(Prices: ["openai/*=1/1"]);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time, services => services.AddSingleton(FakeCloud.Trust));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_cloud_is_asked_when_its_turn_comes()
    {
        Rule(s_rules, ("name", "m, openai/gpt"));
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine(status: 500);
        _host.Fleet.Set(_host.Model("m", "a"), cloud.Model("gpt"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(OfCloud, await response.Content.ReadAsStringAsync());
        Assert.Equal(("openai", "openai/gpt", "2"), (response.Header("x-helix-provider"), response.Header("x-helix-model"), response.Header("x-helix-tries")));
        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task A_model_that_is_only_woken_is_waited_for_and_no_cloud_paid()
    {
        Rule(s_rules, ("name", "m, openai/gpt"));
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine();
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Asleep() }, cloud.Model("gpt"));

        var asking = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => _host.Fleet.Wanted.Contains("m"), "it is woken");
        _host.Fleet.Set(_host.Model("m", "a"), cloud.Model("gpt"));
        using var response = await asking;

        Assert.Equal(OfEngine, await response.Content.ReadAsStringAsync());
        Assert.Empty(cloud.Requests);
    }

    [Theory]
    [InlineData("m")]
    [InlineData("name")]
    public async Task What_was_asked_of_a_private_model_does_not_go_on_to_a_cloud(string hidden)
    {
        Rule(s_rules with { PrivateModels = [hidden] }, ("name", "m, openai/gpt"));
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine(status: 500);
        _host.Fleet.Set(_host.Model("m", "a"), cloud.Model("gpt"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(500, (int)response.StatusCode);
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task Where_the_budget_is_used_up_the_next_is_asked()
    {
        Rule(s_rules with { DailyBudget = 0 }, ("name", "openai/gpt, m"));
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine();
        _host.Fleet.Set(_host.Model("m", "a"), cloud.Model("gpt"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(OfEngine, await response.Content.ReadAsStringAsync());
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task Where_nobody_answers_it_is_told_why_the_cloud_was_not_asked()
    {
        Rule(s_rules with { DailyBudget = 0 }, ("name", "openai/gpt, unknown"));
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((429, "budget_exhausted", (string?)null), await response.ErrorAsync());
    }

    [Fact]
    public async Task Clouds_that_break_off_do_not_make_the_request_one_that_kills_engines()
    {
        Rule(s_rules, ("name", "openai/one, openai/two, m"));
        await using var cloud = new FakeCloud(talk => talk.HangUpAsync());
        await using var engine = Engine();
        var (one, two) = (cloud.Model("one"), cloud.Model("two"));
        _host.Fleet.Set(one, two, _host.Model("m", "a"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(OfEngine, await response.Content.ReadAsStringAsync());
        Assert.Equal(2, cloud.Requests.Count);
    }

    [Fact]
    public async Task A_cloud_in_place_of_another_is_not_asked_again_when_its_turn_comes()
    {
        Rule(s_rules with { Instead = ["m=openai/gpt"], AfterSeconds = 0 }, ("name", "m, openai/gpt"));
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"error":{"message":"not now"}}""", 503));
        await using var engine = Engine(status: 500);
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Coming("loading") }, cloud.Model("gpt"));

        var asking = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => _host.Fleet.Wanted.Count >= 2, "it is waited for once more");
        _host.Fleet.Set(_host.Model("m", "a"), cloud.Model("gpt"));
        using var response = await asking;

        Assert.Equal(500, (int)response.StatusCode);
        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task A_shadow_is_never_asked_of_a_cloud()
    {
        Rule(s_rules, ("name", "m, shadow openai/gpt"), ("other", "m, shadow n"));
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine();
        await using var shadow = _host.Engine("b", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a"), _host.Model("n", "b"), cloud.Model("gpt"));

        (await _host.PostAsync(Ask)).Dispose();
        (await _host.PostAsync("""{"model":"other","max_tokens":5}""")).Dispose();
        await Eventually.TrueAsync(() => !shadow.Requests.IsEmpty, "shadows are asked one after the other");

        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task A_stream_that_a_cloud_breaks_off_is_not_paid_again()
    {
        Rule(s_rules, ("name", "openai/gpt"));
        await using var cloud = new FakeCloud(async talk =>
        {
            var frame = $"data: {Text}\n\n";
            await talk.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{Encoding.UTF8.GetByteCount(frame):x}\r\n{frame}\r\n");
            await talk.HangUpAsync();
        });
        _host.Fleet.Set(cloud.Model("gpt"));

        using var response = await _host.PostAsync("""{"model":"name","stream":true,"max_tokens":5,"temperature":0}""", more: request => request.Headers.Add("x-helix-continue", "safe"));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("fine", text, StringComparison.Ordinal);
        Assert.Contains("engine_died", text, StringComparison.Ordinal);
        Assert.Single(cloud.Requests);
    }

    private void Rule(CloudConfig rules, params (string Name, string Models)[] names) => _host.Config = HelixConfig.Default with
    {
        Cloud = rules,
        Gateway = HelixConfig.Default.Gateway with { Aliases = names.ToImmutableDictionary(pair => pair.Name, pair => ModelAlias.Parse(pair.Models).Alias!) },
    };

    private FakeEngine Engine(int status = 200) => _host.Engine("a", talk => status == 200 ? talk.JsonAsync(OfEngine) : talk.JsonAsync("""{"error":{"message":"no"}}""", status));
}
