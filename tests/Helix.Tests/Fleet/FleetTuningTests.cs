using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Core.Tuning;

namespace Helix.Tests.Fleet;

/// <summary>Engines that are run otherwise than planned, warmed, or started anew, with nothing wrong.</summary>
public sealed partial class FleetTests
{
    [Fact]
    public async Task What_was_measured_to_be_better_is_run_so_and_again_otherwise_when_it_is_taken_back()
    {
        var fleet = Start(Model("a", 1), SelfTest());
        await ReadyAsync(fleet, "a");
        var seat = Assert.Single(await fleet.RunningAsync());
        Assert.Equal(("builtin-a", true, 4), (seat.Seat.Name, seat.IsServing, seat.Run.Slots));
        Assert.True(seat.Fits(8));
        Assert.Equal(["--slots", "2"], seat.Spare(seat.Run with { Slots = 2 }).Launch.Arguments.SkipWhile(word => word != "--slots").Take(2));

        fleet.Tune(seat.Seat, EngineTuning.None.With("slots", "8").With("threads", "3"));
        await RestartedWithAsync("--slots", "8");
        Assert.Equal("3", Said("--threads"));
        fleet.Tune(seat.Seat, EngineTuning.None);
        await RestartedWithAsync("--slots", "4");

        async Task RestartedWithAsync(string option, string value)
        {
            var times = _host.Started.Count(process => process.Name == "builtin-a");
            await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Signals.Any(sent => sent.Process == _host.Alive["builtin-a"]); }, "it is asked to stop");
            fleet.TellExit(_host.End("builtin-a", 0, null));
            await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Started.Count(process => process.Name == "builtin-a") > times; }, "it is started again");
            Assert.Equal(value, Said(option));
            await ReadyAsync(fleet, "a");
        }

        string Said(string option) => _host.Launched.Last(launch => launch.Name == "builtin-a").Arguments.SkipWhile(word => word != option).ElementAt(1);
    }

    [Fact]
    public async Task What_is_likely_to_be_asked_for_is_started_and_goes_again_when_nobody_asks()
    {
        var fleet = Start(Model("a", 2), Model("b", 1), SelfTest());
        await ReadyAsync(fleet, "a");

        fleet.Warm("b");
        await ReadyAsync(fleet, "b");

        _time.Advance(TimeSpan.FromMinutes(4));
        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Signals.Any(sent => sent.Process.Name == "builtin-b"); }, "it goes to sleep");
    }

    [Fact]
    public async Task An_engine_is_started_anew_for_a_reason_that_is_no_fault()
    {
        var faults = new List<InstanceStatus>();
        var fleet = Start(Inputs(Model("a", 1), SelfTest()), faults: faults);
        await ReadyAsync(fleet, "a");

        fleet.Renew(new Seat("builtin", "a"), "it takes ever more memory");
        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Signals.Any(sent => sent.Process.Name == "builtin-a"); }, "it is asked to stop");
        fleet.TellExit(_host.End("builtin-a", 0, null));
        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Started.Count(process => process.Name == "builtin-a") == 2; }, "it is started again");

        await ReadyAsync(fleet, "a");
        Assert.Empty(faults);
    }
}
