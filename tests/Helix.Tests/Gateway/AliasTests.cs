using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

public sealed class AliasTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("name")]
    [InlineData("name:latest")]
    public async Task A_name_stands_for_a_model_which_the_engine_and_the_client_are_told(string name)
    {
        Name("name", "small");
        await using var engine = Answers("a", "small");
        _host.Fleet.Set(_host.Model("small", "a"));

        using var response = await _host.PostAsync($$"""{"model":"{{name}}"}""");

        Assert.Equal("small", response.Header("x-helix-model"));
        Assert.Equal("""{"model":"small"}""", engine.Requests.Single().Body);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Where_the_first_refuses_the_next_is_asked(int status)
    {
        Name("name", "big, small");
        await using var full = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"message":"no"}}""", status));
        await using var free = Answers("b", "small");
        _host.Fleet.Set(_host.Model("big", "a"), _host.Model("small", "b"));

        using var response = await _host.PostAsync("""{"model":"name"}""");

        Assert.Equal((HttpStatusCode.OK, "small", "2"), (response.StatusCode, response.Header("x-helix-model"), response.Header("x-helix-tries")));
        Assert.Single(full.Requests);
    }

    [Fact]
    public async Task Where_the_first_dies_or_is_not_there_the_next_is_asked()
    {
        Name("name", "gone, unknown, dies, small");
        await using var dies = _host.Engine("b", talk =>
        {
            talk.Die();
            return Task.CompletedTask;
        });
        await using var free = Answers("c", "small");
        _host.Fleet.Set(_host.Model("gone", "a"), _host.Model("dies", "b"), _host.Model("small", "c"));

        using var response = await _host.PostAsync("""{"model":"name","stream":false}""");

        Assert.Equal("small", response.Header("x-helix-model"));
        Assert.Single(dies.Requests);
    }

    [Fact]
    public async Task A_model_that_sleeps_is_woken_and_another_answers_meanwhile()
    {
        Name("name", "big, small");
        await using var free = Answers("b", "small");
        _host.Fleet.Set(_host.Model("big") with { Availability = new ModelAvailability.Asleep() }, _host.Model("small", "b"));

        using var response = await _host.PostAsync("""{"model":"name"}""");

        Assert.Equal("small", response.Header("x-helix-model"));
        Assert.Equal(["big"], _host.Fleet.Wanted);
    }

    [Fact]
    public async Task Where_none_is_ready_the_first_is_waited_for()
    {
        Name("name", "big, small");
        await using var engine = Answers("a", "big");
        var (big, small) = (_host.Model("big") with { Availability = new ModelAvailability.Asleep() }, _host.Model("small") with { Availability = new ModelAvailability.Asleep() });
        _host.Fleet.Set(big, small);

        var asked = _host.PostAsync("""{"model":"name"}""");
        await Eventually.TrueAsync(() => _host.Fleet.Wanted.Contains("big"), "the first is woken");
        _host.Fleet.Set(_host.Model("big", "a"), small);
        using var response = await asked;

        Assert.Equal("big", response.Header("x-helix-model"));
        Assert.DoesNotContain("small", _host.Fleet.Wanted);
    }

    [Fact]
    public async Task Where_all_refuse_the_first_ones_words_are_told()
    {
        Name("name", "unknown, big, small");
        await using var full = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"message":"full"}}""", 429));
        await using var broken = _host.Engine("b", talk => talk.JsonAsync("""{"error":{"message":"broken"}}""", 500));
        _host.Fleet.Set(_host.Model("big", "a"), _host.Model("small", "b"));

        using var response = await _host.PostAsync("""{"model":"name"}""");

        Assert.Equal(429, (int)response.StatusCode);
        Assert.Contains("full", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(broken.Requests);
    }

    [Fact]
    public async Task A_request_on_which_engines_die_is_not_passed_on_for_ever()
    {
        Name("name", "one, two, three");
        await using var a = Dies("a");
        await using var b = Dies("b");
        await using var c = Answers("c", "three");
        _host.Fleet.Set(_host.Model("one", "a"), _host.Model("two", "b"), _host.Model("three", "c"));

        using var response = await _host.PostAsync("""{"model":"name"}""");

        Assert.Equal((502, "engine_died", null), await response.ErrorAsync());
        Assert.Empty(c.Requests);

        FakeEngine Dies(string name) => _host.Engine(name, talk =>
        {
            talk.Die();
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task What_is_wrong_with_the_request_is_told_at_once()
    {
        Name("name", "big, small");
        await using var one = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"message":"no"}}""", 400));
        await using var two = Answers("b", "small");
        _host.Fleet.Set(_host.Model("big", "a"), _host.Model("small", "b"));

        using var response = await _host.PostAsync("""{"model":"name"}""");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Empty(two.Requests);
    }

    [Fact]
    public async Task Models_at_one_place_share_the_requests()
    {
        Name("name", "big 3 | small 1");
        await using var one = Answers("a", "big");
        await using var two = Answers("b", "small");
        _host.Fleet.Set(_host.Model("big", "a"), _host.Model("small", "b"));

        for (var at = 0; at < 100; at++) (await _host.PostAsync("""{"model":"name"}""")).Dispose();

        Assert.InRange(two.Requests.Count, 24, 26);
        Assert.Equal(100, one.Requests.Count + two.Requests.Count);
    }

    [Fact]
    public async Task An_alias_is_listed_with_what_it_stands_for()
    {
        Name("name", "unknown, small");
        _host.Fleet.Set(_host.Model("small", "a"));

        var listed = JsonNode.Parse(await _host.Client.GetStringAsync("/v1/models"))!["data"]!.AsArray();
        var one = JsonNode.Parse(await _host.Client.GetStringAsync("/v1/models/name"))!;

        Assert.Equal(["small", "name"], listed.Select(each => (string?)each!["id"]));
        Assert.Equal(("name", "unknown, small", "ready"), ((string?)one["id"], (string?)one["helix"]!["alias_of"], (string?)one["helix"]!["state"]));
    }

    [Fact]
    public async Task A_shadow_is_asked_the_same_and_nobody_hears_it()
    {
        Name("name", "big, shadow small");
        await using var one = Answers("a", "big");
        await using var two = _host.Engine("b", talk => talk.JsonAsync("""{"error":{"message":"no"}}""", 500));
        _host.Fleet.Set(_host.Model("big", "a"), _host.Model("small", "b"));

        using var response = await _host.PostAsync("""{"model":"name","messages":[{"role":"user","content":"Hi"}]}""");
        await Eventually.TrueAsync(() => !two.Requests.IsEmpty, "the shadow is asked");

        Assert.Equal(("big", "1"), (response.Header("x-helix-model"), response.Header("x-helix-tries")));
        Assert.Equal("""{"model":"small","messages":[{"role":"user","content":"Hi"}]}""", two.Requests.Single().Body);
    }

    [Fact]
    public async Task Only_some_requests_are_asked_of_a_shadow()
    {
        Name("name", "big, shadow small 10%");
        await using var one = Answers("a", "big");
        await using var two = Answers("b", "small");
        _host.Fleet.Set(_host.Model("big", "a"), _host.Model("small", "b"));

        for (var at = 1; at <= 50; at++)
        {
            (await _host.PostAsync("""{"model":"name"}""")).Dispose();
            // none is left out because another is still under way
            var least = at / 10 - 1;
            await Eventually.TrueAsync(() => two.Requests.Count >= least, "shadows come along");
        }

        await Eventually.TrueAsync(() => two.Requests.Count == 5, "a tenth of them");
    }

    [Fact]
    public async Task Another_name_is_as_unknown_as_before()
    {
        Name("name", "small");
        _host.Fleet.Set(_host.Model("small", "a"));

        using var response = await _host.PostAsync("""{"model":"other"}""");

        Assert.Equal((404, "model_not_found", "model"), await response.ErrorAsync());
    }

    private void Name(string name, string models) =>
        _host.Config = _host.Config with { Gateway = _host.Config.Gateway with { Aliases = ImmutableDictionary<string, ModelAlias>.Empty.Add(name, ModelAlias.Parse(models).Alias!) } };

    private FakeEngine Answers(string engine, string model) => _host.Engine(engine, talk => talk.JsonAsync($$"""{"model":"{{model}}"}"""));
}
