using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Planning;
using Helix.Daemon;
using Helix.Fleet;
using Helix.Processes;
using Helix.Storage;
using Helix.Tests.Fleet.Fakes;
using Helix.Variants;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Fleet;

public sealed partial class FleetTests : IAsyncDisposable
{
    private const ModelAbilities Chatty = ModelAbilities.Chat | ModelAbilities.Completion;
    private readonly FakeProcessHost _host = new();
    private readonly FakeTokenWatch _tokens = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource _stop = new();
    private readonly BuiltinRecipe _recipe = new("/bin/helix", new HelixHome("/home/x"), "v0", name => $"/run/{name}.sock");
    private Verdict _verdict = new Verdict.Healthy();
    private Helix.Fleet.Fleet? _fleet;
    private Task _run = Task.CompletedTask;

    [Fact]
    public async Task The_self_test_becomes_ready_and_has_a_backend()
    {
        var fleet = Start(SelfTest());

        await ReadyAsync(fleet, "helix-selftest");

        var model = Assert.Single(fleet.Current.Models);
        Assert.Equal("/run/builtin-helix-selftest.sock", Assert.Single(model.Backends).Endpoint);
        Assert.Equal(ProviderState.Ready, Assert.Single(fleet.Current.Providers).State);
    }

    [Fact]
    public async Task An_end_that_the_fleet_was_told_of_is_kept_by_nobody_any_longer()
    {
        var gone = new ProcessIdentity("builtin-removed", 7, 1);
        var foreign = new ProcessIdentity("tool:something-else", 8, 1);
        _host.Dead.AddRange([new(gone, new ProcessExit(gone, 0, null)), new(foreign, new ProcessExit(foreign, 0, null))]);
        var pump = new ExitPump(_host, Start(SelfTest()), _time, NullLogger<ExitPump>.Instance);

        await pump.TellRunningAsync(TestContext.Current.CancellationToken);
        Assert.Equal([gone, foreign], _host.Dead.Select(dead => dead.Identity));
        await pump.TellRunningAsync(TestContext.Current.CancellationToken);

        Assert.Equal([foreign], _host.Dead.Select(dead => dead.Identity));
    }

    [Fact]
    public async Task A_model_added_takes_over_and_the_self_test_is_stopped_after()
    {
        var fleet = Start(SelfTest());
        await ReadyAsync(fleet, "helix-selftest");

        fleet.Update(Inputs(Model("a", 1), SelfTest()));
        await ReadyAsync(fleet, "a");

        await Eventually.TrueAsync(() => _host.Signals.Any(s => s.Process.Name == "builtin-helix-selftest"), "the self-test to be asked to stop");
        fleet.TellExit(_host.End("builtin-helix-selftest", 0, null));
        await Eventually.TrueAsync(() => fleet.Current.Instances.All(i => i.Model == "a"), "only one instance left");
    }

    [Fact]
    public async Task A_request_wakes_a_sleeping_model()
    {
        var fleet = Start(Model("a", 2), Model("b", 1), SelfTest());
        await ReadyAsync(fleet, "a");
        Assert.IsType<ModelAvailability.Asleep>(fleet.Current.Models.Single(m => m.Id == "b").Availability);

        fleet.Want("b");

        await ReadyAsync(fleet, "b");
    }

    [Fact]
    public async Task Another_build_of_the_engine_replaces_what_runs_but_not_the_self_test()
    {
        var fleet = Start(Model("a", 1), SelfTest());
        await ReadyAsync(fleet, "a");
        var build = new EngineLibraries(EngineVariant.Vulkan, "/home/x/vulkan", new Dictionary<string, string> { ["GGML_VK_VISIBLE_DEVICES"] = "0" });

        fleet.Update(Inputs(Model("a", 1), SelfTest()) with { Libraries = build });
        await Eventually.TrueAsync(() => _host.Signals.Any(s => s.Process.Name == "builtin-a"), "the engine to be asked to stop");
        fleet.TellExit(_host.End("builtin-a", 0, null));
        await Eventually.TrueAsync(() => _host.Started.Count(p => p.Name == "builtin-a") == 2, "the engine to be started again");
        await ReadyAsync(fleet, "a");

        Assert.Equal("v0, Vulkan", Assert.Single(fleet.Current.Providers).Release);
        var launch = _recipe.SpecOf(Model("a", 1), new(4096, 4, ""), new BuiltinConfig(), build).Launch;
        Assert.Equal(["--libraries", "/home/x/vulkan"], launch.Arguments.TakeLast(2));
        Assert.Equal("0", launch.Environment["GGML_VK_VISIBLE_DEVICES"]);
        Assert.DoesNotContain("--libraries", _recipe.SpecOf(SelfTest(), new(4096, 4, ""), new BuiltinConfig(), build).Launch.Arguments);
    }

    [Fact]
    public async Task A_model_that_the_device_cannot_bear_is_computed_by_the_processor()
    {
        var build = new EngineLibraries(EngineVariant.Vulkan, "/home/x/vulkan", new Dictionary<string, string>());
        // who is dead answers nobody, whoever looks first
        _verdict = new Verdict.Unwell(HealthStep.Listen, "nothing listens there yet");
        _host.DiesAtBirth = exit => _fleet!.TellExit(exit);
        var fleet = Start(Inputs(Model("a", 1), SelfTest()) with { Libraries = build });

        await Eventually.TrueAsync(
            () =>
            {
                // every start on the device ends at once; the one without it lives
                if (_host.Launched.LastOrDefault() is { Name: "builtin-a" } last && !last.Arguments.Contains("--libraries")) return true;
                if (_host.Launched.Count(launch => launch.Name == "builtin-a") > 20) Assert.Fail("it was never tried without the device");
                return false;
            },
            () => _time.Advance(TimeSpan.FromSeconds(1)));

        Assert.Contains(_host.Launched, launch => launch.Name == "builtin-a" && launch.Arguments.Contains("--libraries"));
    }

    [Fact]
    public async Task What_runs_already_is_adopted_with_its_pid()
    {
        var found = await _host.SpawnAsync(_recipe.SpecOf(Model("a", 1), new(4096, 4, ""), new BuiltinConfig()).Launch, CancellationToken.None);
        var fleet = Start(Model("a", 1), SelfTest());

        await ReadyAsync(fleet, "a");

        Assert.Equal(found.Pid, fleet.Current.Instances.Single(i => i.Model == "a").Pid);
        Assert.Single(_host.Started);
    }

    [Fact]
    public async Task A_process_that_nothing_wants_is_asked_to_stop()
    {
        var stray = await _host.SpawnAsync(_recipe.SpecOf(Model("gone", 1), new(4096, 4, ""), new BuiltinConfig()).Launch, CancellationToken.None);

        Start(SelfTest());

        await Eventually.TrueAsync(() => _host.Signals.Contains((stray, ProcessSignal.Terminate)), "the stray to be asked to stop");
    }

    [Fact]
    public async Task Stopped_by_the_user_everything_stops_and_stays_down_until_started()
    {
        var fleet = Start(SelfTest());
        await ReadyAsync(fleet, "helix-selftest");

        fleet.Obey("builtin", Wish.Stop);
        await Eventually.TrueAsync(() => _host.Signals.Count > 0, "a signal");
        fleet.TellExit(_host.End("builtin-helix-selftest", 0, null));
        await Eventually.TrueAsync(() => fleet.Current.Providers[0] is { State: ProviderState.Standby, Pid: null }, "standby");
        Assert.Contains("stopped by you", fleet.Current.Providers[0].Reason, StringComparison.Ordinal);
        var health = StatusEndpoints.HealthOf(fleet.Current, new DaemonFacts("v", "a", _time.Start, () => []));
        Assert.True(health.Healthy);
        Assert.Contains(
            new HealthFinding("helix", "warning", "a file is odd", "mend it"),
            StatusEndpoints.HealthOf(fleet.Current, new DaemonFacts("v", "a", _time.Start, () => [new("a file is odd", "mend it") { Words = "a file is odd; mend it" }])).Findings);
        Assert.Contains(new HealthFinding("models", "warning", "none is served: stopped by you", "helix local-llm start builtin"), health.Findings);
        Assert.Equal("off", StatusEndpoints.StatusOf(fleet.Current, [], new DaemonFacts("v", "a", _time.Start, () => [])).Models[0].State);
        Assert.Equal(["fast"], StatusEndpoints.StatusOf(fleet.Current, [], new DaemonFacts("v", "a", _time.Start, () => []) { Aliases = () => ["fast"] }).Aliases);

        fleet.Obey("builtin", Wish.Start);
        await ReadyAsync(fleet, "helix-selftest");
    }

    [Fact]
    public async Task An_end_that_nobody_told_of_is_noticed_by_comparing_twice()
    {
        var fleet = Start(SelfTest());
        await ReadyAsync(fleet, "helix-selftest");
        _host.End("builtin-helix-selftest");

        fleet.TellRunning([]);
        await fleet.SettledAsync();
        Assert.Single(_host.Started);
        fleet.TellRunning([]);

        await Eventually.TrueAsync(() => _host.Started.Count == 2, "a second start");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_engine_that_answers_is_replaced_by_another_build_only_when_it_has_answered(bool isTakenBack)
    {
        var fleet = Start(Model("a", 1), SelfTest());
        await ReadyAsync(fleet, "a");
        _tokens.Known["builtin-a"] = (1, _time.GetUtcNow());

        fleet.Update(Inputs(Model("a", 1), SelfTest()) with { Libraries = new EngineLibraries(EngineVariant.Vulkan, "/home/x/vulkan", new Dictionary<string, string>()) });
        await fleet.SettledAsync();
        Assert.DoesNotContain(_host.Signals, s => s.Process.Name == "builtin-a");
        Assert.IsType<ModelAvailability.Coming>(Availability(fleet, "a"));
        Assert.True(fleet.Current.Instances.Single(instance => instance.Model == "a").IsOutdated);

        if (isTakenBack)
        {
            fleet.Update(Inputs(Model("a", 1), SelfTest()));
            await ReadyAsync(fleet, "a");
            Assert.Single(_host.Started, p => p.Name == "builtin-a");
            return;
        }

        _tokens.Known["builtin-a"] = (0, _time.GetUtcNow());
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await Eventually.TrueAsync(() => _host.Signals.Any(s => s.Process.Name == "builtin-a"), "the engine to be asked to stop");
        fleet.TellExit(_host.End("builtin-a", 0, null));
        await Eventually.TrueAsync(() => _host.Started.Count(p => p.Name == "builtin-a") == 2, "the engine to be started again");
        await ReadyAsync(fleet, "a");
    }

    [Fact]
    public async Task A_model_that_answers_is_stopped_for_another_only_when_it_has_answered()
    {
        PlannedModel[] models = [Model("a", 2) with { Bytes = 10_000_000_000 }, Model("b", 1) with { Bytes = 10_000_000_000 }];
        var fleet = Start(models);
        await ReadyAsync(fleet, "a");
        _tokens.Known["builtin-a"] = (1, _time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(1));

        fleet.Want("b");
        await fleet.SettledAsync();
        Assert.Equal("waits for memory until a has answered", Assert.IsType<ModelAvailability.Coming>(Availability(fleet, "b")).Progress);
        Assert.Empty(_host.Signals);

        _tokens.Known["builtin-a"] = (0, _time.GetUtcNow().AddSeconds(-1));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => _host.Signals.Any(s => s.Process.Name == "builtin-a"), "a to be asked to stop");
        fleet.TellExit(_host.End("builtin-a", 0, null));
        await ReadyAsync(fleet, "b");
    }

    [Fact]
    public async Task Asking_for_a_model_again_and_again_is_no_change()
    {
        var fleet = Start(Model("a", 1), SelfTest());
        await ReadyAsync(fleet, "a");
        fleet.Want("a");
        await fleet.SettledAsync();
        var version = fleet.Current.Version;

        fleet.Want("a");
        await fleet.SettledAsync();

        Assert.Equal(version, fleet.Current.Version);
    }

    [Fact]
    public async Task A_model_that_its_engine_refuses_is_told_as_failed_with_the_remedy()
    {
        var fleet = Start(Model("a", 1), SelfTest());
        await ReadyAsync(fleet, "a");

        fleet.TellExit(_host.End("builtin-a", 4, null));

        await Eventually.TrueAsync(() => Availability(fleet, "a") is ModelAvailability.Failed, "a failed");
        Assert.Contains("helix models remove a", ((ModelAvailability.Failed)Availability(fleet, "a")).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_automatic_recovery_an_end_is_a_failure_until_it_is_allowed_again()
    {
        var fleet = Start(SelfTest());
        await ReadyAsync(fleet, "helix-selftest");
        fleet.Update(Inputs(SelfTest()) with { Config = HelixConfig.Default with { Health = new HealthConfig(AutoRecovery: false) } });

        fleet.TellExit(_host.End("builtin-helix-selftest"));
        await Eventually.TrueAsync(() => Availability(fleet, "helix-selftest") is ModelAvailability.Failed, "it failed");
        Assert.Contains("helix local-llm start builtin", ((ModelAvailability.Failed)Availability(fleet, "helix-selftest")).Remedy, StringComparison.Ordinal);

        fleet.Update(Inputs(SelfTest()));
        await ReadyAsync(fleet, "helix-selftest");
    }

    [Fact]
    public async Task What_an_engine_was_seen_to_take_is_reserved_from_then_on_and_told_to_who_remembers_it()
    {
        var told = new List<(MeasuredSeat Seat, long Bytes)>();
        var fleet = Start(Inputs(Model("a", 1), SelfTest()), measured: (seat, bytes) => told.Add((seat, bytes)));
        await ReadyAsync(fleet, "a");
        var estimated = fleet.Current.Instances.Single(i => i.Model == "a");

        fleet.TellMemory(estimated.Name, estimated.Pid!.Value, 3_000_000_000);
        fleet.TellMemory(estimated.Name, estimated.Pid!.Value + 1, 9_000_000_000); // of one that is gone
        await fleet.SettledAsync();

        var measured = fleet.Current.Instances.Single(i => i.Model == "a");
        Assert.Equal((3_000_000_000, 3_150_000_000), (measured.MeasuredBytes, measured.ReservedBytes));
        Assert.True(estimated.ReservedBytes < 1_000_000_000);
        Assert.Equal(3_000_000_000, Assert.Single(told).Bytes);
        Assert.Equal(estimated.Pid, measured.Pid);
    }

    [Fact]
    public async Task An_idle_engine_makes_room_when_what_was_measured_leaves_too_little()
    {
        var fleet = Start(Inputs(Model("a", 1), SelfTest()));
        fleet.Want("a");
        await ReadyAsync(fleet, "a");
        var a = fleet.Current.Instances.Single(i => i.Model == "a");
        fleet.TellMemory(a.Name, a.Pid!.Value, 14_000_000_000);
        await fleet.SettledAsync();
        _time.Advance(TimeSpan.FromSeconds(3));

        fleet.Update(Inputs(Model("a", 1), Model("b", 0) with { Bytes = 2_000_000_000 }, SelfTest()));
        fleet.Want("b");
        await Eventually.TrueAsync(() => _host.Signals.Any(signal => signal.Process.Name == a.Name), "a is asked to stop");
        Assert.DoesNotContain(_host.Launched, launch => launch.Name == "builtin-b");
        fleet.TellExit(_host.End(a.Name));

        await ReadyAsync(fleet, "b");
    }

    [Fact]
    public async Task A_model_on_its_way_is_listed_as_coming()
    {
        var fleet = Start(SelfTest());
        fleet.Update(Inputs(SelfTest()) with { Coming = [new ComingModel("qwen", "fetching: 42 %", ModelAbilities.Chat)] });
        await fleet.SettledAsync();

        var coming = fleet.Current.Models.Single(m => m.Id == "qwen");
        Assert.Equal("fetching: 42 %", Assert.IsType<ModelAvailability.Coming>(coming.Availability).Progress);
    }

    [Fact]
    public async Task Where_one_runs_at_a_time_the_next_is_started_only_when_the_one_before_is_gone()
    {
        var fleet = Start(Inputs(SelfTest()), most: 1);
        await ReadyAsync(fleet, "helix-selftest");

        fleet.Update(Inputs(Model("a", 1), SelfTest()));
        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Signals.Any(sent => sent.Process.Name == "builtin-helix-selftest"); }, "the first is asked to stop");
        await fleet.SettledAsync();
        lock (_host.Alive) Assert.DoesNotContain(_host.Started, process => process.Name == "builtin-a");

        fleet.TellExit(_host.End("builtin-helix-selftest"));
        await ReadyAsync(fleet, "a");
    }

    [Fact]
    public async Task Every_change_is_seen_by_those_who_wait_for_it()
    {
        var fleet = Start(SelfTest());
        await ReadyAsync(fleet, "helix-selftest");
        var version = fleet.Current.Version;

        var waiting = fleet.ChangedAsync(version, TestContext.Current.CancellationToken);
        fleet.Update(Inputs(Model("a", 1), SelfTest()));
        await waiting;

        Assert.True(fleet.Current.Version > version);
        await fleet.ChangedAsync(version, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private Helix.Fleet.Fleet Start(params PlannedModel[] models) => Start(Inputs(models));

    private Helix.Fleet.Fleet Start(FleetInputs inputs, int? most = null, Action<MeasuredSeat, long>? measured = null, string home = "/home/x", List<InstanceStatus>? faults = null, Func<InstanceSpec, bool>? isAsLaunched = null, Action<InstanceStatus>? moved = null)
    {
        var provider = new BuiltinRecipe("/bin/helix", new HelixHome(home), "v0", name => $"/run/{name}.sock").Provider;
        var tools = new FleetTools(_host, provider with { Plan = provider.Plan with { MostInstances = most } }, _ => new FakeProber { Verdict = _verdict }, _tokens, _time, NullLoggerFactory.Instance) { Random = new Random(1), IsAsLaunched = isAsLaunched ?? (_ => true) };
        _fleet = new Helix.Fleet.Fleet(tools, inputs) { OnMeasured = measured ?? ((_, _) => { }), OnFault = status => faults?.Add(status), OnTransition = (_, after, _) => moved?.Invoke(after) };
        _fleet.TellRunning([.. _host.Alive.Values.Select(p => new KnownProcess(p, null))]);
        _run = _fleet.RunAsync(_stop.Token);
        return _fleet;
    }

    private static FleetInputs Inputs(params PlannedModel[] models) => new(HelixConfig.Default, models, [], 16_000_000_000);

    private PlannedModel Model(string id, int day) => new(id, $"/m/{id}", 1000, 10, 4096, Chatty, false, _time.Start.AddDays(-10 + day));

    private PlannedModel SelfTest() => Model("helix-selftest", 0) with { IsSelfTest = true };

    private static ModelAvailability Availability(IFleetView fleet, string model) => fleet.Current.Models.Single(m => m.Id == model).Availability;

    private static Task ReadyAsync(IFleetView fleet, string model) => Eventually.TrueAsync(
        () => fleet.Current.Models.Any(m => m.Id == model && m.Availability is ModelAvailability.Ready), $"{model} ready");
}
