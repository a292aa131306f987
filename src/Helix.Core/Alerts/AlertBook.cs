using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>All that the alerts remember from one turn to the next.</summary>
/// <param name="Origin">Tells the messages of this home from those of any other.</param>
/// <param name="Cursor">Number of the last event of the history that was heard.</param>
/// <param name="At">When the last turn was that changed something.</param>
/// <param name="Fired">By fingerprint, when it fired of late.</param>
/// <param name="Rates">By rule and subject, when it happened of late.</param>
/// <param name="Dismissed">By fingerprint, what is measured and was resolved by hand while it was so, and when it was seen to be so last: it raises nothing until it was well once. Null for none.</param>
internal sealed record AlertBook(
    string Origin, long NextAlert, long NextMessage, long NextSilence, long Cursor, DateTimeOffset At, ImmutableArray<Silence> Silences,
    ImmutableDictionary<string, ImmutableArray<DateTimeOffset>> Fired, ImmutableDictionary<string, ImmutableArray<DateTimeOffset>> Rates, ImmutableDictionary<string, ChannelBook> Channels,
    ImmutableDictionary<string, DateTimeOffset>? Dismissed = null)
{
    /// <summary>Those that are open, and those whose end somebody is still to be told of. Kept apart from the rest.</summary>
    [JsonIgnore]
    public ImmutableDictionary<long, Alert> Alerts { get; init; } = ImmutableDictionary<long, Alert>.Empty;

    /// <summary>Something is to be done when time passes.</summary>
    [JsonIgnore]
    public bool IsRestless => Alerts.Values.Any(alert => alert.State == AlertState.Pending) || Channels.Values.Any(channel => channel.Groups.Values.Any(group => !group.Notes.IsEmpty));

    /// <summary>Of a home in which nothing was told yet.</summary>
    public static AlertBook New(string origin, long cursor, DateTimeOffset now) => new(
        origin, 1, 1, 1, cursor, now, [],
        ImmutableDictionary<string, ImmutableArray<DateTimeOffset>>.Empty, ImmutableDictionary<string, ImmutableArray<DateTimeOffset>>.Empty, ImmutableDictionary<string, ChannelBook>.Empty);

    /// <summary>The same with the alerts that were kept apart; of those that are not there any more nobody is told.</summary>
    public AlertBook With(IEnumerable<Alert> alerts)
    {
        var known = alerts.ToImmutableDictionary(alert => alert.Id);
        return this with
        {
            Alerts = known,
            Channels = Channels.ToImmutableDictionary(pair => pair.Key, pair => pair.Value with
            {
                Groups = pair.Value.Groups.ToImmutableDictionary(group => group.Key, group => group.Value with { Notes = group.Value.Notes.RemoveAll(note => !known.ContainsKey(note.Alert)) }),
            }),
        };
    }

    public bool IsSilenced(Alert alert, DateTimeOffset now) => Silences.Any(silence => silence.Until > now && silence.Match.Fits(alert));
}

/// <summary>What waits to be told on one channel.</summary>
/// <param name="Told">When it had messages of late.</param>
internal sealed record ChannelBook(ImmutableDictionary<string, GroupBook> Groups, ImmutableArray<DateTimeOffset> Told)
{
    public static ChannelBook Empty { get; } = new(ImmutableDictionary<string, GroupBook>.Empty, []);
}

/// <summary>Alerts of one type and family on one channel.</summary>
/// <param name="Told">When somebody was told of the group last; null for never.</param>
/// <param name="Worst">Of what was told then, and shortly before.</param>
internal sealed record GroupBook(DateTimeOffset? Told, Severity Worst, ImmutableArray<AlertNote> Notes)
{
    public static GroupBook Empty { get; } = new(null, Severity.Info, []);
}

/// <summary>That somebody is to be told of an alert.</summary>
/// <param name="At">Since when.</param>
internal sealed record AlertNote(long Alert, NoteKind Kind, DateTimeOffset At);

internal enum NoteKind
{
    [JsonStringEnumMemberName("fired")] Fired,

    /// <summary>It became worse.</summary>
    [JsonStringEnumMemberName("worse")] Worse,

    /// <summary>It goes on, and nobody acknowledged it.</summary>
    [JsonStringEnumMemberName("again")] Again,
    [JsonStringEnumMemberName("resolved")] Resolved,
}
