using System.Globalization;

namespace Helix.EndToEnd;

/// <summary>Any process may be killed at any time; what a client sees of it is bounded.</summary>
[Collection(Alone.Name)]
public sealed class KillTests(KillTests.BusyHome busy) : IClassFixture<KillTests.BusyHome>
{
    private const string Model = "long-answer";
    private const string Short = """{"model":"long-answer","prompt":"Go","temperature":0,"max_tokens":3}""";
    private const string Long = """{"model":"long-answer","prompt":"Go","temperature":0,"max_tokens":6000,"stream":true}""";

    private readonly TempHome _home = busy.Home;

    [Fact]
    public async Task An_idle_engine_that_is_killed_is_ready_again_within_2_seconds()
    {
        await ForgiveAsync();
        var took = new List<double>();
        for (var round = 0; round < Ring.Kills; round++)
        {
            var killed = Engine();
            Processes.Signal(killed, Processes.Kill);
            took.Add(await SecondsAsync(() => IsReadyAsync(killed.Pid), "the engine is ready again"));

            (await _home.Gateway.PostAsync("/v1/completions", Short)).Is(200);
        }

        IsWithin(2, took);
    }

    [Fact]
    public async Task A_client_in_mid_stream_of_a_killed_engine_gets_a_typed_error_and_no_end_mark()
    {
        await ForgiveAsync();
        var took = new List<double>();
        for (var round = 0; round < Ring.Kills; round++)
        {
            using var stream = await _home.Gateway.StreamAsync("/v1/completions", Long);
            Assert.True(await stream.NextTextAsync(), "the stream ended before its first word");
            var killed = Engine();
            Processes.Signal(killed, Processes.Kill);
            var ready = SecondsAsync(() => IsReadyAsync(killed.Pid), "the engine is ready again");
            await stream.ToEndAsync();

            Assert.False(stream.Done, "a broken stream must not claim to be whole");
            Assert.StartsWith(stream.Text, BusyHome.Answer, StringComparison.Ordinal);
            Assert.NotNull(stream.Error);
            Assert.NotNull((string?)stream.Error["message"]);
            Assert.NotNull((string?)stream.Error["type"]);
            took.Add(await ready);
            (await _home.Gateway.PostAsync("/v1/completions", Short)).Is(200);
        }

        IsWithin(2, took);
    }

    [Fact]
    public async Task A_killed_daemon_costs_only_the_requests_in_flight_and_is_back_within_half_a_second()
    {
        var engines = _home.Engines;
        await using var crowd = new Crowd(_home.Gateway, clients: 4, "/v1/completions", Short);
        var took = new List<double>();
        for (var round = 0; round < Ring.Kills; round++)
        {
            await crowd.AnsweredAsync(8);
            Processes.Signal(_home.Daemon, Processes.Kill);
            took.Add(await SecondsAsync(async () => (await _home.Gateway.GetAsync("/v1/models")).Status == 200, "the gateway answers"));
        }

        await crowd.AnsweredAsync(8);
        var seen = await crowd.EndAsync();

        Ring.Say($"{seen.Answered} answered, {seen.Lost} lost in flight, {seen.Refused} refused, {seen.Failed.Count} failed otherwise");
        Assert.Equal(0, seen.Refused);
        Assert.Empty(seen.Failed);
        Assert.InRange(seen.Lost, 0, 4 * Ring.Kills);
        Assert.Equal(engines, _home.Engines);
        IsWithin(0.5, took);
    }

    [Fact]
    public async Task A_killed_keeper_is_replaced_and_everything_is_adopted_while_requests_are_answered()
    {
        var engines = _home.Engines;
        var daemon = _home.Daemon;
        await using var crowd = new Crowd(_home.Gateway, clients: 4, "/v1/completions", Short);
        for (var round = 0; round < Ring.Kills; round++)
        {
            await crowd.AnsweredAsync(8);
            var killed = _home.Keeper;
            Processes.Signal(killed, Processes.Kill);
            await Eventually.TrueAsync(() => _home.Alive.Count(process => process.Role == "keeper" && process != killed) == 1, "a new keeper");
        }

        await crowd.AnsweredAsync(8);
        var seen = await crowd.EndAsync();

        Ring.Say($"{seen.Answered} answered, {seen.Lost} lost in flight, {seen.Refused} refused, {seen.Failed.Count} failed otherwise");
        Assert.Equal((0, 0), (seen.Lost, seen.Refused));
        Assert.Empty(seen.Failed);
        Assert.Equal(engines, _home.Engines);
        Assert.Equal(daemon, _home.Daemon);
    }

    [Fact]
    public async Task A_new_keeper_looks_after_the_daemon_and_the_engines_that_it_adopted()
    {
        var keeper = _home.Keeper;
        Processes.Signal(keeper, Processes.Kill);
        await Eventually.TrueAsync(() => _home.Alive.Count(process => process.Role == "keeper" && process != keeper) == 1, "a new keeper");

        var engine = Engine();
        Processes.Signal(engine, Processes.Kill);
        await Eventually.TrueAsync(() => IsReadyAsync(engine.Pid), "an adopted engine that was killed is ready again");

        var daemon = _home.Daemon;
        Processes.Signal(daemon, Processes.Kill);
        await Eventually.TrueAsync(() => _home.Alive.Count(process => process.Role == "daemon" && process != daemon) == 1, "a new daemon");
        (await _home.Gateway.PostAsync("/v1/completions", Short)).Is(200);
    }

    /// <summary>One that was killed too often is brought back slowly: what another test did to it must not count here.</summary>
    private async Task ForgiveAsync() => (await _home.Api.PostAsync("/helix/v1/providers/builtin/start", "{}")).Is(200);

    private HomeProcess Engine() => _home.Engines.Single(process => process.CommandLine.Contains($"--alias {Model}", StringComparison.Ordinal));

    private async Task<bool> IsReadyAsync(int otherThan)
    {
        var status = (await _home.Api.GetAsync("/helix/v1/status")).Is(200).Json;
        return status["models"]!.AsArray().Any(model => (string?)model!["id"] == Model && (string?)model["state"] == "ready")
            && _home.Engines.Any(engine => engine.Pid != otherThan && engine.CommandLine.Contains($"--alias {Model}", StringComparison.Ordinal));
    }

    private static async Task<double> SecondsAsync(Func<Task<bool>> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await condition();
                }
                catch (HttpRequestException)
                {
                    return false; // in flight when its server died
                }
            },
            what);
        return TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The median: one slow round says something of the machine, half of them say something of helix.</summary>
    private static void IsWithin(double seconds, List<double> took)
    {
        var all = string.Join(' ', took.Select(value => value.ToString("0.000", CultureInfo.InvariantCulture)));
        Ring.Say($"seconds: {all}");
        Assert.True(took.Order().ElementAt(took.Count / 2) <= seconds, $"more than {seconds} s: {all}");
    }

    public sealed class BusyHome : RunningHome
    {
        public static string Answer { get; } = ModelFile.Words(7000);

        protected override async Task StartedAsync()
        {
            (await Home.HelixAsync("models", "add", ModelFile.Write(Home.Folder, Model, Answer))).Succeeded();
            await Eventually.TrueAsync(async () => (await Home.Gateway.PostAsync("/v1/completions", Short)).Status == 200, "the model answers");
        }
    }
}
