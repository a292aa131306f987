using System.Net;
using Helix.Core.Configuration;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

public sealed class AdmissionTests : IAsyncLifetime
{
    private const string OneMore = """{"model":"m"}""";
    private readonly FakeTimeProvider _time = new();
    private readonly SemaphoreSlim _go = new(0);
    private GatewayHost _host = null!;
    private FakeEngine _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time);
        _engine = _host.Engine("a", async talk =>
        {
            await _go.WaitAsync();
            await talk.JsonAsync($$"""{"head":"{{talk.Body.Length}}"}""");
        });
        // one slot, and one more to be read meanwhile
        var model = _host.Model("m", "a");
        _host.Fleet.Set(model with { Backends = [model.Backends[0] with { Slots = 1 }] });
    }

    public async ValueTask DisposeAsync()
    {
        _go.Release(1000);
        await _engine.DisposeAsync();
        await _host.DisposeAsync();
        _go.Dispose();
    }

    [Fact]
    public async Task An_engine_gets_no_more_than_it_has_places_for_and_all_are_answered()
    {
        var all = Ask(6);
        await WaitingAsync(4);
        await AskedAsync(2);

        for (var answered = 1; answered <= 6; answered++)
        {
            _go.Release();
            await Eventually.TrueAsync(() => all.Count(one => one.IsCompletedSuccessfully) == answered, "one more is answered");
            await AskedAsync(Math.Min(6, answered + 2));
        }

        Assert.All(await Task.WhenAll(all), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task Those_that_wait_get_the_places_of_an_engine_that_comes()
    {
        var all = Ask(4);
        await WaitingAsync(2);
        await using var second = _host.Engine("b", talk => talk.JsonAsync("{}"));

        var model = _host.Model("m", "a", "b");
        _host.Fleet.Set(model with { Backends = [.. model.Backends.Select(backend => backend with { Slots = 1 })] });
        await WaitingAsync(0);

        _go.Release(4);
        Assert.All(await Task.WhenAll(all), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task Who_waits_is_answered_though_another_daemon_follows_the_fleet()
    {
        var all = Ask(3);
        await WaitingAsync(1);

        _host.Fleet.Leave();
        _go.Release(3);

        Assert.All(await Task.WhenAll(all), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task What_is_urgent_goes_first_and_what_nobody_waits_for_last()
    {
        List<Task<HttpResponseMessage>> all = [.. Ask(2)];
        await AskedAsync(2);
        foreach (var (priority, number) in new[] { ("low", 1), ("normal", 2), ("high", 3) })
        {
            all.Add(_host.PostAsync($$"""{"model":"m","number":{{number}}}""", more: request => request.Headers.Add("x-helix-priority", priority)));
            await WaitingAsync(number);
        }

        for (var asked = 3; asked <= 5; asked++)
        {
            _go.Release();
            await AskedAsync(asked);
        }

        _go.Release(2);
        await Task.WhenAll(all);
        Assert.Equal(["3", "2", "1"], _engine.Requests.Skip(2).Select(talk => talk.Body[^2..^1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Beyond_those_that_may_wait_one_is_refused_at_once_and_told_to_come_back(int most)
    {
        _host.Config = HelixConfig.Default with { Gateway = new GatewayConfig(MaxWaiting: most) };
        var all = Ask(2 + most);
        await AskedAsync(2);
        await WaitingAsync(most);

        using var refused = await _host.PostAsync(OneMore);

        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal((429, "too_many_requests", null), await refused.ErrorAsync());
        _go.Release(3);
        Assert.All(await Task.WhenAll(all), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task Who_would_wait_longer_than_its_client_does_is_refused_at_once()
    {
        var all = Ask(4);
        await AskedAsync(2);
        await WaitingAsync(2);
        _time.Advance(TimeSpan.FromSeconds(2));
        _go.Release();
        await AskedAsync(3);

        // two places, each held for two seconds, and one waits
        using var refused = await _host.PostAsync(OneMore, more: request => request.Headers.Add("x-helix-timeout", "1.5"));
        Assert.Equal((429, "too_many_requests", null), await refused.ErrorAsync());
        var patient = _host.PostAsync(OneMore, more: request => request.Headers.Add("x-stainless-timeout", "2.5"));
        await WaitingAsync(2);

        // nobody waits for what comes too late
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(250));
                return patient.IsCompleted;
            },
            "it is refused");
        Assert.Equal((429, "too_many_requests", null), await (await patient).ErrorAsync());
        _go.Release(3);
        await Task.WhenAll(all);
    }

    [Fact]
    public async Task Who_leaves_the_queue_keeps_no_place()
    {
        var first = Ask(2);
        await AskedAsync(2);
        using var leaving = new CancellationTokenSource();
        var left = _host.PostAsync(OneMore, cancellationToken: leaving.Token);
        await WaitingAsync(1);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await WaitingAsync(0);
        _go.Release(2);
        await Task.WhenAll(first);

        var next = Ask(2);
        await AskedAsync(4);
        _go.Release(2);
        await Task.WhenAll(next);
    }

    [Theory]
    [InlineData("x-helix-priority", "urgent")]
    [InlineData("x-helix-timeout", "soon")]
    [InlineData("x-helix-continue", "always")]
    [InlineData("x-helix-cache", "maybe")]
    public async Task A_header_that_is_not_understood_is_refused(string name, string value)
    {
        using var response = await _host.PostAsync(OneMore, more: request => request.Headers.Add(name, value));

        Assert.Equal((400, "invalid_header", null), await response.ErrorAsync());
    }

    private Task<HttpResponseMessage>[] Ask(int requests) => [.. Enumerable.Range(0, requests).Select(_ => _host.PostAsync(OneMore))];

    private Task AskedAsync(int requests) => Eventually.TrueAsync(() => _engine.Requests.Count == requests, $"{requests} are at the engine");

    private Task WaitingAsync(int requests) => Eventually.TrueAsync(() => _host.Admission.Waiting("m") == requests, $"{requests} wait");
}
