using System.Collections.Immutable;
using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>One turn of the alerts: from what was remembered and what came meanwhile to what is remembered now, and what is to be told. The same comes out of the same.</summary>
internal sealed partial class AlertTurn
{
    /// <summary>So many of a family are told apart. What comes from outside, from ever other addresses, must not grow without end.</summary>
    internal const int MostOpen = 2000;

    /// <summary>What stands for all others of a family.</summary>
    internal const string Others = "others";

    /// <summary>What happened once counts as one matter for so long.</summary>
    private static readonly TimeSpan s_notice = TimeSpan.FromHours(1);

    /// <summary>Nobody tells the end of the others: they are over when nothing more was seen for so long.</summary>
    private static readonly TimeSpan s_others = TimeSpan.FromDays(1);

    private readonly AlertRules _rules;
    private readonly AlertPolicy _policy;
    private readonly DateTimeOffset _now;
    private readonly ImmutableDictionary<long, Alert>.Builder _alerts;

    /// <summary>By fingerprint, those that are open.</summary>
    private readonly Dictionary<string, long> _open = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, Alert> _changed = new();
    private readonly SortedSet<long> _dropped = [];
    private readonly List<AlertMessage> _messages = [];
    private readonly AlertTelling _telling;
    private AlertBook _book;
    private bool _isChanged;

    private AlertTurn(AlertBook book, AlertRules rules, AlertPolicy policy, DateTimeOffset now)
    {
        (_rules, _policy, _now, _book) = (rules, policy, now, AlertClock.Past(book, now));
        _alerts = _book.Alerts.ToBuilder();
        foreach (var (id, alert) in _book.Alerts)
        {
            if (alert.IsOpen) _open[alert.Fingerprint] = id;
            if (!ReferenceEquals(alert, book.Alerts[id])) _changed[id] = alert;
        }

        _isChanged = !ReferenceEquals(_book, book);
        _telling = new(_book.Channels, policy, now);
    }

    public static AlertStep Run(AlertBook book, AlertRules rules, AlertPolicy policy, AlertInput input, DateTimeOffset now)
    {
        var turn = new AlertTurn(book, rules, policy, now);
        foreach (var seen in input.Seen) turn.Take(seen);
        if (input.Sample is { } sample) turn.Take(sample);
        ImmutableArray<WishOutcome> outcomes = [.. input.Wishes.Select(turn.Obey)];
        turn.Pass();
        turn.Tell();
        turn.Nudge();
        return turn.End(input.Cursor, outcomes);
    }

    private void Take(Occurrence seen)
    {
        foreach (var over in AlertCauses.EndedBy(seen.Name)) EndBy(over, seen);
        var cause = AlertCauses.Find(seen.Name);
        if (cause is null && !seen.IsAlert) return;
        foreach (var rule in _rules.On)
            if (rule.Test is RuleTest.Rate rate && rate.Names.Contains(seen.Name)) Count(rule, rate, seen);
        // what nobody knows is told as it came
        var named = _rules.OfCause(seen.Name);
        if (cause is not null && named is not { IsOn: true }) return;

        var family = cause is null ? AlertCauses.Unknown(seen.Name) : AlertCauses.FamilyOf(cause);
        var role = cause?.Role ?? CauseRole.Trouble;
        var open = Open(family.FingerprintOf(seen.Provider, seen.Subject));
        if ((role == CauseRole.Mended || seen.Done is not null) && open is { IsNotice: false })
        {
            End(open, seen.Done ?? seen.Words);
            return;
        }

        var isNotice = role != CauseRole.Trouble || seen.Done is not null;
        Raise(new(family.FingerprintOf(seen.Provider, seen.Subject), named?.Name ?? "", family.Name, family.Type, named?.Severity ?? cause?.Severity ?? seen.Severity, seen.Provider, seen.Subject, seen.Words)
        {
            Done = role is CauseRole.Deed or CauseRole.Mended ? seen.Words : seen.Done,
            Left = named?.Left ?? seen.Left ?? Filled(cause?.Left, seen),
            For = named?.For ?? TimeSpan.Zero,
            Quiet = isNotice ? s_notice : family.Quiet,
            IsNotice = isNotice,
            IsDeed = role == CauseRole.Deed,
        });
    }

    private void EndBy(AlertFamily family, Occurrence seen)
    {
        if (Open(family.FingerprintOf(seen.Provider, seen.Subject)) is not { IsNotice: false } open || (family.EndsWithAnother && open.Subject == seen.Subject)) return;
        End(open, seen.Words);
    }

    /// <summary>It is so: a new alert, or more of one that is open.</summary>
    private void Raise(Raised raised)
    {
        if (Open(raised.Fingerprint) is null && IsFull(raised.Family)) raised = raised with { Fingerprint = $"{Others} of {raised.Family}", Subject = Others, Quiet = raised.Quiet ?? s_others };
        if (Open(raised.Fingerprint) is { } open)
        {
            More(open, raised);
            return;
        }

        var alert = new Alert(
            _book.NextAlert, raised.Fingerprint, raised.Rule, raised.Family, raised.Type, raised.Severity, AlertState.Pending, raised.Provider, raised.Subject, raised.What, _now, _now, 1)
        {
            Done = raised.Done,
            Left = raised.Left,
            For = raised.For,
            Quiet = raised.Quiet,
            IsNotice = raised.IsNotice,
        };
        _book = _book with { NextAlert = alert.Id + 1 };
        _open[alert.Fingerprint] = alert.Id;
        Put(alert);
        if (alert.For == TimeSpan.Zero) Fire(alert);
    }

    private void More(Alert open, Raised raised)
    {
        var isWorse = raised.Severity > open.Severity;
        // what was a notice goes on now, and has an end that is told
        var isNotice = open.IsNotice && raised.IsNotice;
        var more = open with
        {
            Count = raised.IsDeed ? open.Count : open.Count + 1,
            LastSeen = _now,
            Severity = isWorse ? raised.Severity : open.Severity,
            State = isWorse && open.State == AlertState.Acknowledged ? AlertState.Firing : open.State,
            Subject = raised.Subject,
            What = raised.IsDeed ? open.What : raised.What,
            Done = raised is { IsDeed: true, Done: { } deed } && open.Done is { } done ? AlertWords.Joined(done, deed) : raised.Done ?? open.Done,
            Left = raised.Left ?? open.Left,
            IsNotice = isNotice,
            Quiet = isNotice ? open.Quiet : raised.IsDeed ? open.IsNotice ? s_notice : open.Quiet : raised.Quiet,
            EndedAt = raised.IsDeed ? open.EndedAt : null,
        };
        Put(more);
        if (isWorse && more.State == AlertState.Firing) _telling.Tell(more, NoteKind.Worse);
    }

    private void Fire(Alert alert)
    {
        ImmutableArray<DateTimeOffset> fired = [.. Moments(_book.Fired, alert.Fingerprint).Where(at => Passed(at) < _policy.FlapSpan), _now];
        _book = _book with { Fired = _book.Fired.SetItem(alert.Fingerprint, fired) };
        alert = alert with { State = AlertState.Firing, FiredAt = _now, NudgedAt = _now, IsFlapping = fired.Length >= _policy.Flaps };
        Put(alert);
        _telling.Tell(alert, NoteKind.Fired);
    }

    /// <summary>It seems to be over. What comes and goes is held; what did not last was nothing.</summary>
    private void End(Alert alert, string words)
    {
        if (alert.State == AlertState.Pending) Drop(alert);
        else if (!alert.IsFlapping) Resolve(alert, words);
        else if (alert.EndedAt is null) Put(alert with { EndedAt = _now, EndWords = words });
    }

    private void Resolve(Alert alert, string words)
    {
        if (alert.State == AlertState.Pending)
        {
            Drop(alert);
            return;
        }

        alert = alert with { State = AlertState.Resolved, ResolvedAt = _now, EndWords = words, EndedAt = null };
        Put(alert);
        _open.Remove(alert.Fingerprint);
        _telling.TellEnd(alert);
    }

    private void Drop(Alert alert)
    {
        _alerts.Remove(alert.Id);
        _changed.Remove(alert.Id);
        _dropped.Add(alert.Id);
        _open.Remove(alert.Fingerprint);
    }

    /// <summary>What becomes of alerts by the time that passes.</summary>
    private void Pass()
    {
        foreach (var alert in _alerts.Values.Where(alert => alert.IsOpen).OrderBy(alert => alert.Id).ToArray()) Pass(alert);
        ForgiveGone();
        var silences = _book.Silences.RemoveAll(silence => silence.Until <= _now);
        // a rate that looks back for longer than any other says how long they are remembered
        var longest = _rules.On.Select(rule => rule.Test is RuleTest.Rate rate ? rate.Within : TimeSpan.Zero).DefaultIfEmpty().Max();
        var (fired, rates) = (Without(_book.Fired, _policy.FlapSpan), Without(_book.Rates, longest));
        if (silences == _book.Silences && fired == _book.Fired && rates == _book.Rates) return;
        _book = _book with { Silences = silences, Fired = fired, Rates = rates };
        _isChanged = true;
    }

    private void Pass(Alert alert)
    {
        if (alert.Rule.Length > 0 && !_rules.IsOn(alert.Rule)) Resolve(alert, "its rule is off");
        else if (alert.State == AlertState.Pending)
        {
            if (Passed(alert.Since) >= alert.For) Fire(alert);
        }
        else if (alert.EndedAt is { } ended)
        {
            if (Passed(ended) >= _policy.Calm) Resolve(alert, alert.EndWords ?? "it is over");
        }
        else if (alert.Quiet is { } quiet && Passed(alert.LastSeen) >= quiet) Resolve(alert, $"nothing more of it was seen for {RuleSpan.Words(quiet)}");
    }

    /// <summary>After telling: what was held until now is told as it is, and worse only when nobody acknowledged it then.</summary>
    private void Nudge()
    {
        if (_policy.Escalates is not { } after) return;
        foreach (var alert in _alerts.Values.Where(alert => alert is { State: AlertState.Firing, IsNotice: false, EndedAt: null, Severity: >= Severity.Error }).OrderBy(alert => alert.Id).ToArray()) Nudge(alert, after);
    }

    /// <summary>Nobody acknowledged it: it is worse than it seemed, or is told again, ever more rarely. Nobody can acknowledge what he is not to hear of.</summary>
    private void Nudge(Alert alert, TimeSpan after)
    {
        if (alert.NudgedAt is not { } nudged || Passed(nudged) < after * (1 << Math.Min(alert.Nudges, 6))) return;
        if (_policy.IsHeld(alert.Severity, _now) || _book.IsSilenced(alert, _now)) return;
        var isNews = alert.Severity == Severity.Error;
        alert = alert with { Severity = Severity.Critical, EscalatedAt = isNews ? _now : alert.EscalatedAt, NudgedAt = _now, Nudges = alert.Nudges + 1 };
        Put(alert);
        _telling.Tell(alert, isNews ? NoteKind.Worse : NoteKind.Again);
    }

    private void Tell()
    {
        foreach (var (channel, notes) in _telling.Due(id => _alerts[id], alert => _book.IsSilenced(alert, _now)))
        {
            var told = notes.Select(note => (note.Kind, Alert: _alerts[note.Alert])).ToArray();
            _messages.Add(AlertMessage.Of(NextKey(), channel, _now, told, _policy.Link));
            foreach (var (kind, alert) in told)
                if (kind != NoteKind.Resolved && !alert.ToldTo.Contains(channel)) Put(alert with { ToldTo = alert.ToldTo.Add(channel), NudgedAt = alert.ToldTo.IsEmpty ? _now : alert.NudgedAt });
        }
    }

    private AlertStep End(long cursor, ImmutableArray<WishOutcome> outcomes)
    {
        // of those whose end was told, the list on the disk knows
        var waiting = _telling.Waiting;
        foreach (var over in _alerts.Values.Where(alert => !alert.IsOpen && !waiting.Contains(alert.Id)).ToArray()) _alerts.Remove(over.Id);
        var isChanged = _isChanged || _telling.IsChanged || _changed.Count > 0 || _dropped.Count > 0 || _messages.Count > 0;
        var book = _book with { At = isChanged ? _now : _book.At, Cursor = Math.Max(_book.Cursor, cursor), Channels = _telling.Channels, Alerts = _alerts.ToImmutable() };
        return new(book, isChanged, [.. _changed.Values], [.. _dropped], [.. _messages], outcomes);
    }

    private bool IsFull(string family) => _open.Count >= MostOpen && _open.Values.Count(id => _alerts[id].Family == family) >= MostOpen;

    private Alert? Open(string fingerprint) => _open.TryGetValue(fingerprint, out var id) ? _alerts[id] : null;

    private void Put(Alert alert) => _alerts[alert.Id] = _changed[alert.Id] = alert;

    private TimeSpan Passed(DateTimeOffset since) => _now - since;

    private string NextKey()
    {
        var key = $"{_book.Origin}-{_book.NextMessage}";
        _book = _book with { NextMessage = _book.NextMessage + 1 };
        return key;
    }

    private ImmutableDictionary<string, ImmutableArray<DateTimeOffset>> Without(ImmutableDictionary<string, ImmutableArray<DateTimeOffset>> moments, TimeSpan age)
    {
        string[] old = [.. moments.Where(pair => pair.Value.IsEmpty || Passed(pair.Value[^1]) > age).Select(pair => pair.Key)];
        return old.Length == 0 ? moments : moments.RemoveRange(old);
    }

    private static ImmutableArray<DateTimeOffset> Moments(ImmutableDictionary<string, ImmutableArray<DateTimeOffset>> moments, string key) => moments.TryGetValue(key, out var known) ? known : [];

    private static string? Filled(string? words, Occurrence seen) =>
        words?.Replace("{provider}", seen.Provider ?? "helix", StringComparison.Ordinal).Replace("{subject}", seen.Subject ?? "", StringComparison.Ordinal);

    /// <summary>What is to be an alert, or more of one.</summary>
    private sealed record Raised(string Fingerprint, string Rule, string Family, AlertType Type, Severity Severity, string? Provider, string? Subject, string What)
    {
        public string? Done { get; init; }

        public string? Left { get; init; }

        public TimeSpan For { get; init; }

        public TimeSpan? Quiet { get; init; }

        public bool IsNotice { get; init; }

        /// <summary>It says what helix does about it, and not what is the matter.</summary>
        public bool IsDeed { get; init; }
    }
}
