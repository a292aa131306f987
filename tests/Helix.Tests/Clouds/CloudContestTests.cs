using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Clouds;

/// <summary>The real gateway with names of which the best model for a request is asked.</summary>
public sealed class CloudContestTests : IAsyncLifetime
{
    private const string Ask = """{"model":"name","max_tokens":5}""";
    private const string OfCloud = """{"by":"cloud"}""";
    private const string OfEngine = """{"by":"engine"}""";

    private static readonly CloudConfig s_rules = new(Prices: ["openai/dear=100/100", "openai/cheap=1/1", "openai/free=0/0"]);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private GatewayHost _host = null!;
    private FakeCloud _cloud = null!;
    private FakeEngine _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time, services => services.AddSingleton(FakeCloud.Trust));
        _cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        _engine = _host.Engine("a", talk => talk.JsonAsync(OfEngine));
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        await _engine.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task The_cheaper_of_two_clouds_is_asked_and_a_header_says_why()
    {
        Name("openai/dear or openai/cheap");
        Serve("dear", "cheap");

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(("openai/cheap", "cost", "1"), (response.Header("x-helix-model"), response.Header("x-helix-route"), response.Header("x-helix-tries")));
    }

    [Fact]
    public async Task Where_cost_weighs_nothing_the_first_is_asked()
    {
        Name("openai/dear or openai/cheap", ("cost", 0));
        Serve("dear", "cheap");

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(("openai/dear", "fewest-requests"), (response.Header("x-helix-model"), response.Header("x-helix-route")));
    }

    [Fact]
    public async Task A_cloud_without_a_price_does_not_go_before_one_that_has_one()
    {
        Name("openai/odd or openai/dear");
        Serve("odd", "dear");

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(("openai/dear", "1"), (response.Header("x-helix-model"), response.Header("x-helix-tries")));
    }

    [Fact]
    public async Task Where_the_best_refuses_the_next_is_asked()
    {
        Name("openai/dear or openai/cheap");
        await using var full = new FakeCloud(talk => talk.Body.Contains("cheap", StringComparison.Ordinal) ? talk.JsonAsync("""{"error":{"message":"not now"}}""", 429) : talk.JsonAsync(OfCloud));
        _host.Fleet.Set(full.Model("dear"), full.Model("cheap"));

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((HttpStatusCode.OK, "openai/dear", "2"), (response.StatusCode, response.Header("x-helix-model"), response.Header("x-helix-tries")));
    }

    [Theory]
    [InlineData(false, null, "m")]
    [InlineData(true, null, "openai/free")]
    [InlineData(true, "m", "m")]
    [InlineData(true, "name", "m")]
    public async Task What_is_served_here_goes_first_unless_cost_is_to_decide_and_nothing_is_private(bool decides, string? hidden, string model)
    {
        // both are as good as each other, so that the first that was written is taken where they are compared
        if (decides) Name("openai/free or m", ("response_time", 1), ("throughput", 1), ("cost", 1));
        else Name("openai/free or m");
        if (hidden is not null) _host.Config = _host.Config with { Cloud = s_rules with { PrivateModels = [hidden] } };
        Serve("free");

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(model, response.Header("x-helix-model"));
        Assert.Equal(model == "m" ? 0 : 1, _cloud.Requests.Count);
    }

    [Fact]
    public async Task Where_the_budget_is_used_up_it_is_answered_here()
    {
        Name("openai/cheap or openai/dear, m");
        _host.Config = _host.Config with { Cloud = s_rules with { DailyBudget = 0 } };
        Serve("cheap", "dear");

        using var response = await _host.PostAsync(Ask);

        Assert.Equal(OfEngine, await response.Content.ReadAsStringAsync());
        Assert.Empty(_cloud.Requests);
    }

    [Fact]
    public async Task Of_several_clouds_that_may_take_the_place_of_a_model_here_the_cheapest_does()
    {
        _host.Config = HelixConfig.Default with { Cloud = s_rules with { Instead = ["m=openai/dear", "m=openai/cheap"], AfterSeconds = 0 } };
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Coming("loading") }, _cloud.Model("dear"), _cloud.Model("cheap"));

        using var response = await _host.PostAsync("""{"model":"m","max_tokens":5}""");

        Assert.Equal(("openai/cheap", "cost"), (response.Header("x-helix-model"), response.Header("x-helix-route")));
    }

    [Fact]
    public async Task One_that_is_private_at_its_cloud_keeps_no_other_from_taking_its_place()
    {
        _host.Config = HelixConfig.Default with { Cloud = s_rules with { Instead = ["m=openai/dear", "m=openai/cheap"], AfterSeconds = 0, PrivateModels = ["openai/cheap"] } };
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Coming("loading") }, _cloud.Model("dear"), _cloud.Model("cheap"));

        using var response = await _host.PostAsync("""{"model":"m","max_tokens":5}""");

        Assert.Equal("openai/dear", response.Header("x-helix-model"));
    }

    [Fact]
    public async Task Whoever_asks_why_is_told_what_each_would_cost()
    {
        Name("openai/dear or openai/cheap or openai/odd");
        Serve("dear", "cheap", "odd");

        var report = await ExplainAsync(Ask);

        Assert.Equal(("send", "openai/cheap"), ((string?)report["outcome"], (string?)report["model"]));
        Assert.Contains("costs less", (string?)report["why"], StringComparison.Ordinal);
        var candidates = report["candidates"]!.AsArray().Select(each => ((string?)each!["instance"], (string?)each["cost_by"], (bool)each["chosen"]!)).ToArray();
        Assert.Equal([("openai/dear", "price", false), ("openai/cheap", "price", true), ("openai/odd", "dearest", false)], candidates);
        // no prompt, and five tokens at most
        Assert.Equal(0.0005, (double)report["candidates"]![0]!["cost_usd"]!, 1e-12);
        Assert.Equal(0.05, (double)report["candidates"]![0]!["score"]!, 1e-9);
    }

    [Fact]
    public async Task Of_an_engine_here_it_is_said_that_nothing_is_known_of_its_cost()
    {
        Name("m");
        Serve();

        var candidate = (await ExplainAsync(Ask))["candidates"]!.AsArray().Single()!;

        Assert.Equal((0.0, "unknown"), ((double)candidate["cost_usd"]!, (string?)candidate["cost_by"]));
    }

    [Fact]
    public async Task What_was_compared_is_kept_with_the_decision()
    {
        Name("openai/dear or openai/cheap");
        Serve("dear", "cheap");
        (await _host.PostAsync(Ask)).Dispose();

        using var owner = _host.Owner();
        var decision = JsonNode.Parse(await owner.GetStringAsync("/helix/v1/route/recent"))!["decisions"]!.AsArray().Single()!;

        Assert.Equal(("name", "openai/cheap", 2), ((string?)decision["asked"], (string?)decision["model"], decision["candidates"]!.AsArray().Count));
        Assert.Equal("price", (string?)decision["candidates"]![0]!["cost_by"]);
    }

    private async Task<JsonObject> ExplainAsync(string body)
    {
        using var owner = _host.Owner();
        using var response = await owner.PostAsync("/helix/v1/route/explain", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.JsonAsync();
    }

    /// <summary>A model here, and models of the cloud.</summary>
    private void Serve(params string[] clouds) => _host.Fleet.Set([_host.Model("m", "a"), .. clouds.Select(id => _cloud.Model(id))]);

    private void Name(string models, params (string Name, double Weight)[] weights) => _host.Config = HelixConfig.Default with
    {
        Cloud = s_rules,
        Gateway = HelixConfig.Default.Gateway with { Aliases = ImmutableDictionary<string, ModelAlias>.Empty.Add("name", ModelAlias.Parse(models).Alias!) },
        Performance = HelixConfig.Default.Performance with { Weights = weights.Length == 0 ? null : weights.ToImmutableDictionary(weight => weight.Name, weight => weight.Weight) },
    };
}
