using System.Net;
using System.Text.Json.Nodes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

public sealed class AccountingTests : IAsyncLifetime
{
    private const string Text = """{"choices":[{"delta":{"content":"a"}}]}""";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 30, 30, TimeSpan.Zero));
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task What_the_engine_tells_is_added_up_and_what_it_does_not_is_counted()
    {
        await using var engine = _host.Engine("a", talk => talk.Body.Contains("stream", StringComparison.Ordinal)
            ? talk.StreamAsync(Text, Text, Text)
            : talk.JsonAsync("""{"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":6}}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        for (var n = 0; n < 2; n++) await AskAsync("""{"model":"m"}""");
        await AskAsync("""{"model":"m","stream":true,"messages":"12345678"}""");

        var row = (await UsageAsync("?by=key,provider,model")).Single();

        Assert.Equal(("2026-11-29T10:00:00+00:00", "", "builtin", "m"), ((string?)row["at"], (string?)row["key"], (string?)row["provider"], (string?)row["model"]));
        Assert.Equal((3, 0, 0, 0), ((int)row["requests"]!, (int)row["failed"]!, (int)row["refused"]!, (int)row["left"]!));
        // of the stream: a fourth of the prompt's bytes, and its events but for the last
        Assert.Equal((20 + 2, 12, 1), ((int)row["prompt_tokens"]!, (int)row["cached_tokens"]!, (int)row["estimated"]!));
        Assert.InRange((int)row["answer_tokens"]!, 8 + 3, 8 + 4);
        Assert.Equal(1.0, (double)row["tries"]!);
    }

    [Fact]
    public async Task What_an_engine_makes_up_is_not_believed()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"choices":[{"message":{"content":"ok"}}],"usage":{"prompt_tokens":100,"completion_tokens":100,"total_tokens":200}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        await AskAsync("""{"model":"m","messages":"12345678"}""");

        var row = (await UsageAsync("")).Single();

        Assert.Equal((2, 1), ((int)row["prompt_tokens"]!, (int)row["estimated"]!));
        Assert.InRange((int)row["answer_tokens"]!, 1, 40);
    }

    [Fact]
    public async Task A_client_of_another_dialect_is_told_what_was_counted_in_its_place()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"choices":[{"message":{"content":"ok"}}],"usage":{"prompt_tokens":100,"completion_tokens":100,"total_tokens":200}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var response = await _host.PostAsync("""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"12345678"}]}""", "/v1/messages");
        var usage = (await response.JsonAsync())["usage"]!;

        Assert.Equal(1, (int)usage["output_tokens"]!);
        Assert.InRange((int)usage["input_tokens"]!, 1, 40);
    }

    [Fact]
    public async Task Requests_that_come_to_nothing_are_told_apart()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}", 500));
        _host.Fleet.Set(_host.Model("m", "a"));
        await AskAsync("""{"model":"m"}""");
        await AskAsync("""{"model":"no-such-model"}""");
        await AskAsync("not json");

        var row = (await UsageAsync("?per=day")).Single();

        Assert.Equal((3, 1, 2), ((int)row["requests"]!, (int)row["failed"]!, (int)row["refused"]!));
        // names that clients make up are not kept
        Assert.Equal(["", "m"], (await UsageAsync("?by=model")).Select(each => (string?)each["model"]).Order());
    }

    [Fact]
    public async Task A_client_that_leaves_is_counted_as_such()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            await talk.EventAsync(Text);
            await talk.LeftAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));
        using (var response = await _host.PostAsync("""{"model":"m","stream":true}"""))
        {
            await (await response.Content.ReadAsStreamAsync()).EventAsync();
        }

        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        var row = (await UsageAsync("")).Single();

        Assert.Equal((1, 0, 1), ((int)row["requests"]!, (int)row["failed"]!, (int)row["left"]!));
    }

    [Fact]
    public async Task Minutes_become_hours_and_days()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a"));
        for (var n = 0; n < 3; n++)
        {
            await AskAsync("""{"model":"m"}""");
            _time.Advance(TimeSpan.FromMinutes(20));
        }

        Assert.Equal("1 1 1", await CountsAsync("minute"));
        Assert.Equal("2 1", await CountsAsync("hour"));
        Assert.Equal("3", await CountsAsync("day"));

        async Task<string> CountsAsync(string span) => string.Join(' ', (await UsageAsync($"?per={span}")).Select(row => (int)row["requests"]!));
    }

    [Theory]
    [InlineData("?per=week", "per")]
    [InlineData("?since=never", "since")]
    [InlineData("?by=model,name", "by")]
    public async Task What_makes_no_sense_is_refused_with_a_word_about_it(string query, string part)
    {
        using var owner = _host.Owner();
        using var response = await owner.GetAsync($"/helix/v1/usage{query}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains($"{part}: ", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task AskAsync(string json)
    {
        using var response = await _host.PostAsync(json);
        await response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
    }

    private async Task<JsonObject[]> UsageAsync(string query)
    {
        using var owner = _host.Owner();
        using var response = await owner.GetAsync($"/helix/v1/usage{query}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. (await response.JsonAsync())["rows"]!.AsArray().Select(row => row!.AsObject())];
    }
}
