using System.Net;
using System.Text.Json.Nodes;
using Helix.Gateway;
using Helix.Storage;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
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
    public async Task Models_that_take_turns_are_added_up_each_by_itself()
    {
        const int models = 12;
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"usage":{"prompt_tokens":10,"completion_tokens":4}}"""));
        _host.Fleet.Set([.. Enumerable.Range(0, models).Select(number => _host.Model($"m{number}", "a"))]);
        for (var n = 0; n < 2 * models; n++) await AskAsync($$"""{"model":"m{{n % models}}"}""");

        var accounts = _host.Services.GetRequiredService<Accounts>();
        var before = accounts.Minutes().Values.Single();
        var rows = await UsageAsync("?by=model");

        Assert.Equal(models, rows.Length);
        Assert.All(rows, row => Assert.Equal((2, 20, 8), ((int)row["requests"]!, (int)row["prompt_tokens"]!, (int)row["answer_tokens"]!)));
        // what the minutes show is the same before it was written and after
        Assert.Equal((2L * models, 20L * models), (before.Requests, before.Tokens.Prompt));
        Assert.Equal(before, accounts.Minutes().Values.Single());
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

    [Fact]
    public async Task The_machine_that_answered_is_noted_as_its_client_was_told_it()
    {
        const string steady = """{"model":"m","temperature":0,"messages":[{"role":"user","content":"x"}]}""";
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"number":1}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        string? here;
        using (var response = await _host.PostAsync(steady))
        {
            await response.Content.ReadAsStringAsync();
            here = response.Header("x-helix-node");
        }

        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        // from memory, and of no model
        await AskAsync(steady);
        await AskAsync("""{"model":"no-such-model"}""");

        var rows = (await UsageAsync("?by=provider,node")).ToDictionary(row => $"{(string?)row["provider"]} on {(string?)row["node"]}", row => (int)row["requests"]!);

        Assert.False(string.IsNullOrEmpty(here));
        Assert.Equal(new Dictionary<string, int> { [" on "] = 1, ["cache on "] = 1, [$"builtin on {here}"] = 1 }, rows);
    }

    [Fact]
    public async Task What_was_added_up_before_nodes_were_noted_counts_still_and_its_node_is_unknown()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a"));
        await AskAsync("""{"model":"m"}""");
        var hour = (long)(_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalHours * 60;
        var wrote = await _host.Services.GetRequiredService<Database>().AskAsync(connection => connection.Run(
            "INSERT INTO usage VALUES (60, $hour, '', 'builtin', 'm', 0, 5, 10, 4, 0, 0, 0, 0.0, 1000.0, 5, 0)", ("$hour", hour)));
        Assert.IsType<Stored<int>.Ok>(wrote);

        var (all, apart) = ((await UsageAsync("?by=provider,model")).Single(), await UsageAsync("?by=node"));

        Assert.Equal((6, null), ((int)all["requests"]!, all["node"]));
        Assert.Equal([1, 5], apart.Select(row => (int)row["requests"]!).Order());
        Assert.Equal(5, (int)apart.Single(row => (string?)row["node"] == "?")["requests"]!);
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
