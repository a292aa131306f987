using System.Collections.Concurrent;
using System.Text;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Gateway;
using Helix.Telemetry;
using Helix.Tests.Gateway.Fakes;
using Helix.Tests.Install;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Telemetry;

/// <summary>OpenTelemetry's own library against a collector on loopback that only listens.</summary>
public sealed partial class OtlpExportTests : IAsyncLifetime
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private readonly ConcurrentDictionary<string, string> _got = new(StringComparer.Ordinal);
    private readonly ChangingConfig _config = new();
    private readonly Listening _log = new();
    private readonly LogRelay _relay = new();
    private FileServer _collector = null!;
    private GatewayHost _host = null!;
    private int _status = StatusCodes.Status200OK;

    public async ValueTask InitializeAsync()
    {
        _collector = await FileServer.StartAsync();
        _collector.Before = async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            // texts in it stand as they are, and each byte stays one letter
            var text = Encoding.Latin1.GetString(body.ToArray());
            _got.AddOrUpdate(context.Request.Path.Value!, text, (_, before) => before + text);
            context.Response.StatusCode = _status;
            return true;
        };
        _host = await GatewayHost.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _collector.DisposeAsync();
    }

    [Fact]
    public async Task A_collector_gets_measures_and_a_span_that_belongs_to_the_clients_and_no_text()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"answer":"a secret answer","usage":{"prompt_tokens":10,"completion_tokens":4}}"""));
        _host.Fleet.Set(_host.Model("otlp-model", "a"));
        using var export = await ExportAsync();
        _config.Set(_collector.Url);
        await Eventually.TrueAsync(() => _host.Signals.AreHeard);

        using var response = await _host.PostAsync(
            """{"model":"otlp-model","messages":[{"role":"user","content":"a secret question"}]}""", more: request => request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01"));
        await response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        await export.StopAsync(CancellationToken.None);

        var (measures, spans) = (_got["/v1/metrics"], _got["/v1/traces"]);
        foreach (var word in new[] { "helix.gateway", "gen_ai.server.request.duration", "gen_ai.client.token.usage", "gen_ai.request.model", "otlp-model" }) Assert.Contains(word, measures, StringComparison.Ordinal);
        foreach (var word in new[] { "chat otlp-model", "gen_ai.usage.output_tokens", "helix.node", Encoding.Latin1.GetString(Convert.FromHexString(TraceId)) }) Assert.Contains(word, spans, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", measures + spans, StringComparison.Ordinal);
        Assert.False(_host.Signals.AreHeard);
    }

    [Fact]
    public async Task A_collector_gets_every_metric_that_a_scraper_reads_by_the_same_name_with_the_same_samples()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":6}}}"""));
        _host.Fleet.Instances = [new InstanceStatus("builtin-\"m\"", "builtin", "m", ProviderState.Ready, "it answers", 1, 0, DateTimeOffset.UnixEpoch)];
        _host.Fleet.Set(_host.Model("m", "a"));
        _host.Services.GetRequiredService<ShadowScores>().Add("m", "n", ShadowEnd.Failed);
        using var export = await ExportAsync();
        _config.Set(_collector.Url);
        await Eventually.TrueAsync(() => _host.Signals.AreHeard);
        using var response = await _host.PostAsync("""{"model":"m"}""");
        await response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        var scraped = Exposition.Parse(await _host.Client.GetStringAsync("/metrics"));

        await export.StopAsync(CancellationToken.None);

        var sent = OtlpMetrics.Read(Encoding.Latin1.GetBytes(_got["/v1/metrics"]));
        // histograms of other gateways that are tried out at this moment are sent, too
        Assert.Empty(sent.Where(metric => metric.Kind == "histogram").Select(metric => metric.ExpositionName).Except(scraped.Select(metric => metric.Name)));
        Assert.Empty(scraped.Where(metric => metric.Samples.Count > 0).Select(metric => metric.Name).Except(sent.Select(metric => metric.ExpositionName)));
        var read = scraped.Where(metric => metric.Kind != "histogram").ToArray();
        Assert.Equal(read.Select(metric => (metric.Name, metric.Kind, metric.Help)).Order(), sent.Where(metric => metric.Kind != "histogram").Select(metric => (metric.ExpositionName, metric.Kind, metric.Help)).Order());
        Assert.Equal(13, read.Length);
        foreach (var metric in read.Where(metric => metric.Name != "helix_uptime_seconds"))
            Assert.Equal(metric.Samples.ToDictionary(sample => sample.Key, sample => sample.Value), sent.Single(each => each.ExpositionName == metric.Name).Samples);
    }

    [Fact]
    public async Task Nothing_listens_until_a_collector_is_named_nor_after_it_was_taken_away()
    {
        using var export = await ExportAsync();
        Assert.False(_host.Signals.AreHeard);

        _config.Set(_collector.Url);
        await Eventually.TrueAsync(() => _host.Signals.AreHeard);
        _config.Set(null);
        await Eventually.TrueAsync(() => !_host.Signals.AreHeard);

        await export.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_collector_that_takes_nothing_is_said()
    {
        _status = StatusCodes.Status400BadRequest;
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a"));
        using var export = await ExportAsync();
        _config.Set(_collector.Url);
        await Eventually.TrueAsync(() => _host.Signals.AreHeard);
        using var response = await _host.PostAsync("""{"model":"m"}""");
        await response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);

        await export.StopAsync(CancellationToken.None);

        Assert.Contains(_log.Said, words => words.StartsWith($"the collector at {_collector.Url} takes no metrics", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_gets_what_helix_logs_as_words_and_in_parts()
    {
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(_relay));
        var log = factory.CreateLogger("Helix.Speaker");
        Assert.False(log.IsEnabled(LogLevel.Critical));
        LogFailed(log, "before", 1);
        using var export = await ExportAsync();
        _config.Set(_collector.Url);
        await Eventually.TrueAsync(() => log.IsEnabled(LogLevel.Warning));

        LogFailed(log, "vllm", 3);
        await export.StopAsync(CancellationToken.None);
        LogFailed(log, "afterwards", 4);

        var sent = OtlpLogs.Read(Encoding.Latin1.GetBytes(_got["/v1/logs"]));
        var record = Assert.Single(sent);
        Assert.Equal(("vllm failed 3 times", 13UL), (record.Body, record.Severity));
        Assert.Equal(("vllm", "3"), (record.Attributes["Engine"], record.Attributes["Times"]));
        Assert.Equal("helix", record.Resource["service.name"]);
        Assert.Equal("Helix.Speaker", record.Scope);
        Assert.False(log.IsEnabled(LogLevel.Critical));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Engine} failed {Times} times")]
    private static partial void LogFailed(ILogger log, string engine, int times);

    private async Task<OtlpExport> ExportAsync()
    {
        var export = new OtlpExport(_config, _host.Services.GetRequiredService<Readings>(), _relay, _log);
        await export.StartAsync(CancellationToken.None);
        return export;
    }

    private sealed class ChangingConfig : IConfigView
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HelixConfig Current { get; private set; } = HelixConfig.Default;

        public long Version { get; private set; } = 1;

        public IReadOnlyList<string> Problems => [];

        public void Set(string? collector)
        {
            TaskCompletionSource before;
            lock (_gate)
            {
                Current = HelixConfig.Default with { Telemetry = new TelemetryConfig(collector) };
                Version++;
                (before, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            before.SetResult();
        }

        public async Task ChangedAsync(long version, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    if (Version > version) return;
                    changed = _changed.Task;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }
    }

    private sealed class Listening : ILogger<OtlpExport>
    {
        public ConcurrentQueue<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Enqueue(formatter(state, exception));
    }
}
