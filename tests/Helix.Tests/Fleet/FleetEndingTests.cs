using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Processes;
using Helix.Variants;

namespace Helix.Tests.Fleet;

/// <summary>When the fleet ends an engine, and when not yet.</summary>
public sealed partial class FleetTests
{
    [Fact]
    public async Task What_runs_and_nothing_wants_is_asked_to_stop_and_then_made_to()
    {
        var fleet = Start(SelfTest());
        await ReadyAsync(fleet, "helix-selftest");
        var stray = new ProcessIdentity("vllm-gone", 4711, 1);
        var ours = _host.Alive.Values.Select(process => new KnownProcess(process, null)).ToArray();

        fleet.TellRunning([.. ours, new(stray, null)]);
        await Eventually.TrueAsync(() => SignalsOf(stray).SequenceEqual([ProcessSignal.Terminate]), "it is asked");
        _time.Advance(TimeSpan.FromSeconds(31));
        fleet.TellRunning([.. ours, new(stray, null)]);

        await Eventually.TrueAsync(() => SignalsOf(stray).SequenceEqual([ProcessSignal.Terminate, ProcessSignal.Kill]), "it is made to");
    }

    private IEnumerable<ProcessSignal> SignalsOf(ProcessIdentity process)
    {
        lock (_host.Alive) return [.. _host.Signals.Where(sent => sent.Process == process).Select(sent => sent.Signal)];
    }

    [Fact]
    public async Task Nobody_waits_long_behind_a_long_answer_of_an_engine_that_is_to_be_replaced()
    {
        var fleet = Start(Model("a", 1), SelfTest());
        await ReadyAsync(fleet, "a");
        _tokens.Known["builtin-a"] = (1, _time.GetUtcNow());
        fleet.Update(Inputs(Model("a", 1), SelfTest()) with { Libraries = new EngineLibraries(EngineVariant.Vulkan, "/home/x/vulkan", new Dictionary<string, string>()) });
        await fleet.SettledAsync();
        Assert.IsType<ModelAvailability.Coming>(Availability(fleet, "a"));

        await PassAsync(TimeSpan.FromSeconds(30));
        Assert.IsType<ModelAvailability.Ready>(Availability(fleet, "a"));

        await PassAsync(TimeSpan.FromSeconds(70));
        Assert.IsType<ModelAvailability.Coming>(Availability(fleet, "a"));
        Assert.DoesNotContain(_host.Signals, s => s.Process.Name == "builtin-a");

        _tokens.Known["builtin-a"] = (0, _time.GetUtcNow());
        await PassAsync(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => _host.Signals.Any(s => s.Process.Name == "builtin-a"), "the engine to be asked to stop");

        // in small steps, each seen by the fleet
        async Task PassAsync(TimeSpan time)
        {
            for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(250))
            {
                _time.Advance(TimeSpan.FromMilliseconds(250));
                await fleet.SettledAsync();
            }
        }
    }
}
