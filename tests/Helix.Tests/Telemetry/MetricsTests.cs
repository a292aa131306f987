using System.Globalization;
using System.Net;
using Helix.Core.Fleet;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Telemetry;

public sealed class MetricsTests : IAsyncLifetime
{
    private const string Text = """{"choices":[{"delta":{"content":"a"}}]}""";
    private const string Chat = "gen_ai_operation_name=\"chat\"";
    private const string Sent = Chat + ",gen_ai_provider_name=\"builtin\",gen_ai_request_model=\"m\",gen_ai_response_model=\"m\"";
    private const string SentByAuto = Chat + ",gen_ai_provider_name=\"builtin\",gen_ai_request_model=\"auto\",gen_ai_response_model=\"m\"";

    private readonly FakeTimeProvider _time = new();
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Each_request_is_counted_once_with_its_tokens_and_times()
    {
        await using var engine = _host.Engine("a", async talk =>
        {
            _time.Advance(TimeSpan.FromSeconds(0.3));
            if (talk.Body.Contains("stream", StringComparison.Ordinal)) await talk.StreamAsync(Text, Text, """{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}""");
            else await talk.JsonAsync("""{"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":6}}}""");
        });
        _host.Fleet.Set(_host.Model("m", "a"));
        await AskAsync("""{"model":"m"}""");
        await AskAsync("""{"model":"m"}""");
        await AskAsync("""{"stream":true}""");

        var metrics = await ScrapeAsync();

        Assert.Equal(2, metrics[$"helix_requests_total{{{Sent},outcome=\"answered\",dialect=\"openai\"}}"]);
        Assert.Equal(1, metrics[$"helix_requests_total{{{SentByAuto},outcome=\"answered\",dialect=\"openai\"}}"]);
        Assert.Equal((2.0, 0.6), (metrics[$"gen_ai_server_request_duration_seconds_count{{{Sent}}}"], metrics[$"gen_ai_server_request_duration_seconds_sum{{{Sent}}}"]));
        Assert.Equal((0.0, 2.0), (metrics[$"gen_ai_server_request_duration_seconds_bucket{{{Sent},le=\"0.16\"}}"], metrics[$"gen_ai_server_request_duration_seconds_bucket{{{Sent},le=\"0.32\"}}"]));
        // of the stream alone
        Assert.Equal((1.0, 0.3), (metrics[$"gen_ai_server_time_to_first_token_seconds_count{{{SentByAuto}}}"], metrics[$"gen_ai_server_time_to_first_token_seconds_sum{{{SentByAuto}}}"]));
        Assert.Equal(1, metrics[$"gen_ai_server_time_per_output_token_seconds_count{{{SentByAuto}}}"]);
        Assert.DoesNotContain($"gen_ai_server_time_to_first_token_seconds_count{{{Sent}}}", metrics.Keys);
        Assert.Equal((2.0, 20.0), (metrics[$"gen_ai_client_token_usage_count{{{Sent},gen_ai_token_type=\"input\"}}"], metrics[$"gen_ai_client_token_usage_sum{{{Sent},gen_ai_token_type=\"input\"}}"]));
        Assert.Equal(8, metrics[$"helix_tokens_total{{{Sent},gen_ai_token_type=\"output\",source=\"engine\"}}"]);
        Assert.Equal(12, metrics[$"helix_cached_tokens_total{{{Sent}}}"]);
        Assert.Equal((2.0, 2.0), (metrics[$"helix_request_tries_count{{{Sent}}}"], metrics[$"helix_request_tries_bucket{{{Sent},le=\"1\"}}"]));
        Assert.Equal(0.9, metrics["helix_uptime_seconds"], 9);
        Assert.Equal(0, metrics["helix_requests_in_flight"]);
        Assert.Contains(metrics, line => line.Key.StartsWith("helix_build_info{version=\"", StringComparison.Ordinal) && line.Value == 1);
    }

    [Fact]
    public async Task What_an_engine_does_not_tell_is_told_as_counted_here()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"choices":[]}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        await AskAsync("""{"model":"m","messages":"12345678"}""");

        var metrics = await ScrapeAsync();

        Assert.Equal(2, metrics[$"helix_tokens_total{{{Sent},gen_ai_token_type=\"input\",source=\"estimate\"}}"]);
        Assert.DoesNotContain(metrics.Keys, line => line.StartsWith("gen_ai_client_token_usage", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_a_client_made_up_becomes_no_label()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}", 500));
        _host.Fleet.Set(_host.Model("m", "a"));
        await AskAsync("""{"model":"no-such-model"}""");
        await AskAsync("not json");
        await AskAsync("""{"model":"m"}""");
        await AskAsync("""{"model":"no-such-model","max_tokens":4,"messages":[{"role":"user","content":"Hi"}]}""", "/v1/messages");

        var metrics = await ScrapeAsync();

        Assert.DoesNotContain(metrics.Keys, line => line.Contains("no-such", StringComparison.Ordinal));
        Assert.Equal(2, metrics[$"helix_requests_total{{{Chat},outcome=\"refused\",dialect=\"openai\"}}"]);
        Assert.Equal(1, metrics[$"helix_requests_total{{{Chat},outcome=\"refused\",dialect=\"anthropic\"}}"]);
        Assert.Equal(2, metrics[$"gen_ai_server_request_duration_seconds_count{{{Chat},error_type=\"404\"}}"]);
        Assert.Equal(1, metrics[$"gen_ai_server_request_duration_seconds_count{{{Chat},error_type=\"400\"}}"]);
        Assert.Equal(1, metrics[$"gen_ai_server_request_duration_seconds_count{{{Sent},error_type=\"500\"}}"]);
        Assert.Equal(1, metrics[$"helix_requests_total{{{Sent},outcome=\"failed\",dialect=\"openai\"}}"]);
    }

    [Fact]
    public async Task Who_waits_for_a_place_is_seen_while_it_waits_and_its_wait_afterwards()
    {
        using var go = new SemaphoreSlim(0);
        await using var engine = _host.Engine("a", async talk =>
        {
            await go.WaitAsync();
            await talk.JsonAsync("{}");
        });
        // one slot, and one more to be read meanwhile
        var model = _host.Model("m", "a");
        _host.Fleet.Set(model with { Backends = [model.Backends[0] with { Slots = 1 }] });
        var all = Enumerable.Range(0, 3).Select(_ => _host.PostAsync("""{"model":"m"}""")).ToArray();
        await Eventually.TrueAsync(() => _host.Admission.Waiting("m") == 1 && engine.Requests.Count == 2);

        var during = await ScrapeAsync();
        _time.Advance(TimeSpan.FromSeconds(2));
        go.Release(3);
        foreach (var response in await Task.WhenAll(all)) response.Dispose();
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        var after = await ScrapeAsync();

        Assert.Equal((2.0, 1.0, 3.0), (during["helix_model_requests_running{model=\"m\"}"], during["helix_model_requests_waiting{model=\"m\"}"], during["helix_requests_in_flight"]));
        Assert.Equal((0.0, 0.0, 0.0), (after["helix_model_requests_running{model=\"m\"}"], after["helix_model_requests_waiting{model=\"m\"}"], after["helix_requests_in_flight"]));
        Assert.Equal((3.0, 2.0), (after[$"helix_request_wait_seconds_count{{{Sent}}}"], after[$"helix_request_wait_seconds_sum{{{Sent}}}"]));
        Assert.Equal((2.0, 3.0), (after[$"helix_request_wait_seconds_bucket{{{Sent},le=\"0.01\"}}"], after[$"helix_request_wait_seconds_bucket{{{Sent},le=\"2.5\"}}"]));
    }

    [Fact]
    public async Task An_instance_is_in_one_state_and_in_no_other()
    {
        _host.Fleet.Instances = [new InstanceStatus("builtin-m", "builtin", "m", ProviderState.Ready, "it answers", 1, 0, DateTimeOffset.UnixEpoch)];
        _host.Fleet.Set();

        var states = (await ScrapeAsync()).Where(line => line.Key.StartsWith("helix_instance_state{instance=\"builtin-m\",provider=\"builtin\",model=\"m\",state=\"", StringComparison.Ordinal)).ToArray();

        Assert.Equal(Enum.GetValues<ProviderState>().Length, states.Length);
        Assert.Equal(["""helix_instance_state{instance="builtin-m",provider="builtin",model="m",state="ready"}"""], states.Where(line => line.Value == 1).Select(line => line.Key));
    }

    private async Task AskAsync(string json, string path = "/v1/chat/completions")
    {
        using var response = await _host.PostAsync(json, path);
        await response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
    }

    /// <summary>Each sample by its name and labels; one that comes twice is no exposition.</summary>
    private async Task<Dictionary<string, double>> ScrapeAsync()
    {
        using var response = await _host.Client.GetAsync("/metrics");
        Assert.Equal((HttpStatusCode.OK, "text/plain; version=0.0.4; charset=utf-8"), (response.StatusCode, response.Content.Headers.ContentType?.ToString()));
        var samples = new Dictionary<string, double>();
        foreach (var line in (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
            samples.Add(line[..line.LastIndexOf(' ')], double.Parse(line[(line.LastIndexOf(' ') + 1)..].Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture));
        return samples;
    }
}
