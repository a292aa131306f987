using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Fleet;
using Helix.Processes;
using Helix.Tests.Fleet.Fakes;
using Helix.Tests.Install;
using Helix.Tests.Variants;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Fleet;

public sealed class EngineProberTests : IDisposable
{
    private readonly FakeTokenWatch _tokens = new();
    private readonly EngineProber _prober;

    public EngineProberTests()
    {
        _prober = new(Spec("/nonexistent/e.sock"), _tokens, TimeProvider.System);
    }

    [Fact]
    public async Task Where_nothing_listens_it_is_unwell_at_that_step() =>
        Assert.Equal(HealthStep.Listen, Assert.IsType<Verdict.Unwell>(await LookAsync(TimeSpan.FromMinutes(1))).Step);

    [Fact]
    public async Task Tokens_since_the_last_look_outweigh_a_silent_endpoint()
    {
        await LookAsync(TimeSpan.FromMinutes(1));
        _tokens.Known["builtin-m"] = (1, TimeProvider.System.GetUtcNow().AddSeconds(1));

        Assert.IsType<Verdict.Healthy>(await LookAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Tokens_of_the_process_before_do_not_make_a_new_one_healthy()
    {
        await LookAsync(TimeSpan.FromMinutes(1));
        _tokens.Known["builtin-m"] = (0, TimeProvider.System.GetUtcNow().AddSeconds(1));

        Assert.IsType<Verdict.Unwell>(await LookAsync(ago: TimeSpan.FromSeconds(-2)));
    }

    [Theory]
    [InlineData("/health", HealthStep.Endpoint, "/health says 503")]
    [InlineData("/v1/models", HealthStep.Identity, "it serves no model instead of m")]
    [InlineData("/v1/completions", HealthStep.Token, "asked for one token, it answered 503")]
    [InlineData("", null, null)]
    internal async Task An_engine_is_unwell_at_the_step_that_it_does_not_pass(string broken, HealthStep? step, string? why)
    {
        await using var engine = await EngineAsync(broken, (context, _) => Refuse(context));
        using var prober = new EngineProber(Spec(EngineEndpoint.OnPort(new Uri(engine.Url).Port)), _tokens, TimeProvider.System);

        var verdict = await prober.LookAsync(0, TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);

        Assert.Equal(step is { } at ? new Verdict.Unwell(at, why!) : new Verdict.Healthy(), verdict);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_engine_that_answers_well_and_says_nothing_is_unwell_unless_it_computes_the_end(bool endIsToken)
    {
        await using var engine = await EngineAsync("/v1/completions", async (context, _) => await context.Response.WriteAsync("""{"choices":[{"text":"","finish_reason":"stop"}],"usage":{"completion_tokens":0}}"""));
        var spec = Spec(EngineEndpoint.OnPort(new Uri(engine.Url).Port));
        using var prober = new EngineProber(spec with { Probes = spec.Probes with { EndIsToken = endIsToken } }, _tokens, TimeProvider.System);

        var verdict = await prober.LookAsync(0, TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);

        Assert.Equal(endIsToken ? new Verdict.Healthy() : new Verdict.Unwell(HealthStep.Token, "asked for one token, it answered without any"), verdict);
    }

    [Fact]
    public async Task The_first_token_may_take_as_long_as_the_manifest_and_the_size_of_the_model_allow_and_the_words_say_how_long()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var asked = new TaskCompletionSource();
        await using var engine = await EngineAsync("/v1/completions", async (context, gone) =>
        {
            asked.TrySetResult();
            await gone;
        });
        var spec = Spec(EngineEndpoint.OnPort(new Uri(engine.Url).Port)) with { ModelBytes = 1_000_000_000, Steps = StepPatience.Within(TimeSpan.FromSeconds(60)) with { Canary = TimeSpan.FromSeconds(40) } };
        using var prober = new EngineProber(spec, _tokens, time);

        var look = prober.LookAsync(0, time.GetUtcNow(), TestContext.Current.CancellationToken);
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(look.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new Verdict.Unwell(HealthStep.Token, "asked for one token, it did not answer within 60 s"), await look);
    }

    [Fact]
    public async Task One_that_hangs_while_somebody_waits_is_unwell_after_45_seconds_and_not_before()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(1));
        await using var engine = await EngineAsync("", (context, _) => Refuse(context));
        using var prober = new EngineProber(Spec(EngineEndpoint.OnPort(new Uri(engine.Url).Port)), _tokens, time);
        var started = time.GetUtcNow();
        Assert.IsType<Verdict.Healthy>(await prober.LookAsync(0, started, TestContext.Current.CancellationToken));

        _tokens.Busy["builtin-m"] = new(1, null, time.GetUtcNow());
        time.Advance(TimeSpan.FromSeconds(44));
        Assert.IsType<Verdict.Busy>(await prober.LookAsync(0, started, TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new Verdict.Unwell(HealthStep.Token, "no token for 45 s while 1 request waits for one"), await prober.LookAsync(0, started, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_that_answers_nobody_while_somebody_waits_gets_the_same_45_seconds()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(1));
        var silent = false;
        await using var engine = await EngineAsync("/health", async (context, gone) =>
        {
            if (silent) await gone;
        });
        using var prober = new EngineProber(Spec(EngineEndpoint.OnPort(new Uri(engine.Url).Port)), _tokens, time);
        Assert.IsType<Verdict.Healthy>(await LookAsync(TimeSpan.Zero));
        (silent, _tokens.Busy["builtin-m"]) = (true, new(1, null, time.GetUtcNow()));

        Assert.IsType<Verdict.Busy>(await LookAsync(TimeSpan.FromSeconds(3)));
        time.Advance(TimeSpan.FromSeconds(43));

        Assert.Equal(HealthStep.Endpoint, Assert.IsType<Verdict.Unwell>(await LookAsync(TimeSpan.FromSeconds(3))).Step);

        async Task<Verdict> LookAsync(TimeSpan passes)
        {
            var look = prober.LookAsync(0, time.Start, TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(() => look.IsCompleted, () => time.Advance(passes));
            return await look;
        }
    }

    [Fact]
    public async Task One_whose_own_count_grows_is_busy_however_long_nothing_comes_out_of_it()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(1));
        await using var engine = await EngineAsync("", (context, _) => Refuse(context));
        using var prober = new EngineProber(Spec(EngineEndpoint.OnPort(new Uri(engine.Url).Port)), _tokens, time);
        _tokens.Busy["builtin-m"] = new(1, null, time.GetUtcNow());
        for (var look = 0; look < 10; look++)
        {
            engine.Files["/metrics"] = System.Text.Encoding.UTF8.GetBytes($"helix_engine_prompt_tokens_total {look}\n");
            Assert.IsType<Verdict.Busy>(await prober.LookAsync(0, time.Start, TestContext.Current.CancellationToken));
            time.Advance(TimeSpan.FromSeconds(40));
        }
    }

    [Fact]
    public async Task One_that_computes_is_busy_though_its_endpoint_is_silent()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(1));
        var silent = false;
        await using var engine = await EngineAsync("/health", async (context, gone) =>
        {
            if (silent) await gone;
        });
        using var prober = new EngineProber(Spec(EngineEndpoint.OnPort(new Uri(engine.Url).Port)), _tokens, time);
        var host = new RealProcesses();
        var computer = await host.SpawnAsync(
            new LaunchSpec("computer", "/bin/sh", ["-c", "while :; do :; done"], new Dictionary<string, string>(), "/", "/dev/null"), TestContext.Current.CancellationToken);
        try
        {
            Assert.IsType<Verdict.Healthy>(await prober.LookAsync(computer.Pid, time.Start, TestContext.Current.CancellationToken));
            silent = true;

            // what a processor did in a second of the machine counts as that of two seconds of the test's clock
            var ticks = ProcessTable.SessionTicks(computer.Pid);
            await Eventually.TrueAsync(() => ProcessTable.SessionTicks(computer.Pid) > ticks + 100, "a second of computing");
            var look = prober.LookAsync(computer.Pid, time.Start, TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(() =>
            {
                time.Advance(TimeSpan.FromSeconds(2));
                return look.IsCompleted;
            });

            Assert.IsType<Verdict.Busy>(await look);
        }
        finally
        {
            await host.SignalAsync(computer, ProcessSignal.Kill, CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("""{"results":[{"index":0,"relevance_score":0.5}]}""", true)]
    [InlineData("""{"results":[]}""", false)]
    public async Task One_that_ranks_texts_is_asked_for_a_ranking(string answer, bool isWell)
    {
        await using var engine = await EngineAsync("/v1/completions", (context, _) => Refuse(context));
        engine.Files["/v1/rerank"] = System.Text.Encoding.UTF8.GetBytes(answer);
        using var prober = new EngineProber(Spec(EngineEndpoint.OnPort(new Uri(engine.Url).Port)) with { Abilities = ModelAbilities.Rerank }, _tokens, TimeProvider.System);

        var verdict = await prober.LookAsync(0, TimeProvider.System.GetUtcNow().AddMinutes(-1), TestContext.Current.CancellationToken);

        Assert.Equal(isWell, verdict is Verdict.Healthy);
    }

    public void Dispose() => _prober.Dispose();

    /// <summary>An engine that serves the model m, and is broken at one path.</summary>
    private static async Task<FileServer> EngineAsync(string path, Func<HttpContext, Task, Task> broken)
    {
        var engine = await FileServer.StartAsync();
        engine.Files["/health"] = [];
        engine.Files["/v1/models"] = """{"data":[{"id":"m"}]}"""u8.ToArray();
        engine.Files["/v1/completions"] = """{"choices":[{"text":" b"}]}"""u8.ToArray();
        engine.Before = async context =>
        {
            if (context.Request.Path != path) return false;
            await broken(context, Gone(context));
            return true;
        };
        return engine;
    }

    /// <summary>Completes when whoever asked has left.</summary>
    private static Task Gone(HttpContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.RequestAborted.Register(gone.SetResult);
        return gone.Task;
    }

    private static Task Refuse(HttpContext context)
    {
        context.Response.StatusCode = 503;
        return Task.CompletedTask;
    }

    private static InstanceSpec Spec(string endpoint) =>
        new("builtin-m", "builtin", "m", endpoint, 0, ModelAbilities.Completion, new LaunchSpec("builtin-m", "/bin/engine", [], new Dictionary<string, string>(), "/", "/nonexistent/log"));

    private Task<Verdict> LookAsync(TimeSpan ago) => _prober.LookAsync(0, TimeProvider.System.GetUtcNow() - ago, TestContext.Current.CancellationToken);
}
