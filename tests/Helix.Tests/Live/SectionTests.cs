using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Live;
using Helix.Core.Processes;
using Helix.Daemon;
using Helix.Gateway;
using Helix.Live;
using Helix.Storage;
using Helix.Telemetry;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Live;

/// <summary>What dashboards are shown of real requests through a real gateway.</summary>
public sealed class SectionTests : IAsyncLifetime
{
    private const string Text = """{"choices":[{"delta":{"content":"a"}}]}""";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 30, 30, TimeSpan.Zero));
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Streams_are_measured_from_the_request_to_the_first_piece_and_between_pieces()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            _time.Advance(TimeSpan.FromMilliseconds(300));
            await talk.EventAsync(Text);
            // each piece goes out before the next one is made
            await Eventually.TrueAsync(() => _host.Counters.Of("a").Tokens == 1);
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await talk.EventAsync("""{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":3,"completion_tokens":11}}""");
            await Eventually.TrueAsync(() => _host.Counters.Of("a").Tokens == 2);
            await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"));
        await AskAsync("""{"model":"m","stream":true}""");

        var all = await ReadAsync(new PerformanceSection(_host.Counters.Paces));

        Assert.Equal(["1h|builtin|m", "5m|builtin|m"], all.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        var told = all["5m|builtin|m"]!;
        Assert.Equal(1, (int)told["first_token_ms"]!["count"]!);
        Assert.InRange((double)told["first_token_ms"]!["p50"]!, 280, 320);
        Assert.InRange((double)told["inter_token_ms"]!["p99"]!, 46, 54);
        // eleven tokens, of which ten took 50 ms
        Assert.InRange((double)told["tokens_per_second"]!["p50"]!, 185, 215);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(["1h|builtin|m"], (await ReadAsync(new PerformanceSection(_host.Counters.Paces))).Select(pair => pair.Key));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await ReadAsync(new PerformanceSection(_host.Counters.Paces)));
    }

    [Fact]
    public async Task Of_each_minute_all_streams_are_told_together_and_by_who_answered()
    {
        var took = TimeSpan.FromMilliseconds(200);
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.BeginStreamAsync();
            _time.Advance(took);
            await talk.EventAsync(Text);
            await talk.EndStreamAsync();
        });
        _host.Fleet.Set(_host.Model("m", "a"), _host.Model("n", "a"));
        var section = new PerformanceMinuteSection(_host.Counters.Paces);
        Assert.Empty(await ReadAsync(section));

        await AskAsync("""{"model":"m","stream":true}""");
        took = TimeSpan.FromMilliseconds(800);
        await AskAsync("""{"model":"n","stream":true}""");
        _time.Advance(TimeSpan.FromMinutes(2));
        await AskAsync("""{"model":"n","stream":true}""");
        // nothing runs any more that could answer: what was is told all the same
        _host.Fleet.Set();

        var all = await ReadAsync(section);

        Assert.Equal(["2026-11-29T10:30Z", "2026-11-29T10:32Z"], all.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        var first = all["2026-11-29T10:30Z"]!;
        Assert.Equal(2, (int)first["first_token_ms"]!["count"]!);
        Assert.InRange((double)first["first_token_ms"]!["p50"]!, 185, 215);
        Assert.InRange((double)first["first_token_ms"]!["p95"]!, 750, 850);
        Assert.Equal([("builtin", "m", 1), ("builtin", "n", 1)], first["by"]!.AsArray().Select(each => ((string?)each!["provider"], (string?)each["model"], (int)each["first_token_ms"]!["count"]!)));
        // of one token nobody can say how fast it came
        Assert.Null(first["tokens_per_second"]);
        Assert.Equal(["n"], all["2026-11-29T10:32Z"]!["by"]!.AsArray().Select(each => (string?)each!["model"]));
        _time.Advance(TimeSpan.FromMinutes(58));
        Assert.Equal(["2026-11-29T10:32Z"], (await ReadAsync(section)).Select(pair => pair.Key));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(await ReadAsync(section));
    }

    [Fact]
    public async Task Of_many_models_in_a_minute_the_most_asked_are_told_apart()
    {
        var paces = new StreamPaces(_time);
        for (var at = 0; at <= PerformanceMinuteSection.MostApart; at++)
            for (var times = 0; times <= at; times++) paces.Of("builtin", $"m{at:00}").FirstTokens.Add(TimeSpan.FromMilliseconds(10));

        var minute = (await ReadAsync(new PerformanceMinuteSection(paces))).Single().Value!;

        Assert.Equal(Enumerable.Range(1, PerformanceMinuteSection.MostApart).Reverse().Select(at => $"m{at:00}"), minute["by"]!.AsArray().Select(each => (string?)each!["model"]));
        Assert.Equal((PerformanceMinuteSection.MostApart + 1) * (PerformanceMinuteSection.MostApart + 2) / 2, (int)minute["first_token_ms"]!["count"]!);
    }

    [Fact]
    public async Task Whole_answers_count_with_the_tokens_that_their_engine_tells()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"usage":{"prompt_tokens":10,"completion_tokens":40}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        var section = new TrafficSection(_host.Counters, _time);
        Assert.Null((await ReadAsync(section))["now"]!["tokens_per_second"]);
        await AskAsync("""{"model":"m"}""");
        await Eventually.TrueAsync(() => _host.Counters.Tokens == 40);
        _time.Advance(TimeSpan.FromSeconds(2));

        var now = (await ReadAsync(section))["now"]!;

        Assert.Equal((0, 1, 0), ((int)now["in_flight"]!, (int)now["requests"]!, (int)now["errors"]!));
        Assert.Equal((0.5, 20.0), ((double)now["requests_per_second"]!, (double)now["tokens_per_second"]!));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0.0, (double)(await ReadAsync(section))["now"]!["tokens_per_second"]!);
    }

    [Fact]
    public async Task The_last_hours_minutes_are_told_with_what_an_earlier_daemon_wrote_down_and_nothing_twice()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"usage":{"prompt_tokens":10,"completion_tokens":4}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        var (table, accounts) = (_host.Services.GetRequiredService<UsageTable>(), _host.Services.GetRequiredService<Accounts>());
        var minute = (long)(_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMinutes;
        var earlier = new UsageSum(2, new(20, 8, 5), 0, 0, TimeSpan.Zero, TimeSpan.FromSeconds(1), 2, default);
        table.Add(
            new Dictionary<UsageKey, UsageSum>
            {
                [new(minute - 1, "", "builtin", "m", RequestOutcome.Answered, "here")] = earlier,
                [new(minute, "", "builtin", "m", RequestOutcome.Failed, "here")] = earlier,
                [new(minute - 60, "", "builtin", "m", RequestOutcome.Answered, "here")] = earlier,
                [new(minute, OwnRequest.ShadowKey, "builtin", "m", RequestOutcome.Answered, "here")] = earlier,
            },
            _time.GetUtcNow());
        await AskAsync("""{"model":"m"}""");
        var section = new MinuteSection(accounts, table, _time);

        var first = await ReadAsync(section);
        await AskAsync("""{"model":"m"}""");
        accounts.Flush();
        var second = await ReadAsync(section);

        Assert.Equal(["2026-11-29T10:29Z", "2026-11-29T10:30Z"], first.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Equal((2, 0, 8, 5), Of(first["2026-11-29T10:29Z"]!));
        Assert.Equal((3, 2, 12, 5), Of(first["2026-11-29T10:30Z"]!));
        Assert.Equal((4, 2, 16, 5), Of(second["2026-11-29T10:30Z"]!));
        // who looks again after a while finds the same in the table
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((4, 2, 16, 5), Of((await ReadAsync(section))["2026-11-29T10:30Z"]!));

        static (int Requests, int Failed, int Answer, int Cached) Of(JsonNode minute) => ((int)minute["requests"]!, (int)minute["failed"]!, (int)minute["answer_tokens"]!, (int)minute["cached_tokens"]!);
    }

    [Fact]
    public async Task It_is_told_why_a_request_went_where_it_went_and_no_word_of_it()
    {
        await using var one = _host.Engine("a", talk => talk.JsonAsync("{}"));
        await using var two = _host.Engine("b", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a", "b"), _host.Model("alone", "a"));
        await AskAsync("""{"model":"m","messages":[{"role":"user","content":"a secret"}]}""");
        await AskAsync("""{"model":"alone","messages":[{"role":"user","content":"a secret"}]}""");

        var routes = await ReadAsync(new RouteSection(_host.Services.GetRequiredService<RouteLog>()));

        Assert.Equal(["1", "2"], routes.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        var chosen = routes["1"]!;
        Assert.Equal(("m", "m", "builtin", 1), ((string?)chosen["asked"], (string?)chosen["model"], (string?)chosen["provider"], (int)chosen["attempt"]!));
        Assert.Equal(["a", "b"], chosen["candidates"]!.AsArray().Select(candidate => (string?)candidate!["instance"]));
        Assert.Equal((string?)chosen["instance"], chosen["candidates"]!.AsArray().Where(candidate => (bool)candidate!["chosen"]!).Select(candidate => (string?)candidate!["instance"]).Single());
        Assert.Empty(routes["2"]!["candidates"]!.AsArray());
        Assert.DoesNotContain("secret", routes.ToJsonString(), StringComparison.Ordinal);
        using var owner = _host.Owner();
        var recent = JsonNode.Parse(await owner.GetStringAsync("/helix/v1/route/recent"))!["decisions"]!.AsArray();
        Assert.Equal([2, 1], recent.Select(decision => (int)decision!["id"]!));
    }

    [Fact]
    public async Task Of_more_requests_than_are_kept_the_last_are_told_each_as_it_was()
    {
        await using var one = _host.Engine("a", talk => talk.JsonAsync("{}"));
        await using var two = _host.Engine("b", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a", "b"), _host.Model("alone", "a"));
        var (begin, pause) = (_time.GetUtcNow(), TimeSpan.FromMilliseconds(600));
        for (var number = 1; number <= RouteLog.Kept + 3; number++)
        {
            _time.Advance(pause);
            await AskAsync(number % 2 == 0 ? """{"model":"m"}""" : """{"model":"alone"}""", IdOf(number));
        }

        var newest = _host.Services.GetRequiredService<RouteLog>().Newest(RouteLog.Kept);

        Assert.Equal(RouteLog.Kept, newest.Count);
        foreach (var (at, decision) in newest.Index())
        {
            var number = RouteLog.Kept + 3 - at;
            var (model, candidates) = number % 2 == 0 ? ("m", 2) : ("alone", 0);
            Assert.Equal(((long)number, model, candidates, begin + number * pause), (decision.Id, decision.Model, decision.Candidates.Length, decision.At));
            Assert.Equal(IdOf(number), decision.RequestId);
        }

        // some longer than what stood there before, some shorter
        static string IdOf(int number) => new('r', 1 + number * 7 % 128);
    }

    [Fact]
    public async Task A_model_tells_who_serves_it_and_who_waits()
    {
        _host.Fleet.Set(_host.Model("m", "a") with { Seats = [new("builtin", new ModelAvailability.Ready(), null)] });

        var model = (await ReadAsync(new ModelSection(_host.Fleet, _host.Admission)))["m"]!;

        Assert.Equal(("ready", "own", 0, 0), ((string?)model["state"], (string?)model["origin"], (int)model["running"]!, (int)model["waiting"]!));
        Assert.Equal(["builtin"], model["providers"]!.AsArray().Select(provider => (string?)provider));
        Assert.Equal(["chat", "completion"], model["abilities"]!.AsArray().Select(ability => (string?)ability));
    }

    [Fact]
    public async Task The_other_names_of_models_are_told_as_they_are_now()
    {
        string[] names = ["fast"];
        var section = new HelixSection(new DaemonFacts("v", "a", _time.GetUtcNow(), () => []) { Aliases = () => names }, () => null);
        Assert.Equal("""["fast"]""", (await ReadAsync(section))["self"]!["aliases"]!.ToJsonString());

        names = [];
        Assert.Equal("[]", (await ReadAsync(section))["self"]!["aliases"]!.ToJsonString());
    }

    [Fact]
    public async Task A_provider_tells_what_its_sessions_take()
    {
        var ticks = 1000L;
        var scans = 0;
        var processors = new EngineProcessors(
            () =>
            {
                scans++;
                return [Process(7, 7), Process(8, 7), Process(9, 9)];
            },
            pid => pid == 9 ? null : Process(pid, 7, ticks), _time);
        _host.Fleet.Instances = [new("builtin-m", "builtin", "m", ProviderState.Ready, "it answers", 7, 0, DateTimeOffset.UnixEpoch) { MeasuredBytes = 123 }];
        _host.Fleet.Set(_host.Model("m", "a") with { Seats = [new("builtin", new ModelAvailability.Ready(), null)] });
        var section = new FigureSection(_host.Fleet, _host.Counters, processors, _time);
        Assert.Null((await ReadAsync(section))["builtin"]!["cpu"]);

        ticks += 100;
        _time.Advance(TimeSpan.FromSeconds(1));
        var figures = (await ReadAsync(section))["builtin"]!;

        // two processes of a hundred ticks each in a second
        Assert.Equal(2.0, (double)figures["cpu"]!);
        Assert.Equal((123, 0, 0), ((int)figures["memory_bytes"]!, (int)figures["in_flight"]!, (int)figures["requests"]!));
        Assert.Equal(1, scans);

        static ProcStat Process(int pid, int session, long ticks = 0) => new(pid, 'S', 1, session, session, 1, ticks, 5);
    }

    [Fact]
    public void Of_whom_nothing_is_seen_is_not_looked_for_again_and_again()
    {
        var scans = 0;
        var processors = new EngineProcessors(
            () =>
            {
                scans++;
                return [];
            },
            _ => null, _time);
        for (var second = 0; second < 5; second++)
        {
            Assert.Null(processors.Busy([7])[7]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, scans);
        Assert.Null(processors.Busy([7, 8])[8]);
        Assert.Equal(2, scans);
    }

    /// <param name="id">That the client gives it; null for none.</param>
    private async Task AskAsync(string body, string? id = null)
    {
        using var response = await _host.PostAsync(body, more: request =>
        {
            if (id is not null) request.Headers.Add(RequestIds.Header, id);
        });
        await response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
    }

    private static async Task<JsonObject> ReadAsync(ILiveSection section)
    {
        var reading = new LiveReading();
        await section.ReadAsync(reading, TestContext.Current.CancellationToken);
        return new(reading.Rows.Select(row => KeyValuePair.Create(row.Key, JsonNode.Parse(Encoding.UTF8.GetString(row.Json)))));
    }
}
