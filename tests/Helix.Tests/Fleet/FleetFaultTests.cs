using Helix.Core.Fleet;
using Helix.Processes;
using Helix.Tests.Fakes;

namespace Helix.Tests.Fleet;

/// <summary>Engines that went down, or were left by an earlier daemon.</summary>
public sealed partial class FleetTests
{
    [Fact]
    public async Task An_engine_of_an_earlier_daemon_that_would_be_started_otherwise_now_is_ended_and_started_anew()
    {
        var old = await _host.SpawnAsync(new LaunchSpec("builtin-a", "/bin/helix", [], new Dictionary<string, string>(), "/", "/log"), TestContext.Current.CancellationToken);
        var fleet = Start(Inputs(Model("a", 1), SelfTest()), isAsLaunched: _ => false);

        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Signals.Any(sent => sent.Process == old); }, "the old one is asked to end");
        fleet.TellExit(_host.End("builtin-a", 0, null));

        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Started.Count(process => process.Name == "builtin-a") == 2; }, "a new one");
        await ReadyAsync(fleet, "a");
    }

    [Fact]
    public async Task What_an_engine_runs_from_is_not_trusted_any_more_and_it_is_started_anew()
    {
        var fleet = Start(SelfTest());
        await ReadyAsync(fleet, "helix-selftest");

        fleet.Renew("vllm", "not to be trusted");
        await fleet.SettledAsync();
        lock (_host.Alive) Assert.Empty(_host.Signals);

        fleet.Renew("builtin", "not to be trusted");
        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Signals.Any(sent => sent.Process.Name == "builtin-helix-selftest" && sent.Signal == ProcessSignal.Terminate); }, "it is asked to end");
        fleet.TellExit(_host.End("builtin-helix-selftest", 0, null));

        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Started.Count(process => process.Name == "builtin-helix-selftest") == 2; }, "a new one");
        await ReadyAsync(fleet, "helix-selftest");
    }

    [Fact]
    public async Task An_engine_that_is_to_be_started_anew_answers_first_whom_it_answers_and_gets_nothing_new()
    {
        var fleet = Start(Model("a", 1), SelfTest());
        await ReadyAsync(fleet, "a");
        _tokens.Known["builtin-a"] = (1, _time.GetUtcNow());

        fleet.Renew("builtin", "made again");
        await fleet.SettledAsync();
        Assert.Empty(SignalsOf(_host.Alive["builtin-a"]));
        Assert.IsType<ModelAvailability.Coming>(Availability(fleet, "a"));
        // started anew as it is: what the settings say holds for it
        Assert.False(fleet.Current.Instances.Single(instance => instance.Model == "a").IsOutdated);

        _tokens.Known["builtin-a"] = (0, _time.GetUtcNow());
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await StartedAnewAsync(fleet, "builtin-a");
        await ReadyAsync(fleet, "a");
    }

    [Fact]
    public async Task One_instance_is_ended_at_once_whatever_it_answers_and_its_neighbours_go_on()
    {
        var fleet = Start(Model("a", 2), Model("b", 1), SelfTest());
        fleet.Want("b");
        await ReadyAsync(fleet, "a");
        await ReadyAsync(fleet, "b");
        foreach (var name in (string[])["builtin-a", "builtin-b"]) _tokens.Known[name] = (1, _time.GetUtcNow());
        var neighbour = _host.Alive["builtin-b"];

        fleet.RenewAtOnce("builtin-a", "not to be trusted");
        await StartedAnewAsync(fleet, "builtin-a");

        Assert.Empty(SignalsOf(neighbour));
        await ReadyAsync(fleet, "a");
    }

    [Fact]
    public async Task A_crash_long_after_one_that_is_forgiven_is_told_as_well()
    {
        List<InstanceStatus> faults = [];
        var fleet = Start(Inputs(Model("a", 1), SelfTest()), faults: faults);
        for (var crash = 1; crash <= 3; crash++)
        {
            await ReadyAsync(fleet, "a");
            _time.Advance(RestartPolicy.ForgivenAfter);
            await ReadyAsync(fleet, "a");

            fleet.TellExit(_host.End("builtin-a", null, 9));
            await Eventually.TrueAsync(() => faults.Count == crash, $"crash {crash} is told");
        }
    }

    private async Task StartedAnewAsync(Helix.Fleet.Fleet fleet, string name)
    {
        await Eventually.TrueAsync(() => SignalsOf(_host.Alive[name]).SequenceEqual([ProcessSignal.Terminate]), "it is asked to end");
        fleet.TellExit(_host.End(name, 0, null));
        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Started.Count(process => process.Name == name) == 2; }, "a new one");
    }

    [Fact]
    public async Task What_was_refused_memory_is_started_smaller_and_not_as_it_was()
    {
        using var log = new TemporaryHome();
        var faults = new List<InstanceStatus>();
        var fleet = Start(Inputs(Model("a", 1), SelfTest()), home: log.Home.Root, faults: faults);
        await ReadyAsync(fleet, "a");
        Assert.Equal("4", SlotsOf(_host.Launched.Last(launch => launch.Name == "builtin-a")));
        Directory.CreateDirectory(Path.GetDirectoryName(_host.Launched[0].LogFile)!);
        await File.WriteAllTextAsync(_host.Launched.Last(launch => launch.Name == "builtin-a").LogFile, "ggml: failed to allocate buffer\n", TestContext.Current.CancellationToken);

        fleet.TellExit(_host.End("builtin-a", 1, null));
        await Eventually.TrueAsync(() => { lock (_host.Alive) return SlotsOf(_host.Launched.Last(launch => launch.Name == "builtin-a")) == "2"; }, "a smaller start");

        Assert.Equal("memory_refused", Assert.Single(faults).Diagnosis!.Code);
        static string SlotsOf(LaunchSpec launch) => launch.Arguments[launch.Arguments.ToList().IndexOf("--slots") + 1];
    }
}
