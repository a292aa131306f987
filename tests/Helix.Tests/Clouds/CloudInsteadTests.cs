using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Clouds;

/// <summary>The real gateway before an engine and a cloud that may answer in place of it, or may not.</summary>
public sealed class CloudInsteadTests : IAsyncLifetime
{
    private const string Ask = """{"model":"m","max_tokens":5}""";
    private const string AskSteady = """{"model":"m","max_tokens":5,"temperature":0}""";
    private const string OfCloud = """{"by":"cloud"}""";
    private const string OfEngine = """{"by":"engine"}""";

    private static readonly CloudConfig s_rules = new(Prices: ["openai/*=1/1"], Instead: ["m=openai/gpt", "auto=openai/gpt"], AfterSeconds: 0);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time, services => services.AddSingleton(FakeCloud.Trust));
        Rule(s_rules);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Who_waited_here_for_as_long_as_that_is_answered_by_the_cloud()
    {
        Rule(s_rules with { AfterSeconds = 7 });
        var (began, asked) = (_time.GetUtcNow(), default(DateTimeOffset));
        await using var cloud = new FakeCloud(talk =>
        {
            asked = _time.GetUtcNow();
            return talk.JsonAsync(OfCloud);
        });
        _host.Fleet.Set(Coming(), cloud.Model("gpt"));

        var asking = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => asking.IsCompleted, () => _time.Advance(TimeSpan.FromMilliseconds(250)));
        using var response = await asking;

        Assert.Equal(OfCloud, await response.Content.ReadAsStringAsync());
        Assert.Equal(("openai", "openai/gpt"), (response.Header("x-helix-provider"), response.Header("x-helix-model")));
        Assert.Equal("""{"model":"gpt","max_tokens":5}""", cloud.Requests.Single().Body);
        Assert.True(asked - began >= TimeSpan.FromSeconds(7), $"after {asked - began}");
        Assert.Contains("m", _host.Fleet.Wanted);
    }

    [Fact]
    public async Task What_can_be_answered_here_stays_here()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine();
        _host.Fleet.Set(_host.Model("m", "a"), cloud.Model("gpt"));

        Assert.Equal(OfEngine, await TextAsync(_host.PostAsync(Ask)));

        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task A_wait_for_a_place_is_a_wait()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = _host.Engine("a", async talk =>
        {
            await go.Task;
            await talk.JsonAsync(OfEngine);
        });
        // one slot, and one more to be read meanwhile
        var model = _host.Model("m", "a");
        _host.Fleet.Set(model with { Backends = [model.Backends[0] with { Slots = 1 }] }, cloud.Model("gpt"));
        Task<HttpResponseMessage>[] busy = [_host.PostAsync(Ask), _host.PostAsync(Ask)];
        await Eventually.TrueAsync(() => engine.Requests.Count == 2);

        Assert.Equal(OfCloud, await TextAsync(_host.PostAsync(Ask)));

        Assert.Equal(0, _host.Admission.Waiting("m"));
        go.SetResult();
        foreach (var one in busy) Assert.Equal(OfEngine, await TextAsync(one));
        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task A_model_that_cannot_be_served_is_not_waited_for()
    {
        Rule(s_rules with { AfterSeconds = 3600 });
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Failed("It does not fit.", "Add memory.") }, cloud.Model("gpt"));

        Assert.Equal(OfCloud, await TextAsync(_host.PostAsync(Ask)));
    }

    [Fact]
    public async Task Auto_goes_there_before_the_self_test_does_and_without_a_rule_never()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine();
        _host.Fleet.Set(_host.Model("selftest", "a") with { IsSelfTest = true }, cloud.Model("gpt"));

        Assert.Equal(OfCloud, await TextAsync(_host.PostAsync("""{"model":"auto","max_tokens":5}""")));
        Rule(s_rules with { AfterSeconds = null });
        Assert.Equal(OfEngine, await TextAsync(_host.PostAsync("""{"model":"auto","max_tokens":5}""")));

        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task Where_the_budget_is_used_up_it_is_waited_here()
    {
        Rule(s_rules with { DailyBudget = 0 });
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));

        await StaysAsync(cloud, Ask, wants: 2);

        Assert.Empty(cloud.Requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task What_the_cloud_refuses_is_waited_for_here(int status)
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync("""{"error":{"message":"not now"}}""", status));

        await StaysAsync(cloud, Ask, wants: 2);

        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task What_the_cloud_said_is_not_told_again_as_if_the_model_had()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine();
        _host.Fleet.Set(Coming(), cloud.Model("gpt"));
        Assert.Equal(OfCloud, await TextAsync(_host.PostAsync(AskSteady)));

        _host.Fleet.Set(_host.Model("m", "a"), cloud.Model("gpt"));

        Assert.Equal(OfEngine, await TextAsync(_host.PostAsync(AskSteady)));
    }

    [Fact]
    public async Task Nothing_that_comes_with_a_private_key_goes_there()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        var (shy, open) = (await KeyAsync("notes", isPrivate: true), await KeyAsync("laptop", isPrivate: false));

        await StaysAsync(cloud, Ask, shy);
        using var refused = await _host.PostAsync("""{"model":"openai/gpt","max_tokens":5}""", more: With(shy));
        Assert.Equal((403, "private_key", (string?)null), await refused.ErrorAsync());

        Assert.Empty(cloud.Requests);
        Assert.Equal(OfCloud, await TextAsync(_host.PostAsync("""{"model":"openai/gpt","max_tokens":5}""", more: With(open))));
    }

    [Fact]
    public async Task A_key_that_was_revoked_meanwhile_counts_as_private()
    {
        Rule(s_rules with { AfterSeconds = 7 });
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine();
        _host.Fleet.Set(Coming(), cloud.Model("gpt"));
        var key = await KeyAsync("laptop", isPrivate: false);

        var asking = _host.PostAsync(Ask, more: With(key));
        await Eventually.TrueAsync(() => !_host.Fleet.Wanted.IsEmpty);
        using (var owner = _host.Owner()) Assert.True((await owner.DeleteAsync("/helix/v1/keys/laptop")).IsSuccessStatusCode);
        await Eventually.TrueAsync(() => _host.Fleet.Wanted.Count > 1, () => _time.Advance(TimeSpan.FromMilliseconds(250)));
        _host.Fleet.Set(_host.Model("m", "a"), cloud.Model("gpt"));

        Assert.Equal(OfEngine, await TextAsync(asking));
        Assert.Empty(cloud.Requests);
    }

    [Theory]
    [InlineData("m")]
    [InlineData("auto")]
    public async Task Nothing_that_is_asked_of_a_private_model_goes_there(string asked)
    {
        Rule(s_rules with { PrivateModels = ["m", "openai/gpt"] });
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));

        await StaysAsync(cloud, $$"""{"model":"{{asked}}","max_tokens":5}""");
        using var refused = await _host.PostAsync("""{"model":"openai/gpt","max_tokens":5}""");

        Assert.Equal((403, "private_model", "model"), await refused.ErrorAsync());
        Assert.Empty(cloud.Requests);
    }

    [Theory]
    [InlineData("m", "m")]
    [InlineData("auto", "m")]
    [InlineData("m:latest", "m")]
    [InlineData("m:1b", "m-1b")]
    [InlineData("m-1b", "m:1b")]
    public async Task A_private_model_that_cannot_be_served_is_private_still(string asked, string hidden)
    {
        Rule(s_rules with { PrivateModels = [hidden], Instead = ["m=openai/gpt", "m-1b=openai/gpt", "auto=openai/gpt"] });
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        await using var engine = Engine();
        _host.Fleet.Set(
            _host.Model("selftest", "a") with { IsSelfTest = true }, _host.Model(hidden.Replace(':', '-')) with { Availability = new ModelAvailability.Failed("It does not fit.", "Add memory.") }, cloud.Model("gpt"));

        using var response = await _host.PostAsync($$"""{"model":"{{asked}}","max_tokens":5}""");

        Assert.Equal(asked == "auto" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Empty(cloud.Requests);
    }

    [Fact]
    public async Task A_private_model_that_failed_in_a_list_of_names_keeps_what_follows_from_a_cloud()
    {
        Rule(s_rules with { PrivateModels = ["m"], AfterSeconds = null });
        _host.Config = _host.Config with { Gateway = _host.Config.Gateway with { Aliases = ImmutableDictionary<string, ModelAlias>.Empty.Add("name", ModelAlias.Parse("auto, openai/gpt").Alias!) } };
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(OfCloud));
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Failed("It does not fit.", "Add memory.") }, cloud.Model("gpt"));

        using var response = await _host.PostAsync("""{"model":"name","max_tokens":5}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Empty(cloud.Requests);
    }

    private void Rule(CloudConfig rules) => _host.Config = HelixConfig.Default with { Cloud = rules };

    private ServedModel Coming() => _host.Model("m") with { Availability = new ModelAvailability.Coming("loading") };

    private FakeEngine Engine() => _host.Engine("a", talk => talk.JsonAsync(OfEngine));

    /// <summary>It is asked while its model comes, and answered once that is there.</summary>
    /// <param name="wants">How often its model is waited for by then: once more where the cloud was thought of meanwhile.</param>
    private async Task StaysAsync(FakeCloud cloud, string ask, string? key = null, int wants = 1)
    {
        await using var engine = Engine();
        _host.Fleet.Set(Coming(), cloud.Model("gpt"));

        var asking = _host.PostAsync(ask, more: key is null ? null : With(key));
        await Eventually.TrueAsync(() => _host.Fleet.Wanted.Count >= wants);
        _host.Fleet.Set(_host.Model("m", "a"), cloud.Model("gpt"));

        Assert.Equal(OfEngine, await TextAsync(asking));
    }

    private async Task<string> KeyAsync(string name, bool isPrivate)
    {
        using var owner = _host.Owner();
        using var made = await owner.PostAsJsonAsync("/helix/v1/keys", new CreateKeyRequest(name, ["infer"], isPrivate), ApiJson.Default.CreateKeyRequest);
        return (await made.Content.ReadFromJsonAsync(ApiJson.Default.CreatedKey))!.Key;
    }

    private static Action<HttpRequestMessage> With(string key) => request => request.Headers.Add("Authorization", $"Bearer {key}");

    private static async Task<string> TextAsync(Task<HttpResponseMessage> asking)
    {
        using var response = await asking;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }
}
