using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Fleet;
using Helix.Processes;
using Helix.Tests.Fleet.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Fleet;

public sealed class SupervisorTests : IAsyncDisposable
{
    private readonly FakeProcessHost _host = new();
    private readonly FakeProber _prober = new();
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Supervisor _supervisor;
    private readonly Task _run;

    public SupervisorTests()
    {
        var launch = new LaunchSpec("builtin-m", "/bin/engine", [], new Dictionary<string, string>(), "/", "/nonexistent/log");
        var spec = new InstanceSpec("builtin-m", "builtin", "m", "/s", 0, ModelAbilities.Completion, launch);
        _supervisor = new(spec, LifecyclePolicy.For(new HealthConfig(), 0, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5)), new(_host, _prober, _time, new Random(1), NullLogger.Instance), (_, _, _) => { });
        _run = _supervisor.RunAsync(_stop.Token);
    }

    [Fact]
    public async Task A_wanted_instance_is_started_and_ready_after_its_first_good_look()
    {
        _supervisor.Tell(new Happening.Wanted("test"));

        await PhaseAsync(Phase.Ready);
        Assert.Single(_host.Started);
    }

    [Fact]
    public async Task A_killed_engine_is_started_again_at_once()
    {
        _supervisor.Tell(new Happening.Wanted("test"));
        await PhaseAsync(Phase.Ready);

        _supervisor.TellExit(_host.End("builtin-m"));

        await Eventually.TrueAsync(() => _host.Started.Count == 2, "a second start");
        await PhaseAsync(Phase.Ready);
    }

    [Fact]
    public async Task One_that_fails_to_start_twice_waits_for_its_delay()
    {
        _host.RefuseWith = "no such file";
        _supervisor.Tell(new Happening.Wanted("test"));
        await PhaseAsync(Phase.Waiting);
        _host.RefuseWith = null;

        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(Phase.Waiting, (await _supervisor.AskAsync()).Phase);

        _time.Advance(TimeSpan.FromSeconds(3));
        await PhaseAsync(Phase.Ready);
    }

    [Fact]
    public async Task An_end_told_before_the_start_still_counts()
    {
        _prober.Verdict = new Verdict.Unwell(HealthStep.Endpoint, "not yet");
        _host.DiesAtBirth = exit => _supervisor.TellExit(exit);

        _supervisor.Tell(new Happening.Wanted("test"));

        await Eventually.TrueAsync(async () => (await _supervisor.AskAsync()).FailedStarts > 0, "the end of the first process to be counted");
    }

    [Fact]
    public async Task A_look_that_throws_is_not_the_last_one()
    {
        _prober.Throws = new InvalidOperationException("bug");
        _supervisor.Tell(new Happening.Wanted("test"));
        await Eventually.TrueAsync(() => _prober.Looks == 1, "the first look");
        _prober.Throws = null;

        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(LifecyclePolicy.StartingLook);
                return (await _supervisor.AskAsync()).Phase == Phase.Ready;
            },
            "ready after the second look");
    }

    [Fact]
    public async Task Where_nobody_is_to_watch_one_that_serves_is_not_looked_at_until_somebody_is()
    {
        var policy = LifecyclePolicy.For(new HealthConfig(), 0, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5));
        _supervisor.Adjust(policy with { Monitors = false });
        _supervisor.Tell(new Happening.Wanted("test"));
        await PhaseAsync(Phase.Ready);
        _prober.Verdict = new Verdict.Unwell(HealthStep.Token, "none");

        for (var look = 0; look < 5; look++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(Phase.Ready, (await _supervisor.AskAsync()).Phase);
        }

        _supervisor.Adjust(policy);
        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(30));
                return (await _supervisor.AskAsync()).Phase == Phase.Degraded;
            },
            "it is looked at again");
    }

    [Fact]
    public async Task Who_wants_to_know_now_does_not_wait_for_the_next_look()
    {
        _supervisor.Tell(new Happening.Wanted("test"));
        await PhaseAsync(Phase.Ready);
        var before = _prober.Looks;

        // no time passes here
        await Eventually.TrueAsync(
            () =>
            {
                _supervisor.LookNow();
                return _prober.Looks >= before + 2;
            },
            "two looks more");
        Assert.Equal(Phase.Ready, (await _supervisor.AskAsync()).Phase);
    }

    [Fact]
    public async Task Stopping_signals_twice_if_the_first_is_not_heard()
    {
        _supervisor.Tell(new Happening.Wanted("test"));
        await PhaseAsync(Phase.Ready);
        _supervisor.Tell(new Happening.Unwanted("test"));
        await Eventually.TrueAsync(() => _host.Signals.Any(s => s.Signal == ProcessSignal.Terminate), "the polite signal");

        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(5));
                return _host.Signals.Any(s => s.Signal == ProcessSignal.Kill);
            },
            "the hard signal");
        _supervisor.TellExit(_host.End("builtin-m"));

        await PhaseAsync(Phase.Stopped);
        Assert.Single(_host.Started);
    }

    [Fact]
    public async Task One_found_running_is_adopted_and_never_started_a_second_time()
    {
        var found = await _host.SpawnAsync(_supervisor.Spec.Launch, CancellationToken.None);
        _supervisor.TellAdopted(found);
        _supervisor.Tell(new Happening.Wanted("test"));

        await PhaseAsync(Phase.Ready);
        Assert.Equal(found, _supervisor.Process);
        Assert.Single(_host.Started);
    }

    [Fact]
    public async Task Who_asks_is_answered_even_when_the_loop_ends()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _run);

        Assert.Equal(Phase.Stopped, (await _supervisor.AskAsync()).Phase);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private Task PhaseAsync(Phase phase) => Eventually.TrueAsync(async () => (await _supervisor.AskAsync()).Phase == phase, $"phase {phase}");
}
