using Helix.Access;
using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Core.Telemetry;
using Helix.Telemetry;

namespace Helix.Gateway;

/// <summary>What came of asking a shadow.</summary>
internal enum ShadowEnd
{
    Equal,
    Differs,

    /// <summary>Both have answered, but not what can be compared.</summary>
    Uncompared,

    /// <summary>It did not answer to the end.</summary>
    Failed,

    /// <summary>It was not asked.</summary>
    Missed,
}

/// <summary>How the answers of models compare with those of their shadows, since the daemon began. Numbers only: no text is kept.</summary>
internal sealed class ShadowScores
{
    /// <summary>So many pairs of models are told apart; what comes beyond counts under <see cref="RequestMetrics.Other"/>.</summary>
    public const int MostPairs = 64;

    private static readonly Labels[] s_ends = [.. Enum.GetValues<ShadowEnd>().Select(end => Labels.Of(("result", end.ToString().ToLowerInvariant())))];

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Model, string Shadow), Sum> _pairs = [];

    public void Add(string model, string shadow, Likeness likeness) => Add(model, shadow, likeness.IsEqual ? ShadowEnd.Equal : ShadowEnd.Differs, likeness.Share);

    public void Add(string model, string shadow, ShadowEnd end) => Add(model, shadow, end, 0);

    /// <summary>By their names.</summary>
    public IReadOnlyList<ShadowReport> Read()
    {
        lock (_gate) return [.. InOrder().Select(pair => pair.Value.Report(pair.Key.Model, pair.Key.Shadow))];
    }

    /// <summary><c>GET /helix/v1/route/shadows</c>.</summary>
    public Task AnswerAsync(HttpContext context) => ApiAnswer.OkAsync(context, new ShadowList(Read()), RouteJson.Default.ShadowList);

    public IReadOnlyList<Reading> Readings =>
    [
        new("helix.shadow.requests", "{request}", MetricKind.Counter, "Requests that were answered by a model and for which its shadow was to be asked too, by what came of it.", PutCounts) { Most = (MostPairs + 1) * s_ends.Length },
        new("helix.shadow.likeness", "", MetricKind.Counter, "The shares of words that both answers have, from 0 to 1 each, added up over those that were compared.", PutLikeness) { Most = MostPairs + 1 },
    ];

    private void PutCounts(PutSample put)
    {
        foreach (var (labels, counts, _) in Now())
            for (var end = 0; end < counts.Length; end++) put(labels, s_ends[end], counts[end]);
    }

    private void PutLikeness(PutSample put)
    {
        foreach (var (labels, _, likeness) in Now()) put(labels, Labels.None, likeness);
    }

    private (Labels Labels, long[] Counts, double Likeness)[] Now()
    {
        lock (_gate) return [.. InOrder().Select(pair => (Labels.Of(("model", pair.Key.Model), ("shadow", pair.Key.Shadow)), pair.Value.Counts.ToArray(), pair.Value.Likeness))];
    }

    private IEnumerable<KeyValuePair<(string Model, string Shadow), Sum>> InOrder() =>
        _pairs.OrderBy(pair => pair.Key.Model, StringComparer.Ordinal).ThenBy(pair => pair.Key.Shadow, StringComparer.Ordinal);

    private void Add(string model, string shadow, ShadowEnd end, double share)
    {
        lock (_gate)
        {
            var pair = (model, shadow);
            if (!_pairs.ContainsKey(pair) && _pairs.Count >= MostPairs) pair = (RequestMetrics.Other, RequestMetrics.Other);
            if (!_pairs.TryGetValue(pair, out var sum)) _pairs[pair] = sum = new();
            sum.Counts[(int)end]++;
            sum.Likeness += share;
        }
    }

    private sealed class Sum
    {
        public long[] Counts { get; } = new long[s_ends.Length];

        public double Likeness { get; set; }

        public ShadowReport Report(string model, string shadow)
        {
            var compared = Of(ShadowEnd.Equal) + Of(ShadowEnd.Differs);
            return new(
                model, shadow, Counts.Sum(), Of(ShadowEnd.Equal), Of(ShadowEnd.Differs), Of(ShadowEnd.Uncompared), Of(ShadowEnd.Failed), Of(ShadowEnd.Missed), compared > 0 ? Likeness / compared : null);

            long Of(ShadowEnd end) => Counts[(int)end];
        }
    }
}
