using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>What one channel is to tell at once.</summary>
/// <param name="Key">The same each time it is tried, and of no other message: who may get it twice tells it by this.</param>
/// <param name="Severity">The worst of what goes on; of what is over where nothing does.</param>
/// <param name="Firing">How many go on.</param>
/// <param name="Resolved">How many are over.</param>
/// <param name="Entries">The worst first, at most <see cref="MostEntries"/>.</param>
/// <param name="Link">Where all of them are.</param>
internal sealed record AlertMessage(string Key, string Channel, DateTimeOffset At, Severity Severity, int Firing, int Resolved, ImmutableArray<AlertEntry> Entries, string Link)
{
    /// <summary>A channel has little room, and a reader less patience; the list has all.</summary>
    public const int MostEntries = 20;

    /// <summary>Somebody tries the channel out.</summary>
    public bool IsTest { get; init; }

    [JsonIgnore]
    public int Count => Firing + Resolved;

    public static AlertMessage Of(string key, string channel, DateTimeOffset now, IReadOnlyList<(NoteKind Kind, Alert Alert)> told, string link)
    {
        var firing = told.Where(each => each.Kind != NoteKind.Resolved).ToArray();
        return new(
            key, channel, now, (firing.Length > 0 ? firing : told).Max(each => each.Alert.Severity), firing.Length, told.Count - firing.Length,
            [
                .. told.OrderBy(each => each.Kind == NoteKind.Resolved).ThenByDescending(each => each.Alert.Severity).ThenBy(each => each.Alert.Id).Take(MostEntries)
                    .Select(each => AlertEntry.Of(each.Kind, each.Alert, link)),
            ],
            link);
    }

    public static AlertMessage Test(string key, string channel, DateTimeOffset now, string link) => new(key, channel, now, Severity.Info, 0, 0, [], link) { IsTest = true };
}

/// <summary>One alert of a message, as it was when it was told.</summary>
/// <param name="Cause">Its family.</param>
/// <param name="Until">When it was over; null where it goes on.</param>
/// <param name="End">What ended it; null where it goes on.</param>
internal sealed record AlertEntry(
    long Id, NoteKind Kind, AlertType Type, Severity Severity, string Cause, string? Provider, string? Subject, string What, DateTimeOffset Since, long Count, string? Done, string? Left, DateTimeOffset? Until, string? End, bool IsFlapping, bool IsNotice, string Link)
{
    public static AlertEntry Of(NoteKind kind, Alert alert, string link) => new(
        alert.Id, kind, alert.Type, alert.Severity, alert.Family, alert.Provider, alert.Subject, alert.What, alert.Since, alert.Count, alert.Done, alert.Left,
        kind == NoteKind.Resolved ? alert.ResolvedAt : null, kind == NoteKind.Resolved ? alert.EndWords : null, alert.IsFlapping, alert.IsNotice, $"{link}{alert.Id}");
}
