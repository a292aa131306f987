using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.History;
using Helix.Core.Reports;

namespace Helix.Core.Tests.Reports;

/// <summary>Inputs for reports.</summary>
internal static class ReportSample
{
    public static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 30, 0, TimeSpan.Zero);

    /// <summary>A week of which everything is on record, and in which nothing happened.</summary>
    public static ReportInput Week => ReportInput.Begin(Now.AddDays(-7), Now) with
    {
        Version = "0.1.0",
        Recorded = new(Now.AddDays(-60), DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-60), Now.AddDays(-60)),
        PricesObserved = "2026-10-03",
        Prices = new Dictionary<string, CloudPrice> { ["a/cheap"] = new(1, 2), ["a/middle"] = new(2, 4, 1, LongFrom: 10, LongIn: 100, LongOut: 100), ["b/dear"] = new(10, 20), ["b/embed"] = new(1, 0) },
    };

    /// <param name="ago">From now.</param>
    public static ReportRow Row(TimeSpan ago, string key, string provider, string model, RequestOutcome outcome, long requests, long prompt, long answer, ReportSource source = ReportSource.Engine) => new(
        new((long)(Now - ago - DateTimeOffset.UnixEpoch).TotalMinutes, key, provider, model, outcome, "here"),
        new(requests, new(prompt, answer, 0), 0, requests, TimeSpan.FromMilliseconds(200 * requests), TimeSpan.FromSeconds(requests), requests, Money.Zero), source);

    public static HistoryEvent Event(TimeSpan ago, HistoryKind kind, string provider, string what, string? data = null) => new(Now - ago, kind, Severity.Info, provider, $"{provider}-m", what, $"{what} of {provider}") { Data = data };

    public static UptimeKey Day(int ago, string who = UptimeMeter.Whole) => new(DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-ago), who);

    public static UptimeSpan Span(double up, double down) => new(TimeSpan.FromHours(up), TimeSpan.FromHours(down));
}
