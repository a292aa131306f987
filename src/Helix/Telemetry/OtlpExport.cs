using Helix.Configuration;
using Helix.Processes;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Helix.Telemetry;

/// <summary>Sends all metrics, spans of requests, and helix's own log to a collector, as long as the configuration names one. While it names none, nothing of OpenTelemetry's library is made.</summary>
internal sealed partial class OtlpExport(IConfigView config, Readings readings, LogRelay relay, ILogger<OtlpExport> log) : BackgroundLoop
{
    /// <summary>In milliseconds: a collector that does not answer must not keep a daemon from going.</summary>
    private const int Grace = 2000;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var (version, collector) = (config.Version, config.Current.Telemetry.OtlpEndpoint);
            using var sending = collector is null ? null : Begin(collector);
            do
            {
                await config.ChangedAsync(version, stoppingToken);
                version = config.Version;
            }
            while (config.Current.Telemetry.OtlpEndpoint == collector);
        }
    }

    /// <returns>Null where it could not begin, which is said.</returns>
    private Sending? Begin(string collector)
    {
        try
        {
            var sending = new Sending(collector, this, readings, relay);
            LogBegun(collector);
            return sending;
        }
        catch (Exception error)
        {
            // the library reads the environment, in which anything may stand
            LogNotBegun(collector, error.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "metrics, spans of requests, and this log, are sent to {Collector}")]
    private partial void LogBegun(string collector);

    [LoggerMessage(Level = LogLevel.Error, Message = "no metrics and spans are sent to {Collector}: {Reason}; look at the environment's OTEL_ variables")]
    private partial void LogNotBegun(string collector, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the collector at {Collector} takes no metrics; it is tried again each time. Look whether it listens there, and for OTLP over HTTP")]
    private partial void LogNotTaken(string collector);

    [LoggerMessage(Level = LogLevel.Information, Message = "the collector at {Collector} takes metrics again")]
    private partial void LogTakenAgain(string collector);

    /// <summary>What listens and sends; what is still to be sent is sent at its end.</summary>
    private sealed class Sending : IDisposable
    {
        private readonly LogRelay _relay;
        private readonly ReadingMeter _readings;
        private readonly MeterProvider _measures;
        private readonly TracerProvider _spans;
        private readonly BatchLogRecordExportProcessor _records;
        private readonly OpenTelemetryLoggerProvider _logs;

        public Sending(string collector, OtlpExport said, Readings readings, LogRelay relay)
        {
            _relay = relay;
            _readings = new(readings.All);
            MeterProvider? measures = null;
            TracerProvider? spans = null;
            try
            {
                _measures = measures = Measures(collector, said);
                _spans = spans = Sdk.CreateTracerProviderBuilder()
                    .ConfigureResource(Name)
                    .AddSource(RequestSignals.Name)
                    .AddOtlpExporter(options => Aim(options, collector, "traces"))
                    .Build();
                var (logs, resource) = (new OtlpExporterOptions(), ResourceBuilder.CreateDefault());
                Aim(logs, collector, "logs");
                Name(resource);
                _records = new BatchLogRecordExportProcessor(new OtlpLogExporter(logs));
                // the message as it stands in the file, and its parts as attributes
                _logs = new OpenTelemetryLoggerProvider(new Settled(new OpenTelemetryLoggerOptions { IncludeFormattedMessage = true }.AddProcessor(_records).SetResourceBuilder(resource)));
            }
            catch
            {
                spans?.Dispose();
                measures?.Dispose();
                _readings.Dispose();
                throw;
            }

            relay.Point(_logs);
        }

        public void Dispose()
        {
            _relay.Point(null);
            Task.WaitAll(Task.Run(() => _measures.Shutdown(Grace)), Task.Run(() => _spans.Shutdown(Grace)), Task.Run(() => _records.Shutdown(Grace)));
            _measures.Dispose();
            _readings.Dispose();
            _spans.Dispose();
            _logs.Dispose();
        }

        private MeterProvider Measures(string collector, OtlpExport said)
        {
            var options = new OtlpExporterOptions();
            Aim(options, collector, "metrics");
            var pace = new PeriodicExportingMetricReaderOptions();
            return Sdk.CreateMeterProviderBuilder()
                .ConfigureResource(Name)
                .AddMeter(RequestSignals.Name, ReadingMeter.Name)
                .AddView(_readings.StreamOf)
                .AddReader(new PeriodicExportingMetricReader(new SaidExporter(options, collector, said), pace.ExportIntervalMilliseconds ?? 60_000, pace.ExportTimeoutMilliseconds ?? 30_000))
                .Build();
        }

        /// <summary>What the environment says of it goes first.</summary>
        private static void Name(ResourceBuilder resource) => resource.AddService("helix", serviceVersion: Daemon.DaemonVerb.Version).AddEnvironmentVariableDetector();

        private static void Aim(OtlpExporterOptions options, string collector, string signal)
        {
            if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL") is null) options.Protocol = OtlpExportProtocol.HttpProtobuf;
            // over HTTP each signal has an address of its own, which the library adds only to one from the environment
            options.Endpoint = new Uri(options.Protocol == OtlpExportProtocol.Grpc ? collector : $"{collector.TrimEnd('/')}/v1/{signal}");
        }
    }

    /// <summary>Options that nobody changes.</summary>
    private sealed class Settled(OpenTelemetryLoggerOptions options) : IOptionsMonitor<OpenTelemetryLoggerOptions>
    {
        public OpenTelemetryLoggerOptions CurrentValue => options;

        public OpenTelemetryLoggerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OpenTelemetryLoggerOptions, string?> listener) => null;
    }

    /// <summary>Tells when measures are not taken, and when they are again: the library itself tells nobody.</summary>
    private sealed class SaidExporter(OtlpExporterOptions options, string collector, OtlpExport said) : OtlpMetricExporter(options)
    {
        private bool _fails;

        public override ExportResult Export(in Batch<Metric> metrics)
        {
            var result = base.Export(metrics);
            var fails = result != ExportResult.Success;
            if (fails && !_fails) said.LogNotTaken(collector);
            else if (_fails && !fails) said.LogTakenAgain(collector);
            _fails = fails;
            return result;
        }
    }
}
