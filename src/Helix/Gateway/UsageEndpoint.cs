using Helix.Access;
using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Core.History;
using Helix.Storage;

namespace Helix.Gateway;

/// <summary><c>GET /helix/v1/usage?per=&amp;since=&amp;by=</c>: what was asked and answered, added up.</summary>
internal sealed class UsageEndpoint(Accounts accounts, UsageTable table, ShadowScores shadows, TimeProvider time)
{
    /// <summary>What rows can be told apart by.</summary>
    public static readonly string[] Parts = ["key", "provider", "model", "node"];

    private static readonly TimeSpan s_usual = TimeSpan.FromDays(1);

    public async Task AnswerAsync(HttpContext context)
    {
        var (per, since, by) = (context.Request.Query["per"].ToString(), context.Request.Query["since"].ToString(), context.Request.Query["by"].ToString());
        var now = time.GetUtcNow();
        var span = UsageSpan.All.FirstOrDefault(span => span.Name == (per.Length == 0 ? UsageSpan.Hour.Name : per));
        var parts = by.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var from = since.Length == 0 ? now - s_usual : Since.Parse(since, now);
        var wrong = span is null ? $"per: {per} is none of {string.Join(", ", UsageSpan.All.Select(each => each.Name))}"
            : from is null ? $"since: {since} is not {Since.Expected}"
            : parts.Except(Parts).FirstOrDefault() is { } odd ? $"by: {odd} is none of {string.Join(", ", Parts)}"
            : null;
        if (wrong is not null || span is null || from is not { } begin)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", wrong ?? ""));
            return;
        }

        // what came in this very moment counts too
        accounts.Flush();
        var first = DateTimeOffset.UnixEpoch.AddMinutes(span.BeginOf((long)(begin - DateTimeOffset.UnixEpoch).TotalMinutes));
        switch (await table.ReadAsync(span, first))
        {
            case Stored<List<KeyValuePair<UsageKey, UsageSum>>>.Ok(var rows): await ApiAnswer.OkAsync(context, new UsageList(span.Name, first, [.. Reports(rows, parts)], CacheOf(rows), shadows.Read()), UsageJson.Default.UsageList); break;
            case Stored<List<KeyValuePair<UsageKey, UsageSum>>>.Failed failed: await ApiAnswer.RefuseAsync(context, StatusCodes.Status500InternalServerError, new(failed.Code, failed.Reason, failed.Remedy)); break;
        }
    }

    private static IEnumerable<UsageReport> Reports(List<KeyValuePair<UsageKey, UsageSum>> rows, string[] parts)
    {
        return rows.GroupBy(Apart).Select(group =>
        {
            var all = Sum(_ => true);
            var answered = Sum(outcome => outcome == RequestOutcome.Answered);
            return new UsageReport(
                DateTimeOffset.UnixEpoch.AddMinutes(group.Key.Minute), group.Key.Key, group.Key.Provider, group.Key.Model, all.Requests, Sum(outcome => outcome == RequestOutcome.Failed).Requests,
                Sum(outcome => outcome == RequestOutcome.Refused).Requests, Sum(outcome => outcome == RequestOutcome.Left).Requests, all.Tokens.Prompt, all.Tokens.Answer, all.Tokens.Cached, all.Estimated,
                all.FirstTokens > 0 ? all.FirstTokenTime.TotalMilliseconds / all.FirstTokens : null,
                answered.Took > TimeSpan.Zero ? answered.Tokens.Answer / answered.Took.TotalSeconds : null,
                all.Tries > 0 ? (double)all.Tries / group.Where(row => row.Key.Provider is not ("" or Exchange.FromMemory or Exchange.FromMeaning)).Sum(row => row.Value.Requests) : null,
                all.Cost.Dollars, group.Key.Node);

            UsageSum Sum(Func<RequestOutcome, bool> which) => group.Where(row => which(row.Key.Outcome)).Select(row => row.Value).Aggregate(default(UsageSum), (a, b) => a + b);
        });

        (long Minute, string? Key, string? Provider, string? Model, string? Node) Apart(KeyValuePair<UsageKey, UsageSum> row) =>
            (row.Key.Minute, Told("key", row.Key.Key), Told("provider", row.Key.Provider), Told("model", row.Key.Model), Told("node", row.Key.Node ?? UsageReport.UnknownNode));

        string? Told(string part, string value) => parts.Contains(part) ? value : null;
    }

    private static UsageCache CacheOf(List<KeyValuePair<UsageKey, UsageSum>> rows)
    {
        var answered = rows.Where(row => row.Key.Outcome == RequestOutcome.Answered && !OwnRequest.IsKey(row.Key.Key)).ToArray();
        var (exact, semantic) = (By(Exchange.FromMemory), By(Exchange.FromMeaning));
        return new(answered.Sum(row => row.Value.Requests), exact.Requests, semantic.Requests, exact.Tokens.Prompt + semantic.Tokens.Prompt, exact.Tokens.Answer + semantic.Tokens.Answer);

        UsageSum By(string provider) => answered.Where(row => row.Key.Provider == provider).Select(row => row.Value).Aggregate(default(UsageSum), (a, b) => a + b);
    }
}
