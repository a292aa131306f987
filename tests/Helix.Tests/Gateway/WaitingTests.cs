using System.Net;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

public sealed class WaitingTests : IAsyncLifetime
{
    private const string Ask = """{"model":"m"}""";
    private const string AskStream = """{"model":"m","stream":true}""";

    private readonly FakeTimeProvider _time = new();
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time);
        _host.Config = HelixConfig.Default with { Gateway = new GatewayConfig(ModelDeadline: 20) };
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_sleeping_model_is_woken_and_then_asked()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Asleep() });

        var asking = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => _host.Fleet.Wanted.Contains("m"));
        _host.Fleet.Set(_host.Model("m", "a"));
        using var response = await asking;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_waiting_stream_hears_signs_of_life_and_then_its_answer()
    {
        await using var engine = _host.Engine("a", talk => talk.StreamAsync("here"));
        Coming("12 % fetched");

        var asking = WaitingStreamAsync();
        await Eventually.TrueAsync(() => asking.IsCompleted, Tick);
        using var response = await asking;
        var stream = await response.Content.ReadAsStreamAsync();
        Assert.Equal(": waiting: 12 % fetched\n\n", await stream.EventAsync());
        Coming("70 % fetched");
        var sign = stream.EventAsync();
        await Eventually.TrueAsync(() => sign.IsCompleted, Tick);
        Assert.Equal(": waiting: 70 % fetched\n\n", await sign);
        _host.Fleet.Set(_host.Model("m", "a"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith(": x-helix-model: m, x-helix-provider: builtin, x-helix-node: ", await stream.EventAsync(), StringComparison.Ordinal);
        Assert.Equal("data: here\n\n", await stream.EventAsync());
        Assert.Equal("data: [DONE]\n\n", await stream.EventAsync());
    }

    [Fact]
    public async Task At_the_deadline_a_plain_request_is_told_to_come_back()
    {
        Coming("12 % fetched");

        var asking = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => !_host.Fleet.Wanted.IsEmpty);
        await Eventually.TrueAsync(() => asking.IsCompleted, Tick);
        using var response = await asking;

        Assert.Equal((503, "model_not_ready", null), await response.ErrorAsync());
        Assert.Equal("20", response.Header("Retry-After")); // nothing is known: as long again as it waited
        Assert.Contains("12 % fetched", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_leaves_sends_those_who_wait_to_the_next()
    {
        Coming("12 % fetched");

        var asking = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => !_host.Fleet.Wanted.IsEmpty);
        _host.Fleet.Leave();
        using var response = await asking;

        Assert.Equal((503, "restarting", null), await response.ErrorAsync());
        Assert.Equal("1", response.Header("Retry-After"));
    }

    [Fact]
    public async Task At_the_deadline_an_open_stream_ends_in_an_error_frame()
    {
        Coming("12 % fetched");

        var asking = WaitingStreamAsync();
        await Eventually.TrueAsync(() => asking.IsCompleted, Tick);
        using var response = await asking;
        var text = response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(() => text.IsCompleted, Tick);

        Assert.Contains("data: {\"error\":{", await text, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"model_not_ready\"", await text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", await text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_failed_is_refused_at_once_with_its_own_status()
    {
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Failed("Its file is cut short.", "Pull it again.") });

        using var response = await _host.PostAsync(AskStream);

        Assert.Equal((503, "model_failed", "model"), await response.ErrorAsync());
        Assert.Contains("Pull it again.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_is_tried_again_by_itself_is_refused_until_then()
    {
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Failed("It ended.", "See its log.") { NextTry = _time.GetUtcNow().AddSeconds(12.5) } });

        using var response = await _host.PostAsync(Ask);

        Assert.Equal((503, "model_failed", "model"), await response.ErrorAsync());
        Assert.Equal("13", response.Header("Retry-After"));
    }

    [Fact]
    public async Task An_engine_without_a_place_says_when_an_answer_of_it_will_end()
    {
        var (isFull, answers, answering) = (false, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var engine = _host.Engine("a", async talk =>
        {
            if (isFull) await talk.JsonAsync("""{"error": {"message": "full"}}""", 429);
            else
            {
                answers++;
                await answering.Task;
                await talk.JsonAsync("{}");
            }
        });
        _host.Fleet.Set(_host.Model("m", "a"));
        using (var unknown = await RefusedAsync()) Assert.Equal("1", unknown.Header("Retry-After"));

        // one answer takes 30 s; the next is under way when another request finds no place
        isFull = false;
        var first = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => answers == 1);
        _time.Advance(TimeSpan.FromSeconds(30));
        answering.TrySetResult();
        (await first).Dispose();
        answering = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => answers == 2);
        _time.Advance(TimeSpan.FromSeconds(10));
        using (var refused = await RefusedAsync()) Assert.Equal("20", refused.Header("Retry-After"));

        answering.TrySetResult();
        (await second).Dispose();

        async Task<HttpResponseMessage> RefusedAsync()
        {
            isFull = true;
            var response = await _host.PostAsync(Ask);
            Assert.Equal(429, (int)response.StatusCode);
            return response;
        }
    }

    [Fact]
    public async Task A_model_that_fails_while_waited_for_ends_the_wait()
    {
        Coming("loading");

        var asking = _host.PostAsync(AskStream);
        await Eventually.TrueAsync(() => !_host.Fleet.Wanted.IsEmpty);
        _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Failed("It does not fit.", "Add memory.") });
        using var response = await asking;

        Assert.Equal((503, "model_failed", "model"), await response.ErrorAsync());
    }

    [Fact]
    public async Task A_refusal_after_signs_of_life_becomes_a_frame_on_one_line()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{\n  \"error\": {\"code\": \"context_length_exceeded\"}\r\n}", 400));
        Coming("loading");

        var asking = WaitingStreamAsync();
        await Eventually.TrueAsync(() => asking.IsCompleted, Tick);
        using var response = await asking;
        _host.Fleet.Set(_host.Model("m", "a"));

        Assert.EndsWith($$"""data: {"error":{"code":"context_length_exceeded"},"request_id":"{{response.Header("x-request-id")}}"}""" + "\n\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_waits_is_forgotten()
    {
        Coming("loading");
        using var leave = new CancellationTokenSource();

        var asking = _host.PostAsync(Ask, cancellationToken: leave.Token);
        await Eventually.TrueAsync(() => !_host.Fleet.Wanted.IsEmpty);
        Assert.Equal(1, _host.Counters.InFlight);
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
    }

    private void Coming(string progress) => _host.Fleet.Set(_host.Model("m") with { Availability = new ModelAvailability.Coming(progress) });

    private void Tick() => _time.Advance(TimeSpan.FromMilliseconds(250));

    private async Task<HttpResponseMessage> WaitingStreamAsync()
    {
        var asking = _host.PostAsync(AskStream);
        await Eventually.TrueAsync(() => !_host.Fleet.Wanted.IsEmpty);
        return await asking;
    }
}
