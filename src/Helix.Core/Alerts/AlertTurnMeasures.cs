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
            // what is not well again keeps what fires, and makes nothing fire that is within its limit
            var isBroken = open is null or { State: AlertState.Pending } ? measure.IsBroken(value.Value) : !measure.IsWell(value.Value);
            if (isBroken) Keep(open, Of(rule, fingerprint, AlertWords.Clean(value.Provider), subject, $"{words}; the limit is {Figure(measure)}"));
            else if (open is not null) End(open, words);
        }

        foreach (var open in _open.Values.Select(id => _alerts[id]).Where(alert => alert.Rule == rule.Name && !seen.Contains(alert.Fingerprint) && Passed(alert.LastSeen) >= _policy.Missing).ToArray())
            Resolve(open, "it is not measured any more");
    }

    private void Miss(AlertRule rule, RuleTest.Absence absence, AlertSample sample)
    {
        foreach (var beat in sample.Beats.Where(beat => beat.Signal == absence.Signal))
        {
            var fingerprint = FingerprintOf(rule, null);
            var open = Open(fingerprint);
            var age = Passed(beat.Last);
            if (beat.IsOn && age > beat.Interval * absence.Intervals)
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

    private static string FingerprintOf(AlertRule rule, string? subject) => $"rule {rule.Name} {subject}";

    private static Raised Of(AlertRule rule, string fingerprint, string? provider, string? subject, string what) =>
        new(fingerprint, rule.Name, rule.Name, rule.Type!.Value, rule.Severity!.Value, provider, subject, what) { Left = rule.Left, For = rule.For };

    private static string Figure(RuleTest.Measure measure) =>
        string.Create(CultureInfo.InvariantCulture, $"{(measure.IsAbove ? "at most" : "at least")} {measure.Limit:0.##} {AlertMeasure.Of(measure.Name).Unit}");
}
