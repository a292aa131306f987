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

    private readonly ConcurrentDictionary<RequestKind, RequestSeries> _series = new();

    /// <summary>Of all of them together.</summary>
    public CacheSeries Cache { get; } = new();

    public void Add(RequestRecord one)
    {
        var kind = new RequestKind(one.Operation, one.Provider, one.AskedModel, one.SentTo);
        (_series.TryGetValue(kind, out var known) ? known : Make(kind)).Add(one);
        Cache.Add(one);
    }

    /// <summary>What they came to by provider and model. What was answered from memory says nothing of an engine.</summary>
    public IReadOnlyList<RequestCounts> Read() =>
    [
        .. _series.Where(pair => pair.Key.Provider is not (Gateway.Exchange.FromMemory or Other)).Select(pair => pair.Value.Read(pair.Key))
            .GroupBy(counts => (counts.Provider, counts.Model)).Select(same => same.Aggregate((one, other) => one + other)),
    ];

    public void WriteTo(ExpositionText text)
    {
        RequestSeries[] all = [.. _series.Select(pair => pair.Value)];
        text.Head("helix_requests_total", MetricKind.Counter, "Requests to models that ended, by how they ended and by what their client speaks.");
        foreach (var series in all) series.WriteEnds(text);
        Head(text, Measures.Duration);
        foreach (var series in all) series.WriteDurations(text);
        Head(text, Measures.FirstToken);
        foreach (var series in all) series.WriteFirstTokens(text);
        Head(text, Measures.PerToken);
        foreach (var series in all) series.WritePerToken(text);
        Head(text, Measures.Tokens);
        foreach (var series in all) series.WriteTokenUsage(text);
        text.Head("helix_tokens_total", MetricKind.Counter, "Tokens of all requests; where no engine told them, lengths were counted instead.");
        foreach (var series in all) series.WriteTokens(text);
        text.Head("helix_cached_tokens_total", MetricKind.Counter, "Of the input tokens, those that the engine had not to compute again.");
        foreach (var series in all) series.WriteCached(text);
        Head(text, Measures.Tries);
        foreach (var series in all) series.WriteTries(text);
        Head(text, Measures.Wait);
        foreach (var series in all) series.WriteWaits(text);
        Cache.WriteTo(text);
    }

    private static void Head(ExpositionText text, Measure measure) => text.Head(measure.ExpositionName, MetricKind.Histogram, measure.Help);

    private RequestSeries Make(RequestKind kind)
    {
        if (_series.Count >= MostKinds) kind = kind with { Provider = Other, AskedModel = Other, SentTo = Other };
        return _series.GetOrAdd(kind, static made => new RequestSeries(made));
    }
}
