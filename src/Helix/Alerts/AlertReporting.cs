using Helix.Contracts;
using Helix.Core.Alerts;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary>Alerts, messages and rules as helix's own API tells them.</summary>
internal static class AlertReporting
{
    public static AlertReport Of(Alert alert, AlertBook? book, DateTimeOffset now, string link) => new(
        alert.Id, alert.IsOpen && book?.IsSilenced(alert, now) == true ? AlertState.Silenced : alert.State, alert.Type, alert.Severity, alert.Rule, alert.Family, alert.Provider, alert.Subject,
        alert.What, alert.Done, alert.Left, alert.Since, alert.LastSeen, alert.Count)
    {
        Notice = alert.IsNotice,
        Flapping = alert.IsFlapping,
        Resolved = alert.ResolvedAt,
        End = alert.EndWords,
        Acknowledged = alert.AckedAt,
        By = alert.AckedBy,
        Note = alert.AckNote,
        Escalated = alert.EscalatedAt,
        Told = alert.ToldTo,
        Link = $"{link}{alert.Id}",
        Actions = ActionsOf(alert, book?.IsSilenced(alert, now) == true),
    };

    /// <summary>What makes sense: nobody is reminded of what is silenced, and what does not fire yet may never do.</summary>
    private static string[] ActionsOf(Alert alert, bool isSilenced) => (alert.State, isSilenced) switch
    {
        (AlertState.Resolved, _) or (AlertState.Pending, true) => [],
        (AlertState.Pending, false) => ["silence"],
        (_, true) => ["resolve"],
        (AlertState.Acknowledged, false) => ["silence", "resolve"],
        _ => ["acknowledge", "silence", "resolve"],
    };

    public static SilenceReport Of(Silence silence) =>
        new(silence.Id, silence.Match.Type, silence.Match.Family, silence.Match.Provider, silence.Match.Subject, silence.From, silence.Until, silence.By, silence.Comment, silence.Match.Words);

    public static MessageReport Of(QueuedMessage queued) => new(
        queued.Id, queued.Message.Key, queued.Message.Channel, queued.Message.At, queued.State.ToString().ToLowerInvariant(), queued.Tries, queued.Done, queued.Trouble,
        queued.Message.Severity, queued.Message.Firing, queued.Message.Resolved, AlertText.Title(queued.Message), AlertText.Plain(queued.Message), [.. queued.Message.Entries.Select(entry => entry.Id)], queued.Message.IsTest);

    public static RuleReport Of(AlertRule rule) => new(rule.Name, rule.IsOn, rule.Type, rule.Severity, rule.For.TotalSeconds, Words(rule.Test), rule.Left);

    /// <summary>What a rule looks for, in words.</summary>
    private static string Words(RuleTest test) => test switch
    {
        RuleTest.Causes(var names) => string.Join(", ", names),
        RuleTest.Rate(var names, var count, var within) => $"{count} of {string.Join(", ", names)} within {RuleSpan.Words(within)}",
        RuleTest.Measure(var name, var isAbove, var limit, var until) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} {(isAbove ? "above" : "below")} {limit:0.##} {AlertMeasure.Of(name).Unit}, until {until:0.##}"),
        RuleTest.Absence(var signal, var intervals) => $"no {signal} for {intervals} intervals",
        _ => throw new InvalidOperationException("there is no other test"),
    };
}
