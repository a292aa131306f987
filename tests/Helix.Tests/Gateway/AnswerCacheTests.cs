using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

public sealed class AnswerCacheTests : IAsyncLifetime
{
    private const string Ask = """{"model":"m","temperature":0,"messages":[{"role":"user","content":"x"}]}""";
    private const string AskStream = """{"model":"m","temperature":0,"stream":true,"messages":[{"role":"user","content":"x"}]}""";
    private const string Piece = """{"choices":[{"index":0,"delta":{"content":"well"},"finish_reason":null}]}""";

    private readonly FakeTimeProvider _time = new();
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task What_was_asked_before_is_answered_without_any_engine()
    {
        await using var engine = Engine();
        var first = await AskAsync(Ask);
        _host.Fleet.Set(_host.Model("m", "a") with { Availability = new ModelAvailability.Coming("asleep"), Backends = [] });
        _time.Advance(TimeSpan.FromSeconds(7));

        var second = await AskAsync("""{ "messages":[{"content":"x","role":"user"}], "temperature":0, "stream":false, "user":"me", "model":"m" }""");

        Assert.Equal(("miss", null), (first.State, first.Age));
        Assert.Equal(("hit", "7"), (second.State, second.Age));
        Assert.Equal(first.Text, second.Text);
        Assert.Empty(_host.Fleet.Wanted);
        Assert.Single(engine.Requests);
    }

    [Fact]
    public async Task A_stream_is_told_again_as_it_was()
    {
        await using var engine = _host.Engine("a", talk => talk.StreamAsync(Piece, Piece));
        _host.Fleet.Set(_host.Model("m", "a"));

        var (first, second) = (await AskAsync(AskStream), await AskAsync(AskStream));

        Assert.Equal("hit", second.State);
        Assert.Equal(first.Text, second.Text);
        Assert.Single(engine.Requests);
    }

    [Fact]
    public async Task Other_dialects_are_answered_from_the_same_memory()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"choices":[{"index":0,"message":{"role":"assistant","content":"well"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        const string ask = """{"model":"m","temperature":0,"max_tokens":9,"messages":[{"role":"user","content":"x"}]}""";

        for (var turn = 0; turn < 2; turn++)
        {
            using var response = await _host.PostAsync(ask, "/v1/messages");
            Assert.Equal(turn == 0 ? "miss" : "hit", response.Header("x-helix-cache"));
            Assert.Equal("well", (string?)(await response.JsonAsync())["content"]![0]!["text"]);
            await Eventually.TrueAsync(() => _host.Counters.InFlight == 0, "it is over");
        }

        Assert.Single(engine.Requests);
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}]}""", null, null)]
    [InlineData("""{"model":"m","temperature":1,"messages":[{"role":"user","content":"x"}]}""", null, null)]
    [InlineData(Ask, "no-store", null)]
    [InlineData(Ask, null, "off")]
    public async Task Nothing_is_kept_that_should_not_be(string ask, string? control, string? wish)
    {
        await using var engine = Engine();

        Assert.Null((await AskAsync(ask, control, wish)).State);
        Assert.Null((await AskAsync(ask, control, wish)).State);

        Assert.Equal(2, engine.Requests.Count);
    }

    [Fact]
    public async Task What_may_be_answered_otherwise_each_time_is_kept_where_its_client_says_so()
    {
        await using var engine = Engine();
        const string ask = """{"model":"m","messages":[{"role":"user","content":"x"}]}""";

        Assert.Equal("miss", (await AskAsync(ask, wish: "on")).State);
        Assert.Equal("hit", (await AskAsync(ask, wish: "on")).State);
        Assert.Null((await AskAsync(ask)).State);
    }

    [Fact]
    public async Task Clients_say_how_old_an_answer_may_be()
    {
        await using var engine = Engine();
        Assert.Equal(504, (await AskAsync(Ask, "only-if-cached")).Status);
        Assert.Equal("miss", (await AskAsync(Ask)).State);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("hit", (await AskAsync(Ask, "max-age=10")).State);
        Assert.Equal("hit", (await AskAsync(Ask, "only-if-cached")).State);
        Assert.Equal("miss", (await AskAsync(Ask, "max-age=9")).State);
        Assert.Equal("hit", (await AskAsync(Ask, "max-age=9")).State);
        Assert.Equal("miss", (await AskAsync(Ask, "no-cache")).State);
        _time.Advance(TimeSpan.FromSeconds(HelixConfig.Default.Performance.CacheSeconds + 1));
        Assert.Equal("miss", (await AskAsync(Ask)).State);
    }

    [Fact]
    public async Task A_failure_is_not_kept()
    {
        var times = 0;
        await using var engine = _host.Engine("a", talk => Interlocked.Increment(ref times) == 1 ? talk.JsonAsync("""{"error":{"message":"no"}}""", 500) : talk.JsonAsync("""{"ok":1}"""));
        _host.Fleet.Set(_host.Model("m", "a"));

        Assert.Equal(500, (await AskAsync(Ask)).Status);
        Assert.Equal((200, "miss"), ((await AskAsync(Ask)) is var second ? (second.Status, second.State) : default));
    }

    [Fact]
    public async Task Who_asks_for_the_same_meanwhile_hears_the_same_stream_as_it_comes()
    {
        using var go = new SemaphoreSlim(0);
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync(Piece);
            await go.WaitAsync();
            await talk.EventAsync(Piece);
            await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var first = await _host.PostAsync(AskStream);
        using var second = await _host.PostAsync(AskStream);
        Assert.Equal(("miss", "shared"), (first.Header("x-helix-cache"), second.Header("x-helix-cache")));
        await using var stream = await second.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        Assert.Contains("well", await stream.EventAsync(), StringComparison.Ordinal);

        go.Release();
        Assert.Contains("well", await stream.EventAsync(), StringComparison.Ordinal);
        Assert.Contains("[DONE]", await stream.EventAsync(), StringComparison.Ordinal);
        Assert.Single(engine.Requests);
    }

    [Fact]
    public async Task Who_shares_an_answer_goes_on_alone_where_the_other_one_leaves()
    {
        using var go = new SemaphoreSlim(0);
        var times = 0;
        await using var engine = _host.Engine("a", async talk =>
        {
            var isFirst = Interlocked.Increment(ref times) == 1;
            await talk.BeginStreamAsync();
            await talk.EventAsync(Piece);
            if (isFirst) await talk.LeftAsync();
            else await talk.EventAsync(Piece.Replace("well", "done", StringComparison.Ordinal).Replace("null", "\"stop\"", StringComparison.Ordinal));
            if (!isFirst) await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        var first = await _host.PostAsync(AskStream);
        using var second = await _host.PostAsync(AskStream);
        Assert.Equal("shared", second.Header("x-helix-cache"));
        first.Dispose();

        var text = await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["well", "done"], text.Split("\"content\":\"").Skip(1).Select(rest => rest.Split('"')[0]));
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_for_the_same_whole_answer_meanwhile_gets_it_or_asks_alone()
    {
        using var go = new SemaphoreSlim(0);
        var times = 0;
        await using var engine = _host.Engine("a", async talk =>
        {
            Interlocked.Increment(ref times);
            await go.WaitAsync();
            await talk.JsonAsync("""{"ok":1}""");
        });
        _host.Fleet.Set(_host.Model("m", "a"));

        using var leaving = new CancellationTokenSource();
        var leader = _host.PostAsync(Ask, cancellationToken: leaving.Token);
        await Eventually.TrueAsync(() => times == 1, "the first is asked for");
        var second = AskAsync(Ask);
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 2, "the second is there");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);

        await Eventually.TrueAsync(() => times == 2, "the second is asked for alone");
        go.Release(2);
        Assert.Equal((200, """{"ok":1}"""), ((await second).Status, (await second).Text));
    }

    [Fact]
    public async Task A_stream_that_fails_in_its_middle_is_not_kept()
    {
        await using var engine = _host.Engine("a", talk => talk.StreamAsync(Piece, """{"error":{"message":"no"}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));

        Assert.Equal("miss", (await AskAsync(AskStream)).State);
        Assert.Equal("miss", (await AskAsync(AskStream)).State);
    }

    [Fact]
    public async Task What_another_model_answered_in_its_place_is_not_kept_under_its_name()
    {
        await using var engine = Engine();
        const string ask = """{"model":"auto","temperature":0,"messages":[{"role":"user","content":"x"}]}""";
        var coming = _host.Model("soon", "a") with { Availability = new ModelAvailability.Coming("on its way"), Backends = [], Added = DateTimeOffset.UnixEpoch.AddDays(9) };
        _host.Fleet.Set(coming);
        var asked = AskAsync(ask);
        await Eventually.TrueAsync(() => _host.Fleet.Wanted.Contains("soon"), "it is waited for");

        _host.Fleet.Set(_host.Model("m", "a"));
        Assert.Equal(200, (await asked).Status);
        _host.Fleet.Set(coming);

        Assert.Equal(504, (await AskAsync(ask, "only-if-cached")).Status);
    }

    [Fact]
    public async Task Half_of_a_character_is_the_engines_business()
    {
        await using var engine = Engine();
        const string ask = """{"model":"m","temperature":0,"messages":[{"role":"user","content":"\ud800"}]}""";

        Assert.Equal((200, null), ((await AskAsync(ask)) is var reply ? (reply.Status, reply.State) : default));
    }

    [Fact]
    public async Task Where_it_is_switched_off_nothing_is_remembered()
    {
        await using var engine = Engine();
        Assert.Equal("miss", (await AskAsync(Ask)).State);

        _host.Config = HelixConfig.Default with { Performance = new PerformanceConfig(CacheResponses: false) };
        Assert.Null((await AskAsync(Ask)).State);
        _host.Config = HelixConfig.Default;

        Assert.Equal("miss", (await AskAsync(Ask)).State);
    }

    private FakeEngine Engine()
    {
        var times = 0;
        var engine = _host.Engine("a", talk => talk.JsonAsync($$"""{"number":{{Interlocked.Increment(ref times)}}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        return engine;
    }

    private async Task<(int Status, string? State, string? Age, string Text)> AskAsync(string ask, string? control = null, string? wish = null)
    {
        using var response = await _host.PostAsync(ask, more: request =>
        {
            if (control is not null) request.Headers.TryAddWithoutValidation("Cache-Control", control);
            if (wish is not null) request.Headers.Add("x-helix-cache", wish);
        });
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // an answer is kept once it is out
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0, "it is over");
        return ((int)response.StatusCode, response.Header("x-helix-cache"), response.Header("Age"), text);
    }
}
