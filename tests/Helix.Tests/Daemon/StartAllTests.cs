using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Daemon;
using Helix.Fleet;
using Helix.Install;
using Helix.Manifests;
using Helix.Storage;
using Helix.Tests.Fakes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Daemon;

public sealed class StartAllTests : IDisposable
{
    private static readonly DateTimeOffset s_moment = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryHome _temporary = new();
    private readonly TwoProviders _fleet = new();
    private readonly FakeTimeProvider _time = new(s_moment);
    private readonly List<string> _said = [];

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Everything_is_asked_for_and_the_answer_waits_until_nothing_is_on_its_way()
    {
        var (context, answer) = Begin(settled: () => { _fleet.Become(ProviderState.Starting, "loading tiny"); return Task.CompletedTask; });
        await Eventually.TrueAsync(() => _fleet.Waiting > 0);
        Assert.False(answer.IsCompleted);

        _fleet.Become(ProviderState.Ready, "answers");
        await answer.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        Assert.Equal(["remember builtin Start", "obey builtin Start", "remember llamacpp Start", "obey llamacpp Start"], _said);
        Assert.Equal(["builtin Ready answers", "llamacpp Standby tiny waits for memory"], Told(context));
    }

    [Fact]
    public async Task What_starts_for_too_long_is_told_as_it_is()
    {
        var (context, answer) = Begin(settled: () => { _fleet.Become(ProviderState.Starting, "loading tiny"); return Task.CompletedTask; });
        await Eventually.TrueAsync(() => _fleet.Waiting > 0);

        _time.Advance(TimeSpan.FromSeconds(121));
        await answer.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        Assert.Equal(["builtin Starting loading tiny", "llamacpp Standby tiny waits for memory"], Told(context));
    }

    [Fact]
    public async Task A_wish_that_cannot_be_remembered_is_refused_and_nothing_is_asked_for()
    {
        var (context, answer) = Begin(() => Task.CompletedTask, new Stored<bool>.Failed("no_space", "the disk is full", "Free some."));
        await answer;

        Assert.Equal(507, context.Response.StatusCode);
        Assert.Equal(["remember builtin Start"], _said);
    }

    private (HttpContext Context, Task Answer) Begin(Func<Task> settled, Stored<bool>? stored = null)
    {
        var machine = new MachineFacts("linux", "x64", null, new(2, 36), 16_000_000_000, 100_000_000_000, [], false, false);
        var roster = new ProviderRoster(_fleet, new ManifestShelf(_temporary.Home), () => InstallState.Empty, () => machine, _time, s_moment);
        var endpoint = new StartAllEndpoint(
            _fleet, (id, wish) => _said.Add($"obey {id} {wish}"), settled, roster,
            (id, wish) => { _said.Add($"remember {id} {wish}"); return Task.FromResult(stored ?? new Stored<bool>.Ok(true)); }, _time);
        var context = new DefaultHttpContext();
        context.Response.Body = new MemoryStream();
        return (context, endpoint.StartAsync(context));
    }

    private static IEnumerable<string> Told(HttpContext context)
    {
        var list = JsonSerializer.Deserialize(((MemoryStream)context.Response.Body).ToArray(), ApiJson.Default.ProviderList)!;
        return list.Providers.Select(provider => $"{provider.Id} {provider.State} {provider.Reason}");
    }

    /// <summary>The built-in engine becomes what a test says; the other one lacks memory.</summary>
    private sealed class TwoProviders : IFleetView
    {
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _waiting;

        public FleetSnapshot Current { get; private set; } = Snapshot(1, ProviderState.Standby, "a request wakes it");

        public int Waiting => Volatile.Read(ref _waiting);

        public Task Left { get; } = new TaskCompletionSource().Task;

        public async Task ChangedAsync(long version, CancellationToken cancellationToken)
        {
            var changed = _changed.Task;
            Interlocked.Increment(ref _waiting);
            if (Current.Version <= version) await changed.WaitAsync(cancellationToken);
        }

        public void Become(ProviderState state, string reason)
        {
            Current = Snapshot(Current.Version + 1, state, reason);
            var before = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            before.SetResult();
        }

        public void Want(string model, string? provider = null)
        {
        }

        private static FleetSnapshot Snapshot(long version, ProviderState state, string reason) => new(
            version,
            [
                new("builtin", "Built-in", state, reason, 7, "tiny", "v1", s_moment),
                new("llamacpp", "llama-server", ProviderState.Standby, "tiny waits for memory", null, null, "b1", s_moment),
            ],
            [new("builtin-tiny", "builtin", "tiny", state, reason, state == ProviderState.Standby ? null : 7, 0, s_moment)], []);
    }
}
