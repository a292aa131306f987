using System.Collections.Concurrent;
using Helix.Core.Fleet;
using Helix.Core.Healing;
using Helix.Core.History;
using Helix.Healing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Healing;

public sealed class HealerTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<string> _done = new();
    private readonly ConcurrentQueue<HistoryEvent> _told = new();
    private readonly Healer _healer;
    private TaskCompletionSource _building = Done();
    private string? _rebuildFails;
    private Helix.Models.DamagedModel? _found;
    private string _stamp = "1";
    private string? _previous = "1";
    private bool _isNew;
    private bool _recovers = true;
    private FleetSnapshot _fleet = FleetSnapshot.Empty;

    public HealerTests()
    {
        var tools = new HealingTools(
            async id => { Do($"rebuild {id}"); await _building.Task; return _rebuildFails; },
            (id, _) => { Do($"roll back {id}"); return Task.FromResult<string?>(_previous); },
            (model, _) => { Do($"verify {model}"); return Task.FromResult(_found); },
            _ => _stamp,
            _ => { Do("make room"); return Task.FromResult("room was made"); }) { Recovers = () => _recovers };
        _healer = new(tools, id => id == "builtin" ? new(null, false) : new("2", _previous is not null, _isNew), () => _fleet, (id, _) => Do($"nudge {id}"), _told.Enqueue, _time, NullLogger<Healer>.Instance);
    }

    public async ValueTask InitializeAsync() => await _healer.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _healer.StopAsync(CancellationToken.None);
        _healer.Dispose();
    }

    [Fact]
    public async Task A_release_that_cannot_be_brought_back_by_restarts_is_rebuilt_then_rolled_back_then_given_up()
    {
        await TakeAsync(Critical(Remedy.Restart), "rebuild vllm", "nudge vllm");
        await TakeAsync(Critical(Remedy.Restart), "roll back vllm", "nudge vllm");
        await TakeAsync(Critical(Remedy.Restart));

        await ToldAsync("given_up", Severity.Critical);
        Assert.Equal(["rebuild", "rebuilt", "rolled_back", "given_up"], _told.Where(each => each.Kind == HistoryKind.Healing && each.What != "ended").Select(each => each.What));
        Assert.Equal(["rebuild", "rolled_back", "given_up"], _told.Where(each => each.Kind == HistoryKind.Alert).Select(each => each.What));
    }

    [Fact]
    public async Task Where_a_rebuild_fails_the_release_before_is_used_at_once()
    {
        _rebuildFails = "downloading: no network";

        await TakeAsync(Critical(Remedy.Restart), "rebuild vllm", "roll back vllm", "nudge vllm");

        await ToldAsync("rebuild_failed", Severity.Error);
    }

    [Fact]
    public async Task A_release_that_an_update_brought_lately_goes_back_after_a_second_fault()
    {
        _isNew = true;
        await TakeAsync(Status(ProviderState.Recovering, Remedy.FreeDisk) with { Restarts = 2 }, "make room", "nudge vllm");
        await TakeAsync(Status(ProviderState.Recovering, Remedy.Restart) with { Restarts = 1 });
        await TakeAsync(Status(ProviderState.Recovering, Remedy.Restart) with { Restarts = 2 }, "roll back vllm", "nudge vllm");
    }

    [Theory]
    [InlineData(Remedy.SmallerPlan)]
    [InlineData(Remedy.VerifyModel)]
    internal async Task Whatever_is_wrong_with_a_new_release_sends_it_back(Remedy remedy)
    {
        _isNew = true;
        string[] first = remedy == Remedy.VerifyModel ? ["verify m"] : [];
        await TakeAsync(Status(ProviderState.Recovering, remedy) with { Restarts = 1 }, first);
        await TakeAsync(Status(ProviderState.Recovering, remedy) with { Restarts = 2 }, "roll back vllm", "nudge vllm");
    }

    [Fact]
    public async Task What_failed_while_its_release_was_built_again_says_nothing_of_the_new_one()
    {
        _building = new();
        _healer.Take(Status(ProviderState.Recovering, Remedy.Rebuild) with { Restarts = 2 });
        await Eventually.TrueAsync(() => _done.Contains("rebuild vllm"), "a rebuild is under way");
        var meanwhile = Status(ProviderState.Recovering, Remedy.Rebuild) with { Restarts = 3 };
        _healer.Take(meanwhile);
        _time.Advance(TimeSpan.FromSeconds(30));
        _building.SetResult();
        await Eventually.TrueAsync(() => _done.Contains("nudge vllm"), "it was built again");

        await TakeAsync(meanwhile);
        await TakeAsync(Status(ProviderState.Recovering, Remedy.Rebuild) with { Restarts = 2 }, "roll back vllm", "nudge vllm");
    }

    [Fact]
    public async Task Nobody_waits_for_what_is_done_about_another_provider()
    {
        _building = new();
        _healer.Take(Critical(Remedy.Restart));
        await Eventually.TrueAsync(() => _done.Contains("rebuild vllm"), "a rebuild is under way");

        _healer.Take(Critical(Remedy.VerifyModel) with { Provider = "other", Name = "other-m" });

        await Eventually.TrueAsync(() => _done.Contains("verify m"), "the other's model is looked at");
        _building.SetResult();
    }

    [Fact]
    public async Task After_a_stretch_of_health_it_begins_anew()
    {
        await TakeAsync(Critical(Remedy.Restart), "rebuild vllm", "nudge vllm");

        await TakeAsync(Critical(Remedy.Restart) with { Served = TimeSpan.FromMinutes(11) }, "rebuild vllm", "nudge vllm");
        await TakeAsync(Critical(Remedy.Restart) with { Served = TimeSpan.FromMinutes(9) }, "roll back vllm", "nudge vllm");
    }

    [Fact]
    public async Task Parts_that_are_missing_are_not_waited_for()
    {
        await TakeAsync(Status(ProviderState.Recovering, Remedy.Rebuild) with { Restarts = 1 });
        await TakeAsync(Status(ProviderState.Recovering, Remedy.Rebuild) with { Restarts = 2 }, "rebuild vllm", "nudge vllm");
    }

    [Fact]
    public async Task A_release_that_serves_another_model_well_is_not_to_blame()
    {
        _fleet = _fleet with { Instances = [Status(ProviderState.Ready, Remedy.Restart) with { Name = "vllm-other" }] };

        await TakeAsync(Critical(Remedy.Restart));
        await TakeAsync(Critical(Remedy.Restart) with { Provider = "builtin" });
    }

    [Fact]
    public async Task A_broken_model_is_compared_once_an_hour_and_its_engine_is_not_blamed_where_it_differs()
    {
        _found = new("it differs", IsBack: false);
        await TakeAsync(Critical(Remedy.VerifyModel), "verify m");
        await ToldAsync("model_damaged", Severity.Error);
        _found = new("it differs", IsBack: true);
        await TakeAsync(Critical(Remedy.VerifyModel), "verify m", "nudge vllm");
        await ToldAsync("model_replaced", Severity.Error);

        _found = null;
        await TakeAsync(Critical(Remedy.VerifyModel), "verify m");
        await TakeAsync(Critical(Remedy.VerifyModel));
        // what was written since is not what was compared
        _stamp = "2";
        await TakeAsync(Critical(Remedy.VerifyModel), "verify m");
        await TakeAsync(Critical(Remedy.VerifyModel));
        _time.Advance(TimeSpan.FromMinutes(61));
        await TakeAsync(Critical(Remedy.VerifyModel), "verify m");
    }

    [Fact]
    public async Task Where_nothing_is_to_be_brought_back_by_itself_a_fault_is_told_and_nothing_is_done()
    {
        _recovers = false;
        await TakeAsync(Critical(Remedy.Restart));
        await TakeAsync(Critical(Remedy.Rebuild));
        await TakeAsync(Critical(Remedy.VerifyModel));
        await TakeAsync(Status(ProviderState.Critical, Remedy.FreeDisk));
        Assert.Equal(4, _told.Count(each => each is { Kind: HistoryKind.Healing, What: "ended", Subject: "vllm-m" }));
        Assert.DoesNotContain(_told, each => each.Kind == HistoryKind.Alert);

        // what an update brought goes back all the same
        _isNew = true;
        await TakeAsync(Critical(Remedy.Restart), "roll back vllm", "nudge vllm");
    }

    [Fact]
    public async Task A_full_disk_is_cleaned_and_the_engine_tried_again()
    {
        await TakeAsync(Status(ProviderState.Recovering, Remedy.FreeDisk), "make room", "nudge vllm");
        await ToldAsync("made_room", Severity.Warning);
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private void Do(string what) => _done.Enqueue(what);

    /// <summary>Returns when this fault was dealt with: a last one, of which nobody knows anything, is told after it.</summary>
    private async Task TakeAsync(InstanceStatus status, params string[] expected)
    {
        _done.Clear();
        var before = _told.Count(each => each.Subject == "end");
        _healer.Take(status);
        _healer.Take(Status(ProviderState.Recovering, Remedy.Restart) with { Name = "end" });
        await Eventually.TrueAsync(() => _told.Count(each => each.Subject == "end") > before, "the fault was dealt with");
        Assert.Equal(expected, _done);
    }

    private Task ToldAsync(string what, Severity severity) => Eventually.TrueAsync(() => _told.Any(each => each.What == what && each.Severity == severity), what);

    private InstanceStatus Critical(Remedy remedy) => Status(ProviderState.Critical, remedy) with { Restarts = 9 };

    private InstanceStatus Status(ProviderState state, Remedy remedy) =>
        new("vllm-m", "vllm", "m", state, "ended", null, 0, _time.GetUtcNow()) { Diagnosis = new("ended", "it ended", remedy), Fault = "ended" };
}
