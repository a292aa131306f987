namespace Helix.Core.Alerts;

/// <summary>What somebody says about alerts, and what becomes of them by it.</summary>
internal sealed partial class AlertTurn
{
    /// <summary>Nobody remembers a silence of many months.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(365);

    /// <summary>Each is compared with each alert, and nobody oversees more.</summary>
    private const int MostSilences = 500;

    private WishOutcome Obey(AlertWish wish) => wish switch
    {
        AlertWish.Acknowledge acknowledge => Acknowledge(acknowledge),
        AlertWish.Resolve resolve => Resolve(resolve),
        AlertWish.Quieten quieten => Quieten(quieten),
        AlertWish.EndSilence(var id) => EndSilence(id),
        AlertWish.Test(var channel) => Test(channel),
        _ => throw new InvalidOperationException("there is no other wish"),
    };

    private WishOutcome Acknowledge(AlertWish.Acknowledge wish)
    {
        long[] ids = [.. (wish.Ids ?? [.. _open.Values.Where(id => _alerts[id].State == AlertState.Firing)]).Distinct().Order()];
        if (ids.Length == 0) return new WishOutcome.Done("there is nothing to acknowledge");
        foreach (var id in ids)
        {
            if (!_alerts.TryGetValue(id, out var alert) || !alert.IsOpen) return NotOpen(id);
            if (alert.State == AlertState.Pending) return new WishOutcome.Refused("conflict", $"alert {id} does not fire yet", "Wait until it does, or silence it.");
        }

        foreach (var alert in ids.Select(id => _alerts[id]).ToArray())
        {
            var known = alert with { State = AlertState.Acknowledged, AckedAt = _now, AckedBy = AlertWords.Clean(wish.By), AckNote = AlertWords.Clean(wish.Note) };
            Put(known);
            _telling.Forget(known);
        }

        return new WishOutcome.Done(ids.Length == 1 ? $"alert {ids[0]} is acknowledged; its end is told" : $"{ids.Length} alerts are acknowledged; their end is told");
    }

    /// <summary>Nobody is told of them any more but that they are over. What a rule counts begins anew, and what it measures is believed again once it was well.</summary>
    private WishOutcome Resolve(AlertWish.Resolve wish)
    {
        long[] ids = [.. wish.Ids.Distinct().Order()];
        if (ids.Length == 0) return new WishOutcome.Refused("invalid", "no alert is named", "The numbers are in: helix alerts list");
        foreach (var id in ids)
        {
            if (!_alerts.TryGetValue(id, out var alert) || !alert.IsOpen) return NotOpen(id);
            if (alert.State == AlertState.Pending) return new WishOutcome.Refused("conflict", $"alert {id} does not fire yet", "Wait until it does, or silence it.");
        }

        var words = AlertWords.Clean($"resolved by {wish.By}{(string.IsNullOrWhiteSpace(wish.Note) ? "" : $": {wish.Note}")}");
        foreach (var alert in ids.Select(id => _alerts[id]).ToArray())
        {
            _telling.Forget(alert);
            Dismiss(alert);
            Resolve(alert, words);
        }

        return new WishOutcome.Done(ids.Length == 1 ? $"alert {ids[0]} is resolved; what is told of it anew is another alert" : $"{ids.Length} alerts are resolved; what is told of them anew are other alerts");
    }

    private WishOutcome Quieten(AlertWish.Quieten wish)
    {
        if (wish.Until <= _now) return new WishOutcome.Refused("invalid", "the end of the silence lies in the past", "Say for how long, or until when.");
        if (wish.Until - _now > s_longest) return new WishOutcome.Refused("invalid", "a silence lasts for a year at most", "To switch a rule off, write it into the file of rules: see helix alerts rules.");
        if (_book.Silences.Count(silence => silence.Until > _now) >= MostSilences) return new WishOutcome.Refused("conflict", $"there are {MostSilences} silences already", "End some of them: helix alerts list --silences");
        var match = wish.Match is { } said ? new SilenceMatch(said.Type, AlertWords.Clean(said.Family), AlertWords.Clean(said.Provider), AlertWords.Clean(said.Subject)) : null;
        if (wish.Alert is { } number)
        {
            if (!_alerts.TryGetValue(number, out var alert) || !alert.IsOpen) return NotOpen(number);
            match = new(alert.Type, alert.Family, alert.Provider, alert.Subject);
        }

        if (match is null or { Type: null, Family: null, Provider: null, Subject: null })
            return new WishOutcome.Refused("invalid", "a silence of everything is none", "Name an alert, a type, a cause, a provider or a subject; for hours in which nobody is told, set alerts.maintenance.");
        var silence = new Silence(_book.NextSilence, match, _now, wish.Until, AlertWords.Clean(wish.By), AlertWords.Clean(wish.Comment));
        _book = _book with { NextSilence = silence.Id + 1, Silences = _book.Silences.Add(silence) };
        _isChanged = true;
        return new WishOutcome.Done($"{match.Words} are silent until {silence.Until.UtcDateTime:yyyy-MM-dd HH:mm} UTC (silence {silence.Id})", silence.Id);
    }

    private WishOutcome EndSilence(long id)
    {
        if (_book.Silences.FirstOrDefault(silence => silence.Id == id) is not { } found) return new WishOutcome.Refused("not_found", $"there is no silence {id}", "See: helix alerts list --silences");
        _book = _book with { Silences = _book.Silences.Remove(found) };
        _isChanged = true;
        return new WishOutcome.Done($"silence {id} is over: {found.Match.Words} are told again");
    }

    private WishOutcome Test(string channel)
    {
        if (_policy.Find(channel) is null)
            return new WishOutcome.Refused("not_found", $"there is no channel {channel}, or it is not set up", $"There are {string.Join(", ", _policy.Channels.Select(each => each.Id))}.");
        var message = AlertMessage.Test(NextKey(), channel, _now, _policy.Link);
        _messages.Add(message);
        return new WishOutcome.Done($"a test message for {channel} is on its way", Key: message.Key);
    }

    private static WishOutcome.Refused NotOpen(long id) => new("not_found", $"no open alert has the number {id}", "The numbers are in: helix alerts list");
}
