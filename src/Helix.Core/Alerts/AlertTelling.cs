using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>
/// Who is still to be told of what, for one turn. What is the same matter is told together; whoever was not told that it is so is not told that it is
/// over; a channel that had its messages of the hour has the rest together later; that a channel does not work is told on the others.
/// </summary>
internal sealed class AlertTelling
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly AlertPolicy _policy;
    private readonly DateTimeOffset _now;
    private ImmutableDictionary<string, ChannelBook> _channels;

    public AlertTelling(ImmutableDictionary<string, ChannelBook> channels, AlertPolicy policy, DateTimeOffset now)
    {
        (_policy, _now) = (policy, now);
        string[] gone = [.. channels.Keys.Where(id => policy.Find(id) is null)];
        _channels = gone.Length == 0 ? channels : channels.RemoveRange(gone);
        IsChanged = gone.Length > 0;
    }

    public bool IsChanged { get; private set; }

    public ImmutableDictionary<string, ChannelBook> Channels => _channels;

    /// <summary>Of which alerts somebody is still to be told.</summary>
    public HashSet<long> Waiting => [.. _channels.Values.SelectMany(channel => channel.Groups.Values).SelectMany(group => group.Notes).Select(note => note.Alert)];

    /// <summary>It fires, became worse, or goes on.</summary>
    public void Tell(Alert alert, NoteKind kind)
    {
        foreach (var channel in _policy.Channels)
            if (alert.Severity >= channel.Least && !alert.IsAbout(channel.Id))
                Change(channel.Id, alert, notes => notes.FirstOrDefault(note => note.Alert == alert.Id) is { } waits
                    ? waits.Kind == NoteKind.Fired ? notes : notes.Replace(waits, new(alert.Id, kind, _now))
                    : notes.Add(new(alert.Id, kind, _now)));
    }

    /// <summary>It is over. What happened once is told all the same.</summary>
    public void TellEnd(Alert alert)
    {
        if (alert.IsNotice) return;
        foreach (var channel in _policy.Channels)
        {
            var wasTold = alert.ToldTo.Contains(channel.Id);
            Change(channel.Id, alert, notes =>
            {
                var others = notes.RemoveAll(note => note.Alert == alert.Id);
                return wasTold ? others.Add(new(alert.Id, NoteKind.Resolved, _now)) : others;
            });
        }
    }

    /// <summary>Somebody knows of it: nobody has to be told that it is so.</summary>
    public void Forget(Alert alert)
    {
        foreach (var channel in _policy.Channels) Change(channel.Id, alert, notes => notes.RemoveAll(note => note.Alert == alert.Id && note.Kind != NoteKind.Resolved));
    }

    /// <summary>What is to be told now, and is taken for told from now on. Where one group is due, all that wait go along: a reader has one message, and not one of each.</summary>
    /// <param name="find">An alert that waits.</param>
    public List<(string Channel, ImmutableArray<AlertNote> Notes)> Due(Func<long, Alert> find, Func<Alert, bool> isSilenced)
    {
        var due = new List<(string, ImmutableArray<AlertNote>)>();
        foreach (var channel in _policy.Channels)
        {
            if (!_channels.TryGetValue(channel.Id, out var book)) continue;
            ImmutableArray<DateTimeOffset> recent = [.. book.Told.Where(at => _now - at < s_hour)];
            if (recent.Length >= channel.Hourly) continue;
            var ready = book.Groups
                .Select(pair => (pair.Key, Group: pair.Value, Notes: pair.Value.Notes.Where(note => MayBeTold(note, find(note.Alert), isSilenced)).ToImmutableArray()))
                .Where(each => !each.Notes.IsEmpty && IsTime(each.Group, each.Notes, find))
                .OrderBy(each => each.Key, StringComparer.Ordinal).ToArray();
            if (!ready.Any(each => IsSettled(each.Notes))) continue;

            var groups = book.Groups;
            foreach (var (key, group, notes) in ready) groups = groups.SetItem(key, Told(group, notes, find));
            _channels = _channels.SetItem(channel.Id, new(groups, recent.Add(_now)));
            IsChanged = true;
            due.Add((channel.Id, [.. ready.SelectMany(each => each.Notes)]));
        }

        return due;
    }

    private bool MayBeTold(AlertNote note, Alert alert, Func<Alert, bool> isSilenced)
    {
        if (_policy.IsHeld(alert.Severity, _now)) return false;
        return note.Kind == NoteKind.Resolved || ((alert.IsNotice || alert.State == AlertState.Firing) && !isSilenced(alert));
    }

    /// <summary>Nothing more has come for a while, or the first has waited for long enough.</summary>
    private bool IsSettled(ImmutableArray<AlertNote> notes) => _now - notes.Max(note => note.At) >= _policy.Wait || _now - notes.Min(note => note.At) >= _policy.Most;

    /// <summary>Not again so soon, unless it is worse than what was told.</summary>
    private bool IsTime(GroupBook group, ImmutableArray<AlertNote> notes, Func<long, Alert> find) =>
        !WasToldLately(group) || notes.Any(note => note.Kind != NoteKind.Resolved && find(note.Alert).Severity > group.Worst);

    private bool WasToldLately(GroupBook group) => group.Told is { } told && _now - told < _policy.Pause;

    private GroupBook Told(GroupBook group, ImmutableArray<AlertNote> notes, Func<long, Alert> find)
    {
        var worst = notes.Max(note => find(note.Alert).Severity);
        return group with { Told = _now, Worst = WasToldLately(group) && group.Worst > worst ? group.Worst : worst, Notes = [.. group.Notes.Except(notes)] };
    }

    private void Change(string channel, Alert alert, Func<ImmutableArray<AlertNote>, ImmutableArray<AlertNote>> change)
    {
        var book = _channels.GetValueOrDefault(channel) ?? ChannelBook.Empty;
        var key = $"{alert.Type.Word()} {alert.Family}";
        var group = book.Groups.GetValueOrDefault(key) ?? GroupBook.Empty;
        var notes = change(group.Notes);
        if (notes == group.Notes) return;
        _channels = _channels.SetItem(channel, book with { Groups = book.Groups.SetItem(key, group with { Notes = notes }) });
        IsChanged = true;
    }
}
