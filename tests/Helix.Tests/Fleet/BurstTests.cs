using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Fleet;
using Helix.Storage;
using Helix.Tests.Fleet.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Fleet;

/// <summary>Requests for more models than fit, simulated over the real fleet: clients ask as the gateway does, engines start, answer and end as the seed says.</summary>
public sealed class BurstTests : IAsyncDisposable
{
    private const long Budget = 16_000_000_000;
    private const int Rounds = 150;

    private readonly FakeProcessHost _host = new();
    private readonly FakeTokenWatch _tokens = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource _stop = new();
    private readonly BuiltinRecipe _recipe = new("/bin/helix", new HelixHome("/home/x"), "v0", name => $"/run/{name}.sock");
    private readonly List<string> _waiting = [];
    private readonly List<string> _answering = [];
    private int _signalsSeen;
    private Task _run = Task.CompletedTask;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Everybody_is_answered_nobody_busy_is_stopped_and_the_budget_holds(int seed)
    {
        var random = new Random(seed);
        PlannedModel[] models = [.. Enumerable.Range(0, 6).Select(n => Model($"m{n}", n, random.NextInt64(3, 7) * 1_000_000_000))];
        var fleet = Start(models);
        var asked = 0;
        for (var round = 0; round < Rounds || _waiting.Count + _answering.Count > 0; round++)
        {
            Assert.True(round < Rounds * 10, $"seed {seed}: after {round} rounds these wait still: {string.Join(' ', _waiting.Distinct())}; {string.Join("; ", fleet.Current.Instances.Select(i => $"{i.Name} {i.State} {i.Reason}"))}");
            if (round < Rounds)
                for (var more = random.Next(3); more > 0; more--, asked++) _waiting.Add(models[random.Next(models.Length)].Id);
            await RoundAsync(fleet, random, seed);
        }

        Assert.True(asked > Rounds / 2);
    }

    private async Task RoundAsync(Helix.Fleet.Fleet fleet, Random random, int seed)
    {
        // as in the gateway, whoever waits asks again at each change, in no order
        foreach (var model in _waiting.OrderBy(_ => random.Next()).ToArray()) fleet.Want(model);
        await fleet.SettledAsync();

        foreach (var model in _waiting.Where(model => IsReady(fleet, model)).ToArray()) Begin(model);
        foreach (var model in _answering.Where(_ => random.Next(4) == 0).ToArray()) Finish(model);
        foreach (var process in Signalled().Where(_ => random.Next(2) == 0)) fleet.TellExit(_host.End(process, 0, null));
        _time.Advance(TimeSpan.FromMilliseconds(random.Next(1, 400)));
        await fleet.SettledAsync();

        string[] stopped;
        lock (_host.Alive)
        {
            stopped = [.. _host.Signals.Skip(_signalsSeen).Select(signal => signal.Process.Name)];
            _signalsSeen = _host.Signals.Count;
        }

        Assert.All(stopped, name => Assert.False(_answering.Exists(model => NameOf(model) == name), $"seed {seed}: {name} was stopped while it answered"));
        var instances = fleet.Current.Instances.Where(instance => instance.State != ProviderState.Standby || instance.Pid is not null).ToArray();
        Assert.True(instances.Sum(instance => instance.ReservedBytes) <= Budget, $"seed {seed}: more is reserved than there is: {string.Join("; ", instances.Select(i => $"{i.Name} {i.ReservedBytes}"))}");
        foreach (var ready in instances.Where(instance => instance is { State: ProviderState.Ready, Pid: not null }))
            fleet.TellMemory(ready.Name, ready.Pid!.Value, ready.ReservedBytes * 9 / 10);
    }

    private void Begin(string model)
    {
        _waiting.Remove(model);
        _answering.Add(model);
        Tell(model);
    }

    private void Finish(string model)
    {
        _answering.Remove(model);
        Tell(model);
    }

    private void Tell(string model)
    {
        _tokens.Known[NameOf(model)] = (_answering.Count(other => other == model), _time.GetUtcNow());
    }

    /// <summary>Those that were asked to end and live still.</summary>
    private string[] Signalled()
    {
        lock (_host.Alive) return [.. _host.Signals.Select(signal => signal.Process).Distinct().Where(process => _host.Alive.GetValueOrDefault(process.Name) == process).Select(process => process.Name)];
    }

    private static string NameOf(string model) => new Seat(Helix.Fleet.Fleet.Builtin, model).Name;

    private static bool IsReady(IFleetView fleet, string model) => fleet.Current.Models.Any(m => m.Id == model && m.Availability is ModelAvailability.Ready);

    private Helix.Fleet.Fleet Start(PlannedModel[] models)
    {
        var tools = new FleetTools(_host, _recipe.Provider, _ => new FakeProber(), _tokens, _time, NullLoggerFactory.Instance) { Random = new Random(1) };
        foreach (var model in models) _tokens.Known[NameOf(model.Id)] = (0, null);
        var fleet = new Helix.Fleet.Fleet(tools, new(HelixConfig.Default, models, [], Budget));
        fleet.TellRunning([]);
        _run = fleet.RunAsync(_stop.Token);
        return fleet;
    }

    private PlannedModel Model(string id, int day, long bytes) => new(
        id, $"/m/{id}", bytes, 10_000, 4096, ModelAbilities.Chat | ModelAbilities.Completion, false, _time.Start.AddDays(-10 + day));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ContinueWith(_ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }
}
