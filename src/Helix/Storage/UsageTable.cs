using Helix.Core.Gateway;

namespace Helix.Storage;

/// <summary>
/// Requests added up by minute, hour and day. The table <c>usage</c> holds what was added up while nodes were not noted: it is read and grows old like the rest,
/// and nothing comes to it but from an earlier helix, which finishes its answers after an update.
/// </summary>
internal sealed class UsageTable(Database database)
{
    private const string Upsert = """
        INSERT INTO usage_by_node (span, minute, key, provider, model, outcome, node, requests, prompt, answer, cached, estimated, first_tokens, first_token_ms, ms, tries, nanos)
        VALUES ($span, $minute, $key, $provider, $model, $outcome, $node, $requests, $prompt, $answer, $cached, $estimated, $firsts, $first, $took, $tries, $nanos)
        ON CONFLICT (span, minute, key, provider, model, outcome, node) DO UPDATE SET
            requests = requests + $requests, prompt = prompt + $prompt, answer = answer + $answer, cached = cached + $cached, estimated = estimated + $estimated,
            first_tokens = first_tokens + $firsts, first_token_ms = first_token_ms + $first, ms = ms + $took, tries = tries + $tries, nanos = nanos + $nanos
        """;

    private const string Sums = "requests, prompt, answer, cached, estimated, first_tokens, first_token_ms, ms, tries, nanos";

    /// <summary>In the order of both tables' keys, so that nothing has to be sorted.</summary>
    private const string Query = $"""
        SELECT minute, key, provider, model, outcome, node, {Sums} FROM usage_by_node WHERE span = $span AND minute >= $since
        UNION ALL
        SELECT minute, key, provider, model, outcome, NULL, {Sums} FROM usage WHERE span = $span AND minute >= $since
        ORDER BY minute, key, provider, model, outcome
        """;

    /// <summary>Adds them to each span, and drops what is older than is kept.</summary>
    /// <param name="sums">Of known nodes.</param>
    public void Add(IReadOnlyDictionary<UsageKey, UsageSum> sums, DateTimeOffset now) => database.Post(connection =>
    {
        foreach (var span in UsageSpan.All)
        {
            foreach (var (key, sum) in sums)
                connection.Run(
                    Upsert,
                    ("$span", span.Minutes), ("$minute", span.BeginOf(key.Minute)), ("$key", key.Key), ("$provider", key.Provider), ("$model", key.Model), ("$outcome", (int)key.Outcome), ("$node", key.Node),
                    ("$requests", sum.Requests), ("$prompt", sum.Tokens.Prompt), ("$answer", sum.Tokens.Answer), ("$cached", sum.Tokens.Cached), ("$estimated", sum.Estimated),
                    ("$firsts", sum.FirstTokens), ("$first", sum.FirstTokenTime.TotalMilliseconds), ("$took", sum.Took.TotalMilliseconds), ("$tries", sum.Tries), ("$nanos", sum.Cost.Nanos));
            var oldest = (long)(now - span.Kept - DateTimeOffset.UnixEpoch).TotalMinutes;
            connection.Run("DELETE FROM usage_by_node WHERE span = $span AND minute < $oldest", ("$span", span.Minutes), ("$oldest", oldest));
            connection.Run("DELETE FROM usage WHERE span = $span AND minute < $oldest", ("$span", span.Minutes), ("$oldest", oldest));
        }
    });

    /// <param name="since">Spans that begin then or later.</param>
    public Task<Stored<List<KeyValuePair<UsageKey, UsageSum>>>> ReadAsync(UsageSpan span, DateTimeOffset since) => database.AskAsync(connection => connection.Read(
        Query,
        row => KeyValuePair.Create(
            new UsageKey(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), (RequestOutcome)row.GetInt32(4), row.IsDBNull(5) ? null : row.GetString(5)),
            new UsageSum(
                row.GetInt64(6), new(row.GetInt64(7), row.GetInt64(8), row.GetInt64(9)), row.GetInt64(10), row.GetInt64(11),
                TimeSpan.FromMilliseconds(row.GetDouble(12)), TimeSpan.FromMilliseconds(row.GetDouble(13)), row.GetInt64(14), new(row.GetInt64(15)))),
        ("$span", span.Minutes), ("$since", (long)(since - DateTimeOffset.UnixEpoch).TotalMinutes)));

    /// <returns>When the oldest span that is kept begins; null where none is.</returns>
    public Task<Stored<DateTimeOffset?>> FirstAsync(UsageSpan span) => database.AskAsync(connection => connection.Read(
        "SELECT min(first) FROM (SELECT min(minute) AS first FROM usage_by_node WHERE span = $span UNION ALL SELECT min(minute) FROM usage WHERE span = $span)",
        row => row.IsDBNull(0) ? (DateTimeOffset?)null : DateTimeOffset.UnixEpoch.AddMinutes(row.GetInt64(0)), ("$span", span.Minutes))[0]);
}
