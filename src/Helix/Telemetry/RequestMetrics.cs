using System.Collections.Concurrent;
using Helix.Core.Alerts;
using Helix.Core.Gateway;
using Helix.Core.Telemetry;

namespace Helix.Telemetry;

/// <summary>What all requests came to since the daemon began, for whoever scrapes it. Keys and texts are no part of it.</summary>
internal sealed class RequestMetrics
{
    /// <summary>So many kinds of requests are told apart: what lists a thousand models must not make a thousand series.</summary>
    public const int MostKinds = 256;

    /// <summary>What stands for the provider and the model of all others.</summary>
    public const string Other = "_OTHER";

    /// <summary>So many series are found without a search.</summary>
    private const int AtHand = 8;

    /// <summary>Beyond those that are told apart, the others of each operation.</summary>
    private const int MostSeries = MostKinds + 32;

    // held while a request is added: one lock costs less than a dozen counters that threads change at once; who reads does without
    private readonly Lock _adding = new();
    private readonly ConcurrentDictionary<RequestKind, RequestSeries> _series = new();

    /// <summary>Some of those that were added to: nearly always the next one is of one of these kinds, too.</summary>
    private readonly RequestSeries?[] _atHand = new RequestSeries?[AtHand];
    private uint _next;

    /// <summary>Of all of them together.</summary>
    public CacheSeries Cache { get; } = new();

    public void Add(in RequestRecord one)
    {
        lock (_adding) SeriesOf(new(one.Operation, one.Provider, one.AskedModel, one.SentTo)).Add(one);
        Cache.Add(one);
    }

    /// <summary>What they came to by provider and model. What was answered from memory says nothing of an engine.</summary>
    public IReadOnlyList<RequestCounts> Read() =>
    [
        .. _series.Where(pair => pair.Key.Provider is not (Gateway.Exchange.FromMemory or Other)).Select(pair => pair.Value.Read(pair.Key))
            .GroupBy(counts => (counts.Provider, counts.Model)).Select(same => same.Aggregate((one, other) => one + other)),
    ];

    /// <summary>What is counted. The distributions are <see cref="WriteTo"/>'s.</summary>
    public IReadOnlyList<Reading> Readings =>
    [
        Count("helix.requests", "{request}", "Requests to models that ended, by how they ended and by what their client speaks.", RequestSeries.Ends, static (series, put) => series.PutEnds(put)),
        Count("helix.tokens", "{token}", "Tokens of all requests; where no engine told them, lengths were counted instead.", RequestSeries.TokenKinds, static (series, put) => series.PutTokens(put)),
        Count("helix.cached_tokens", "{token}", "Of the input tokens, those that the engine had not to compute again.", 1, static (series, put) => series.PutCached(put)),
        .. Cache.Readings,
    ];

    /// <summary>The distributions, for a scraper. An exporter is told of each request by <see cref="RequestSignals"/>.</summary>
    public void WriteTo(ExpositionText text)
    {
        RequestSeries[] all = [.. _series.Select(pair => pair.Value)];
        Head(text, Measures.Duration);
        foreach (var series in all) series.WriteDurations(text);
        Head(text, Measures.FirstToken);
        foreach (var series in all) series.WriteFirstTokens(text);
        Head(text, Measures.PerToken);
        foreach (var series in all) series.WritePerToken(text);
        Head(text, Measures.Tokens);
        foreach (var series in all) series.WriteTokenUsage(text);
        Head(text, Measures.Tries);
        foreach (var series in all) series.WriteTries(text);
        Head(text, Measures.Wait);
        foreach (var series in all) series.WriteWaits(text);
    }

    /// <param name="each">So many samples there can be of one kind of requests.</param>
    private Reading Count(string name, string unit, string help, int each, Action<RequestSeries, PutSample> put) => new(
        name, unit, MetricKind.Counter, help,
        to =>
        {
            foreach (var (_, series) in _series) put(series, to);
        }) { Most = MostSeries * each };

    private static void Head(ExpositionText text, Measure measure) => text.Head(measure.ExpositionName, MetricKind.Histogram, measure.Help);

    private RequestSeries SeriesOf(RequestKind kind)
    {
        foreach (var recent in _atHand)
            if (recent is not null && recent.Kind == kind) return recent;
        var series = _series.TryGetValue(kind, out var known) ? known : Make(kind);
        if (series.Kind == kind) _atHand[_next++ % AtHand] = series;
        return series;
    }

    private RequestSeries Make(RequestKind kind)
    {
        if (_series.Count >= MostKinds) kind = kind with { Provider = Other, AskedModel = Other, SentTo = Other };
        return _series.GetOrAdd(kind, static made => new RequestSeries(made));
    }
}
