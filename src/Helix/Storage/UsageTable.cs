using Helix.Core.Gateway;

namespace Helix.Storage;

/// <summary>Requests added up by minute, hour and day.</summary>
internal sealed class UsageTable(Database database)
{
    private const string Upsert = """
        INSERT INTO usage (span, minute, key, provider, model, outcome, requests, prompt, answer, cached, estimated, first_tokens, first_token_ms, ms, tries, nanos)
        VALUES ($span, $minute, $key, $provider, $model, $outcome, $requests, $prompt, $answer, $cached, $estimated, $firsts, $first, $took, $tries, $nanos)
        ON CONFLICT (span, minute, key, provider, model, outcome) DO UPDATE SET
            requests = requests + $requests, prompt = prompt + $prompt, answer = answer + $answer, cached = cached + $cached, estimated = estimated + $estimated,
            first_tokens = first_tokens + $firsts, first_token_ms = first_token_ms + $first, ms = ms + $took, tries = tries + $tries, nanos = nanos + $nanos
        """;

    /// <summary>Adds them to each span, and drops what is older than is kept.</summary>
    public void Add(IReadOnlyDictionary<UsageKey, UsageSum> sums, DateTimeOffset now) => database.Post(connection =>
    {
        foreach (var span in UsageSpan.All)
        {
            foreach (var (key, sum) in sums)
                connection.Run(
                    Upsert,
                    ("$span", span.Minutes), ("$minute", span.BeginOf(key.Minute)), ("$key", key.Key), ("$provider", key.Provider), ("$model", key.Model), ("$outcome", (int)key.Outcome),
                    ("$requests", sum.Requests), ("$prompt", sum.Tokens.Prompt), ("$answer", sum.Tokens.Answer), ("$cached", sum.Tokens.Cached), ("$estimated", sum.Estimated),
                    ("$firsts", sum.FirstTokens), ("$first", sum.FirstTokenTime.TotalMilliseconds), ("$took", sum.Took.TotalMilliseconds), ("$tries", sum.Tries), ("$nanos", sum.Cost.Nanos));
            connection.Run("DELETE FROM usage WHERE span = $span AND minute < $oldest", ("$span", span.Minutes), ("$oldest", (long)(now - span.Kept - DateTimeOffset.UnixEpoch).TotalMinutes));
        }
    });

    /// <param name="since">Spans that begin then or later.</param>
    public Task<Stored<List<KeyValuePair<UsageKey, UsageSum>>>> ReadAsync(UsageSpan span, DateTimeOffset since) => database.AskAsync(connection => connection.Read(
        """
        SELECT minute, key, provider, model, outcome, requests, prompt, answer, cached, estimated, first_tokens, first_token_ms, ms, tries, nanos
        FROM usage WHERE span = $span AND minute >= $since ORDER BY minute, key, provider, model, outcome
        """,
        row => KeyValuePair.Create(
            new UsageKey(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), (RequestOutcome)row.GetInt32(4)),
            new UsageSum(
                row.GetInt64(5), new(row.GetInt64(6), row.GetInt64(7), row.GetInt64(8)), row.GetInt64(9), row.GetInt64(10),
                TimeSpan.FromMilliseconds(row.GetDouble(11)), TimeSpan.FromMilliseconds(row.GetDouble(12)), row.GetInt64(13), new(row.GetInt64(14)))),
        ("$span", span.Minutes), ("$since", (long)(since - DateTimeOffset.UnixEpoch).TotalMinutes)));

    /// <returns>When the oldest span that is kept begins; null where none is.</returns>
    public Task<Stored<DateTimeOffset?>> FirstAsync(UsageSpan span) => database.AskAsync(connection => connection.Read(
        "SELECT min(minute) FROM usage WHERE span = $span", row => row.IsDBNull(0) ? (DateTimeOffset?)null : DateTimeOffset.UnixEpoch.AddMinutes(row.GetInt64(0)), ("$span", span.Minutes))[0]);
}
