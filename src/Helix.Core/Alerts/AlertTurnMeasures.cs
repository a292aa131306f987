using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Alerts;

/// <summary>What is measured and counted, against the rules.</summary>
internal sealed partial class AlertTurn
{
    /// <summary>What is measured every few seconds is not written down as often.</summary>
    private static readonly TimeSpan s_grain = TimeSpan.FromMinutes(1);

    private void Take(AlertSample sample)
    {
        foreach (var name in sample.Well)
            foreach (var family in AlertCauses.EndedBy(name))
                if (Open(family.FingerprintOf(null, null)) is { IsNotice: false } open) End(open, name == AlertCauses.DiskIsEnough ? "the disk has room again" : "it is well again");
        foreach (var rule in _rules.On)
        {
            switch (rule.Test)
            {
                case RuleTest.Measure measure: Compare(rule, measure, sample); break;
                case RuleTest.Absence absence: Miss(rule, absence, sample); break;
            }
        }

        if (sample.Instances is { } instances) EndGone(instances);
    }

    private void Compare(AlertRule rule, RuleTest.Measure measure, AlertSample sample)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in sample.Values.Where(value => value.Measure == measure.Name))
        {
            var subject = AlertWords.Clean(value.Subject);
            var words = AlertWords.Clean(value.Words);
            var fingerprint = FingerprintOf(rule, subject);
            var open = Open(fingerprint);
            seen.Add(fingerprint);
            if (open is null && IsDismissed(fingerprint, isWell: measure.IsWell(value.Value))) continue;
            // what is not well again keeps what fires, and makes nothing fire that is within its limit
            var isBroken = open is null or { State: AlertState.Pending } ? measure.IsBroken(value.Value) : !measure.IsWell(value.Value);
            if (isBroken) Keep(open, Of(rule, fingerprint, AlertWords.Clean(value.Provider), subject, $"{words}; the limit is {Figure(measure)}"));
            else if (open is not null) End(open, words);
        }

        foreach (var open in _open.Values.Select(id => _alerts[id]).Where(alert => alert.Rule == rule.Name && !seen.Contains(alert.Fingerprint) && Passed(alert.LastSeen) >= _policy.Missing).ToArray())
            Resolve(open, "it is not measured any more");
        foreach (var (fingerprint, at) in _book.Dismissed ?? ImmutableDictionary<string, DateTimeOffset>.Empty)
            if (!seen.Contains(fingerprint) && IsOf(rule, fingerprint) && Passed(at) >= _policy.Missing) Forgive(fingerprint);
    }

    private void Miss(AlertRule rule, RuleTest.Absence absence, AlertSample sample)
    {
        foreach (var beat in sample.Beats.Where(beat => beat.Signal == absence.Signal))
        {
            var fingerprint = FingerprintOf(rule, null);
            var open = Open(fingerprint);
            var age = Passed(beat.Last);
            var isMissed = beat.IsOn && age > beat.Interval * absence.Intervals;
            if (open is null && IsDismissed(fingerprint, isWell: !isMissed)) continue;
            if (isMissed)
                Keep(open, Of(rule, fingerprint, null, null, $"{beat.Does} was due every {RuleSpan.Words(beat.Interval)}, and the last one was {RuleSpan.Words(age)} ago"));
            else if (open is not null) End(open, beat.IsOn ? $"{beat.Does} was made again" : $"{beat.Does} is not wanted any more");
        }
    }

    /// <summary>So many within the time: it goes on as long as it comes as often.</summary>
    private void Count(AlertRule rule, RuleTest.Rate rate, Occurrence seen)
    {
        var fingerprint = FingerprintOf(rule, seen.Subject ?? seen.Provider);
        ImmutableArray<DateTimeOffset> moments = [.. Moments(_book.Rates, fingerprint).TakeLast(rate.Count - 1), _now];
        _book = _book with { Rates = _book.Rates.SetItem(fingerprint, moments) };
        _isChanged = true;
        if (moments.Length < rate.Count || Passed(moments[0]) > rate.Within) return;
        Raise(Of(rule, fingerprint, seen.Provider, seen.Subject, $"{rate.Count} times within {RuleSpan.Words(rate.Within)}, the last time: {seen.Words}") with { Quiet = rate.Within });
    }

    /// <summary>It is so still: no news, and written down now and then.</summary>
    private void Keep(Alert? open, Raised raised)
    {
        if (open is null) Raise(raised);
        else if (open.EndedAt is not null || Passed(open.LastSeen) >= s_grain) Put(open with { LastSeen = _now, What = raised.What, EndedAt = null });
    }

    /// <summary>An instance that is not there any more is not down.</summary>
    private void EndGone(ImmutableHashSet<string> instances)
    {
        foreach (var open in _open.Values.Select(id => _alerts[id]).Where(alert => alert is { Family: AlertCauses.EngineDown, Subject: { } name } && !instances.Contains(name) && Passed(alert.LastSeen) >= _policy.Missing).ToArray())
            Resolve(open, $"{open.Subject} is not to run any more");
    }

    /// <summary>Somebody resolved it by hand: a rule that looks every few seconds would raise it again at once.</summary>
    private void Dismiss(Alert alert)
    {
        if (_rules.On.FirstOrDefault(each => each.Name == alert.Rule) is not { } rule) return;
        switch (rule.Test)
        {
            case RuleTest.Measure or RuleTest.Absence: Remember((_book.Dismissed ?? ImmutableDictionary<string, DateTimeOffset>.Empty).SetItem(alert.Fingerprint, _now)); break;
            case RuleTest.Rate when _book.Rates.ContainsKey(alert.Fingerprint): _book = _book with { Rates = _book.Rates.Remove(alert.Fingerprint) }; break;
        }
    }

    /// <summary>It was resolved by hand, and was not well since.</summary>
    /// <param name="isWell">At this look.</param>
    private bool IsDismissed(string fingerprint, bool isWell)
    {
        if (_book.Dismissed is not { } dismissed || !dismissed.TryGetValue(fingerprint, out var seen)) return false;
        if (isWell) Forgive(fingerprint);
        else if (Passed(seen) >= s_grain) Remember(dismissed.SetItem(fingerprint, _now));
        return !isWell;
    }

    /// <summary>From here on it is an alert like any other.</summary>
    private void Forgive(string fingerprint) => Remember(_book.Dismissed!.Remove(fingerprint));

    private void Remember(ImmutableDictionary<string, DateTimeOffset> dismissed)
    {
        _book = _book with { Dismissed = dismissed.IsEmpty ? null : dismissed };
        _isChanged = true;
    }

    /// <summary>Of rules that are off or gone, or look for something else now, nothing is remembered.</summary>
    private void ForgiveGone()
    {
        foreach (var fingerprint in (_book.Dismissed ?? ImmutableDictionary<string, DateTimeOffset>.Empty).Keys)
            if (!_rules.On.Any(rule => rule.Test is RuleTest.Measure or RuleTest.Absence && IsOf(rule, fingerprint))) Forgive(fingerprint);
    }

    private static bool IsOf(AlertRule rule, string fingerprint) => fingerprint.StartsWith(FingerprintOf(rule, null), StringComparison.Ordinal);

    private static string FingerprintOf(AlertRule rule, string? subject) => $"rule {rule.Name} {subject}";

    private static Raised Of(AlertRule rule, string fingerprint, string? provider, string? subject, string what) =>
        new(fingerprint, rule.Name, rule.Name, rule.Type!.Value, rule.Severity!.Value, provider, subject, what) { Left = rule.Left, For = rule.For };

    private static string Figure(RuleTest.Measure measure) =>
        string.Create(CultureInfo.InvariantCulture, $"{(measure.IsAbove ? "at most" : "at least")} {measure.Limit:0.##} {AlertMeasure.Of(measure.Name).Unit}");
}
