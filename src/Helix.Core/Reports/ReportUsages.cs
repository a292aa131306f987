using Helix.Core.Gateway;

namespace Helix.Core.Reports;

/// <summary>Adds up requests: all together, by who asked, by what answered, and over time.</summary>
internal static class ReportUsages
{
    /// <summary>That are told one by one.</summary>
    public const int Top = 10;

    /// <summary>Stretches of time that a chart has at most.</summary>
    public const int MostPoints = 62;

    private static readonly TimeSpan[] s_steps =
        [TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(30), TimeSpan.FromDays(90), TimeSpan.FromDays(365)];

    public static ReportUsage Of(ReportInput input) => new(
        Part("", 0, input.Rows),
        input.Rows.Where(row => row.Source == ReportSource.Memory).Sum(row => row.Sum.Requests),
        input.Rows.Sum(row => row.Sum.Tokens.Cached),
        input.Rows.Sum(row => row.Sum.Estimated),
        input.OwnRequests,
        By(input.Rows, row => row.Key.Key),
        By(input.Rows, row => row.Key.Model),
        By(input.Rows, row => row.Key.Provider),
        Points(input));

    private static List<ReportPart> By(IReadOnlyList<ReportRow> rows, Func<ReportRow, string> name)
    {
        var groups = rows.GroupBy(name, StringComparer.Ordinal).Select(group => (Rows: group.ToArray(), Part: Part(group.Key, 0, group)))
            .OrderByDescending(group => group.Part.Tokens).ThenByDescending(group => group.Part.Requests).ThenBy(group => group.Part.Name, StringComparer.Ordinal).ToArray();
        List<ReportPart> parts = [.. groups.Take(Top).Select(group => group.Part)];
        if (groups.Length > Top) parts.Add(Part("", groups.Length - Top, groups.Skip(Top).SelectMany(group => group.Rows)));
        return parts;
    }

    private static ReportPart Part(string name, int others, IEnumerable<ReportRow> rows)
    {
        var (all, timed, answered) = (default(UsageSum), default(UsageSum), default(UsageSum));
        var (failed, refused, left) = (0L, 0L, 0L);
        foreach (var row in rows)
        {
            all += row.Sum;
            switch (row.Key.Outcome)
            {
                case RequestOutcome.Failed: failed += row.Sum.Requests; break;
                case RequestOutcome.Refused: refused += row.Sum.Requests; break;
                case RequestOutcome.Left: left += row.Sum.Requests; break;
            }

            // an answer from memory says nothing of the speed of an engine
            if (row.Source is not (ReportSource.Engine or ReportSource.Cloud)) continue;
            timed += row.Sum;
            // nor does what writes nothing, such as vectors
            if (row.IsAnswered && row.Sum.Tokens.Answer > 0) answered += row.Sum;
        }

        return new(
            name, others, all.Requests, failed, refused, left, all.Tokens.Prompt, all.Tokens.Answer, timed.FirstTokens,
            timed.FirstTokens > 0 ? timed.FirstTokenTime.TotalMilliseconds / timed.FirstTokens : null,
            answered.Took > TimeSpan.Zero ? answered.Tokens.Answer / answered.Took.TotalSeconds : null,
            all.Cost.Dollars);
    }

    /// <summary>Without what was before the first request on record: that nothing was asked then is not known.</summary>
    private static List<ReportPoint> Points(ReportInput input)
    {
        if (input.Rows.Count == 0) return [];
        var begin = input.Recorded.Usage is { } first && first > input.From ? first : input.From;
        var step = StepOf(input.Now - begin, input.Per.Length);
        var count = (int)Math.Max(1, Math.Ceiling((input.Now - begin) / step));
        var points = new ReportPoint[count];
        for (var at = 0; at < count; at++) points[at] = new(begin + step * at, 0, 0, 0, 0);
        foreach (var row in input.Rows)
        {
            var at = Math.Clamp((int)((DateTimeOffset.UnixEpoch.AddMinutes(row.Key.Minute) - begin) / step), 0, count - 1);
            var point = points[at];
            points[at] = point with
            {
                Requests = point.Requests + row.Sum.Requests,
                Failed = point.Failed + (row.Key.Outcome == RequestOutcome.Failed ? row.Sum.Requests : 0),
                PromptTokens = point.PromptTokens + row.Sum.Tokens.Prompt,
                AnswerTokens = point.AnswerTokens + row.Sum.Tokens.Answer,
            };
        }

        return [.. points];
    }

    private static TimeSpan StepOf(TimeSpan all, TimeSpan least)
    {
        foreach (var step in s_steps)
            if (step >= least && Math.Ceiling(all / step) <= MostPoints) return step;
        return s_steps[^1];
    }
}
