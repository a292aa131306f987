using Helix.Core.Configuration;
using Helix.Core.Tests.Models;
using Helix.Models;

namespace Helix.Tests.Models;

public sealed class ModelArrivalTests : IAsyncLifetime
{
    private readonly byte[] _model = TinyGguf.Chat().ToArray();
    private ModelHouse _house = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _house = await ModelHouse.BuildAsync(_model);
        await _house.Library.OpenAsync(Stop);
    }

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task Without_a_chat_model_one_is_chosen_and_fetched()
    {
        _house.HubStandIn.Hold = new TaskCompletionSource();
        await _house.Arrival.StartAsync(Stop);
        await Eventually.TrueAsync(() => _house.Arrival.Current is ModelArrivalState.Fetching { Id: "tiny", TotalBytes: > 0, Why.Length: > 0 }, "the model is fetched");
        Assert.StartsWith("fetching tiny: ", _house.Arrival.Current.Progress, StringComparison.Ordinal);

        _house.HubStandIn.Hold.SetResult();

        await Eventually.TrueAsync(() => _house.Arrival.Current is ModelArrivalState.None { Reason: "there is a chat model" }, "the model has arrived");
        Assert.NotNull(_house.Library.Current.Find("tiny"));
    }

    [Fact]
    public async Task With_a_chat_model_nothing_is_fetched()
    {
        await _house.Pulls.PullAsync(ModelHouse.Entry, null, _ => { }, Stop);
        _house.HubStandIn.Requests.Clear();

        await _house.Arrival.StartAsync(Stop);

        await Eventually.TrueAsync(() => _house.Arrival.Current is ModelArrivalState.None { Reason: "there is a chat model" }, "the look");
        Assert.Empty(_house.HubStandIn.Requests);
    }

    [Fact]
    public async Task Offline_nothing_is_fetched_until_the_configuration_changes()
    {
        _house.Offline = true;
        await _house.Arrival.StartAsync(Stop);
        await Eventually.TrueAsync(() => _house.Arrival.Current is ModelArrivalState.None(var reason, true) && reason.Contains("offline", StringComparison.Ordinal), "the reason");
        Assert.Empty(_house.HubStandIn.Requests);

        _house.Offline = false;
        _house.Config.Become(HelixConfig.Default with { Network = new NetworkConfig() });

        await Eventually.TrueAsync(() => _house.Library.Current.Find("tiny") is not null, "the model has arrived");
    }

    [Theory]
    [InlineData(true, false, "auto_install")]
    [InlineData(false, true, "auto_start")]
    public async Task Who_does_not_want_it_is_left_alone(bool start, bool install, string key)
    {
        _house.Config.Become(HelixConfig.Default with { AutoManager = new AutoManagerConfig(AutoStart: start, AutoInstall: install) });

        await _house.Arrival.StartAsync(Stop);

        await Eventually.TrueAsync(() => _house.Arrival.Current is ModelArrivalState.None(var reason, true) && reason.Contains(key, StringComparison.Ordinal), "the reason");
        Assert.Empty(_house.HubStandIn.Requests);
    }

    [Fact]
    public async Task After_a_failure_it_is_tried_again_later_and_less_and_less_often()
    {
        _house.HubStandIn.Refusal = (404, "RepoNotFound");
        await _house.Arrival.StartAsync(Stop);
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 8; i++)
        {
            var before = i;
            await Eventually.TrueAsync(() => _house.HubStandIn.Requests.Count == before + 1 && _house.Arrival.Current is ModelArrivalState.Failed failed && failed.NextTry > _house.Time.GetUtcNow(), "the failure");
            var failed = (ModelArrivalState.Failed)_house.Arrival.Current;
            Assert.NotEmpty(failed.Remedy);
            waits.Add(failed.NextTry - _house.Time.GetUtcNow());
            await AdvanceToTheNextTryAsync(before + 2);
        }

        Assert.Equal(waits.Order(), waits);
        Assert.Equal(TimeSpan.FromHours(1), waits[^1]);
    }

    [Fact]
    public async Task A_model_that_somebody_adds_meanwhile_ends_the_waiting()
    {
        _house.HubStandIn.Refusal = (500, null);
        await _house.Arrival.StartAsync(Stop);
        await Eventually.TrueAsync(() => _house.Arrival.Current is ModelArrivalState.Failed, "the failure");

        await File.WriteAllBytesAsync(Path.Combine(_house.Folder.Root, "own.gguf"), _model, Stop);
        await _house.Library.LookAsync(Stop);

        await Eventually.TrueAsync(() => _house.Arrival.Current is ModelArrivalState.None { Reason: "there is a chat model" }, "the look");
    }

    private async Task AdvanceToTheNextTryAsync(int requests) => await Eventually.TrueAsync(
        () =>
        {
            if (_house.Arrival.Current is ModelArrivalState.Failed failed && _house.HubStandIn.Requests.Count < requests) _house.Time.Advance(failed.NextTry - _house.Time.GetUtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero);
            return _house.HubStandIn.Requests.Count >= requests;
        },
        "the next try");
}
