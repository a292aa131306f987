using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>What becomes of remembered moments when the clock is set back: nothing has happened later than now. What waits then waits for its own time once more, and not until the old one comes again.</summary>
internal static class AlertClock
{
    public static AlertBook Past(AlertBook book, DateTimeOffset now) => now >= book.At ? book : book with
    {
        At = now,
        Alerts = book.Alerts.SetItems(book.Alerts.Select(pair => KeyValuePair.Create(pair.Key, Past(pair.Value, now)))),
        Fired = Past(book.Fired, now),
        Rates = Past(book.Rates, now),
        Dismissed = book.Dismissed?.ToImmutableDictionary(pair => pair.Key, pair => Of(pair.Value, now)),
        Channels = book.Channels.ToImmutableDictionary(pair => pair.Key, pair => new ChannelBook(
            pair.Value.Groups.ToImmutableDictionary(group => group.Key, group => group.Value with { Told = Of(group.Value.Told, now), Notes = [.. group.Value.Notes.Select(note => note with { At = Of(note.At, now) })] }),
            Past(pair.Value.Told, now))),
    };

    /// <returns>The same object where nothing of it changes.</returns>
    private static Alert Past(Alert alert, DateTimeOffset now)
    {
        var past = alert with
        {
            Since = Of(alert.Since, now),
            LastSeen = Of(alert.LastSeen, now),
            FiredAt = Of(alert.FiredAt, now),
            EndedAt = Of(alert.EndedAt, now),
            ResolvedAt = Of(alert.ResolvedAt, now),
            NudgedAt = Of(alert.NudgedAt, now),
        };
        return past == alert ? alert : past;
    }

    private static ImmutableDictionary<string, ImmutableArray<DateTimeOffset>> Past(ImmutableDictionary<string, ImmutableArray<DateTimeOffset>> moments, DateTimeOffset now) =>
        moments.ToImmutableDictionary(pair => pair.Key, pair => Past(pair.Value, now));

    private static ImmutableArray<DateTimeOffset> Past(ImmutableArray<DateTimeOffset> moments, DateTimeOffset now) => [.. moments.Select(moment => Of(moment, now))];

    private static DateTimeOffset Of(DateTimeOffset moment, DateTimeOffset now) => moment > now ? now : moment;

    private static DateTimeOffset? Of(DateTimeOffset? moment, DateTimeOffset now) => moment is { } known ? Of(known, now) : null;
}
