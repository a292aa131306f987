using System.Diagnostics;
using System.Diagnostics.Metrics;
using Helix.Core.Gateway;
using Helix.Core.Telemetry;

namespace Helix.Telemetry;

/// <summary>The same figures as OpenTelemetry's instruments, and a span for each request. Where nobody listens, which is so unless they are exported, it costs two looks at a flag.</summary>
internal sealed class RequestSignals : IDisposable
{
    /// <summary>Of the meter and of the source of spans.</summary>
    public const string Name = "helix.gateway";

    private readonly Meter _meter = new(Name, Daemon.DaemonVerb.Version);
    private readonly ActivitySource _spans = new(Name, Daemon.DaemonVerb.Version);
    private readonly Histogram<double> _durations;
    private readonly Histogram<double> _firstTokens;
    private readonly Histogram<double> _perToken;
    private readonly Histogram<double> _waits;
    private readonly Histogram<long> _tries;
    private readonly Histogram<long> _tokens;

    public RequestSignals()
    {
        (_durations, _firstTokens, _perToken, _waits) = (Times(Measures.Duration), Times(Measures.FirstToken), Times(Measures.PerToken), Times(Measures.Wait));
        (_tries, _tokens) = (Counts(Measures.Tries), Counts(Measures.Tokens));

        Histogram<double> Times(Measure measure) =>
            _meter.CreateHistogram<double>(measure.Name, measure.Unit, measure.Help, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = measure.Bounds });

        Histogram<long> Counts(Measure measure) =>
            _meter.CreateHistogram<long>(measure.Name, measure.Unit, measure.Help, tags: null, new InstrumentAdvice<long> { HistogramBucketBoundaries = measure.Marks });
    }

    /// <summary>Somebody listens to both.</summary>
    public bool AreHeard => _durations.Enabled && _spans.HasListeners();

    public void Add(in RequestRecord one)
    {
        if (_durations.Enabled) Record(one);
        if (_spans.HasListeners()) Trace(one);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _spans.Dispose();
    }

    private void Record(in RequestRecord one)
    {
        var tags = TagsOf(one);
        if (one is { Outcome: RequestOutcome.Answered, FirstToken: { } first }) _firstTokens.Record(first.TotalSeconds, tags);
        if (one.PerToken is { } each) _perToken.Record(each.TotalSeconds, tags);
        if (one.Tries > 0) _tries.Record(one.Tries, tags);
        if (one.Tries > 0 || one.Waited > TimeSpan.Zero) _waits.Record(one.Waited.TotalSeconds, tags);
        if (!one.IsEstimated)
        {
            RecordTokens(one.Usage.Prompt, "input", tags);
            RecordTokens(one.Usage.Answer, "output", tags);
        }

        if (ErrorOf(one) is { Length: > 0 } error) tags.Add("error.type", error);
        _durations.Record(one.Took.TotalSeconds, tags);
    }

    private void RecordTokens(long count, string type, TagList tags)
    {
        if (count == 0) return;
        tags.Add("gen_ai.token.type", type);
        _tokens.Record(count, tags);
    }

    /// <summary>Made when all is known of the request: while it runs, nothing is held for it.</summary>
    private void Trace(in RequestRecord one)
    {
        var current = Activity.Current;
        // the web server's own is not exported, and nothing that belongs to it would be
        Activity.Current = null;
        try
        {
            var parent = ActivityContext.TryParse(one.TraceParent, null, isRemote: true, out var client) ? client : default;
            using var span = _spans.StartActivity(ActivityKind.Server, parent, TagsOf(one), links: null, one.At, $"{one.Operation} {one.AskedModel}".TrimEnd());
            if (span is null) return;
            span.SetTag("helix.dialect", RequestWords.Dialects[(int)one.Dialect]);
            span.SetTag("helix.tries", one.Tries);
            if (one.Node.Length > 0) span.SetTag("helix.node", one.Node);
            if (one.Waited > TimeSpan.Zero) span.SetTag("helix.wait", one.Waited.TotalSeconds);
            if (one.FirstToken is { } first) span.SetTag("gen_ai.response.time_to_first_chunk", first.TotalSeconds);
            if (one.Usage != default && !one.IsEstimated)
            {
                span.SetTag("gen_ai.usage.input_tokens", one.Usage.Prompt);
                span.SetTag("gen_ai.usage.output_tokens", one.Usage.Answer);
                span.SetTag("gen_ai.usage.cache_read.input_tokens", one.Usage.Cached);
            }

            if (ErrorOf(one) is { Length: > 0 } error) span.SetTag("error.type", error);
            if (one.Outcome == RequestOutcome.Failed) span.SetStatus(ActivityStatusCode.Error);
            span.SetEndTime((one.At + one.Took).UtcDateTime);
        }
        finally
        {
            Activity.Current = current;
        }
    }

    private static string ErrorOf(in RequestRecord one) => RequestWords.ErrorTypes[RequestWords.ErrorOf(one)];

    private static TagList TagsOf(in RequestRecord one)
    {
        var tags = new TagList { { "gen_ai.operation.name", one.Operation } };
        if (one.Provider.Length > 0) tags.Add("gen_ai.provider.name", one.Provider);
        if (one.AskedModel.Length > 0) tags.Add("gen_ai.request.model", one.AskedModel);
        if (one.SentTo.Length > 0) tags.Add("gen_ai.response.model", one.SentTo);
        return tags;
    }
}
