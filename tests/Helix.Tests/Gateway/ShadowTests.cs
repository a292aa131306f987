using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Gateway;
using Helix.Telemetry;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

public sealed class ShadowTests : IAsyncLifetime
{
    private const string Ask = """{"model":"name","messages":[{"role":"user","content":"Hi"}]}""";

    private readonly FakeTimeProvider _time = new();
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time);
        var alias = ModelAlias.Parse("big, shadow small").Alias!;
        _host.Config = _host.Config with { Gateway = _host.Config.Gateway with { Aliases = ImmutableDictionary<string, ModelAlias>.Empty.Add("name", alias) } };
        _host.Fleet.Set(_host.Model("big", "a"), _host.Model("small", "b"));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("The sky is blue.", "The  sky is blue. ", 1, 0, 1.0)]
    [InlineData("The sky is blue.", "The sky is grey.", 0, 1, 0.75)]
    public async Task What_a_shadow_says_is_compared_with_what_the_client_got(string said, string shadowSaid, int equal, int differs, double alike)
    {
        await using var one = Says("a", said);
        await using var two = Says("b", shadowSaid);

        await AskAsync();
        var row = await ScoredAsync();

        Assert.Equal(("big", "small", 1, equal, differs, 0), ((string?)row["model"], (string?)row["shadow"], (int)row["requests"]!, (int)row["equal"]!, (int)row["differs"]!, (int)row["uncompared"]!));
        Assert.Equal(alike, (double)row["alike"]!, 1e-9);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"name","stream":true,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/v1/messages", """{"model":"name","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}""")]
    public async Task Streams_are_compared_in_whatever_dialect_and_pieces(string path, string ask)
    {
        await using var one = _host.Engine("a", talk => talk.StreamAsync(Delta("blue "), Delta("sky")));
        await using var two = _host.Engine("b", talk => talk.StreamAsync(Delta("bl"), Delta("ue s"), Delta("ky")));

        using var response = await _host.PostAsync(ask, path);
        await response.Content.ReadAsStringAsync();

        Assert.Equal(1, (int)(await ScoredAsync())["equal"]!);
    }

    [Fact]
    public async Task A_shadow_that_refuses_has_failed()
    {
        await using var one = Says("a", "blue");
        await using var two = _host.Engine("b", talk => talk.JsonAsync("""{"error":{"message":"no"}}""", 500));

        await AskAsync();
        var row = await ScoredAsync();

        Assert.Equal((1, 0), ((int)row["failed"]!, (int)row["uncompared"]!));
        Assert.Null(row["alike"]);
    }

    [Fact]
    public async Task What_says_nothing_in_these_words_is_not_compared()
    {
        await using var one = _host.Engine("a", talk => talk.JsonAsync("{}"));
        await using var two = Says("b", "blue");

        await AskAsync();

        Assert.Equal(1, (int)(await ScoredAsync())["uncompared"]!);
    }

    [Fact]
    public async Task What_comes_of_it_is_told_by_the_usage_and_the_metrics_and_no_text_of_it()
    {
        await using var one = Says("a", "whispered");
        await using var two = Says("b", "whispered");

        await AskAsync();
        await ScoredAsync();
        using var owner = _host.Owner();
        var usage = await owner.GetStringAsync("/helix/v1/usage");
        var metrics = await owner.GetStringAsync("/metrics");

        Assert.Equal(1, (int)JsonNode.Parse(usage)!["shadows"]![0]!["equal"]!);
        Assert.Contains("helix_shadow_requests_total{model=\"big\",shadow=\"small\",result=\"equal\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("helix_shadow_likeness_total{model=\"big\",shadow=\"small\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("whispered", usage + metrics, StringComparison.Ordinal);
    }

    [Fact]
    public void However_many_models_there_are_only_so_many_pairs_are_told_apart()
    {
        var scores = new ShadowScores();
        for (var at = 0; at < ShadowScores.MostPairs + 5; at++) scores.Add($"m{at}", "s", new Likeness(true, 1));
        scores.Add("m0", "s", new Likeness(false, 0.5));

        Assert.Equal(ShadowScores.MostPairs + 1, scores.Read().Count);
        Assert.Contains(new ShadowReport(RequestMetrics.Other, RequestMetrics.Other, 5, 5, 0, 0, 0, 0, 1), scores.Read());
        Assert.Contains(new ShadowReport("m0", "s", 2, 1, 1, 0, 0, 0, 0.75), scores.Read());
    }

    /// <summary>One is under way, and sixteen wait.</summary>
    [Fact]
    public async Task What_comes_too_fast_is_counted_and_not_asked()
    {
        var hold = new TaskCompletionSource();
        await using var one = Says("a", "blue");
        await using var two = _host.Engine("b", async talk =>
        {
            await hold.Task;
            await talk.JsonAsync("{}");
        });
        try
        {
            await AskAsync();
            await Eventually.TrueAsync(() => !two.Requests.IsEmpty, "the shadow is asked");
            for (var more = 0; more < 16 + 3; more++) await AskAsync();

            var scores = _host.Services.GetRequiredService<ShadowScores>();
            await Eventually.TrueAsync(() => scores.Read() is [{ Missed: 3, Requests: 3 }], "three are left out");
        }
        finally
        {
            hold.SetResult();
        }
    }

    private async Task AskAsync()
    {
        using var response = await _host.PostAsync(Ask);
        await response.Content.ReadAsStringAsync();
    }

    private FakeEngine Says(string engine, string words) => _host.Engine(engine, talk => talk.JsonAsync($$$"""{"choices":[{"message":{"content":"{{{words}}}"},"finish_reason":"stop"}]}"""));

    private static string Delta(string words) => $$$"""{"choices":[{"index":0,"delta":{"content":"{{{words}}}"}}]}""";

    /// <summary>The only pair, once something came of it.</summary>
    private async Task<JsonNode> ScoredAsync()
    {
        using var owner = _host.Owner();
        JsonNode? row = null;
        await Eventually.TrueAsync(async () => (row = JsonNode.Parse(await owner.GetStringAsync("/helix/v1/route/shadows"))!["shadows"]!.AsArray().FirstOrDefault()) is not null, "the shadow's answer is compared");
        return row!;
    }
}
