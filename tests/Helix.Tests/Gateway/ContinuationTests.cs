using Helix.Core.Configuration;
using Helix.Tests.Gateway.Fakes;

namespace Helix.Tests.Gateway;

/// <summary>Streams whose engine dies in the middle.</summary>
public sealed class ContinuationTests : IAsyncLifetime
{
    private const string Ask = """{"model":"m","stream":true,"temperature":0}""";
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task One_that_is_answered_alike_each_time_goes_on_at_another_engine_from_where_it_was()
    {
        await using var dying = _host.Engine("a", Dying("Hel", "lo wo"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("Hello"), Piece(" world"), Piece("!", last: true)));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        var text = await AskAsync(Ask, "safe");

        Assert.Equal(["Hel", "lo wo", "rld", "!"], Said(text));
        Assert.Contains("\"helix\":{\"continued\":1}", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("error", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_whose_engine_says_that_something_went_wrong_goes_on_as_well()
    {
        await using var failing = _host.Engine("a", talk => talk.StreamAsync(Piece("Hel"), """{"error":{"message":"out of memory","code":500}}"""));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("Hello", last: true)));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        var text = await AskAsync(Ask, "safe");

        Assert.Equal(["Hel", "lo"], Said(text));
        Assert.DoesNotContain("out of memory", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_another_dialect_sees_one_answer()
    {
        await using var dying = _host.Engine("a", Dying("Hel", "lo wo"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("Hello"), Piece(" world"), Piece("!", last: true)));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        using var response = await _host.PostAsync("""{"model":"m","stream":true,"temperature":0,"max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "/v1/messages", request => request.Headers.Add("x-helix-continue", "safe"));
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, text.Split("event: message_start").Length - 1);
        Assert.Equal(["Hel", "lo wo", "rld", "!"], text.Split("\"text\":\"").Skip(1).Select(rest => rest.Split('"')[0]).Where(said => said.Length > 0));
        Assert.Contains("event: message_stop", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_engine_goes_on_once_it_is_back()
    {
        var times = 0;
        await using var engine = _host.Engine("a", talk => Interlocked.Increment(ref times) == 1 ? Dying("Hel")(talk) : talk.StreamAsync(Piece("Hello", last: true)));
        _host.Fleet.Set(_host.Model("m", "a"));

        Assert.Equal(["Hel", "lo"], Said(await AskAsync(Ask, "safe")));
    }

    [Fact]
    public async Task Another_answer_is_never_sewn_on()
    {
        await using var dying = _host.Engine("a", Dying("Hel"));
        await using var other = _host.Engine("b", talk => talk.StreamAsync(Piece("Good"), Piece(" day", last: true)));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        var text = await AskAsync(Ask, "safe");

        Assert.Equal(["Hel"], Said(text));
        Assert.Contains("\"code\":\"engine_died\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_dies_after_its_last_word_has_answered()
    {
        await using var dying = _host.Engine("a", Dying(null, "Hello"));
        _host.Fleet.Set(_host.Model("m", "a"));

        var text = await AskAsync(Ask, "safe");

        Assert.Equal(["Hello"], Said(text));
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Ask, null)]
    [InlineData(Ask, "off")]
    [InlineData("""{"model":"m","stream":true}""", "safe")]
    [InlineData("""{"model":"m","stream":true,"temperature":0.7}""", "safe")]
    [InlineData("""{"model":"m","stream":true,"temperature":0,"n":2}""", "safe")]
    public async Task Nothing_goes_on_that_was_not_asked_for_or_may_be_answered_otherwise(string ask, string? wish)
    {
        await using var dying = _host.Engine("a", Dying("Hel"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("Hello", last: true)));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        var text = await AskAsync(ask, wish);

        Assert.Equal(["Hel"], Said(text));
        Assert.Empty(well.Requests);
    }

    [Fact]
    public async Task The_settings_can_say_it_for_all()
    {
        _host.Config = HelixConfig.Default with { Gateway = new GatewayConfig(ContinueStreams: true) };
        await using var dying = _host.Engine("a", Dying("Hel"));
        await using var well = _host.Engine("b", talk => talk.StreamAsync(Piece("Hello", last: true)));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        Assert.Equal(["Hel", "lo"], Said(await AskAsync(Ask, null)));
    }

    /// <param name="first">Null: the one after it is the last word.</param>
    private static Func<EngineTalk, Task> Dying(string? first, string? second = null) => async talk =>
    {
        await talk.BeginStreamAsync();
        if (first is not null) await talk.EventAsync(Piece(first));
        if (second is not null) await talk.EventAsync(Piece(second, last: first is null));
        talk.Die();
    };

    private static string Piece(string text, bool last = false) => $$$"""{"choices":[{"index":0,"delta":{"content":"{{{text}}}"},"finish_reason":{{{(last ? "\"stop\"" : "null")}}}}]}""";

    private async Task<string> AskAsync(string ask, string? wish)
    {
        using var response = await _host.PostAsync(ask, more: request => request.Headers.Add("x-helix-continue", wish is null ? [] : [wish]));
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Said(string stream) => stream.Split("\"content\":\"").Skip(1).Select(rest => rest.Split('"')[0]);
}
