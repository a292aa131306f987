using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Manifests;

namespace Helix.Core.Alerts;

/// <summary>Every key of a file of rules.</summary>
internal static class AlertRuleShape
{
    public const string Causes = "causes", Rate = "rate", Measure = "measure", Absence = "absence";

    /// <summary>A rule has one of these.</summary>
    public static ImmutableArray<string> Tests { get; } = [Causes, Rate, Measure, Absence];

    private static readonly Shape.Words s_causes = new([.. AlertCauses.Rows.Select(row => row.Name)]);

    private static readonly ImmutableArray<Field> s_rule =
    [
        new("name", true, "What it is called: small letters, digits, _ and -.", new Shape.Value(new SettingKind.Text("a name", text => Words.IsName(text) ? null : "; a name has small letters, digits, _ and -, and a letter first"))),
        new("on", false, "Whether it holds.", new Shape.Value(new SettingKind.Toggle())),
        new("type", false, "What its alerts are about; with causes, they know.", new Shape.Value(new SettingKind.Choice(AlertNames.Types))),
        new("severity", false, "How bad it is; with causes, as it was told.", new Shape.Value(new SettingKind.Choice(HistoryNames.Severities))),
        new("for", false, "For how long it has to last before anybody is told.", Span()),
        new("left", false, "What is left for somebody to do.", new Shape.Value(new SettingKind.Text("a text", ManifestWords.RefuseText))),
        new(Causes, false, "Happenings of which each raises an alert.", s_causes),
        new(Rate, false, "Happenings of which so many within a time raise one.", new Shape.Section(
        [
            new("causes", true, "Which happenings.", s_causes),
            new("count", true, "How many.", new Shape.Value(new SettingKind.Whole(2, 1000, "happenings"))),
            new("within", true, "Within which time.", Span()),
        ])),
        new(Measure, false, "A figure beyond a limit.", new Shape.Section(
        [
            new("name", true, "Which figure.", new Shape.Value(new SettingKind.Choice(AlertMeasure.Names))),
            new("above", false, "The limit that it must not exceed.", Number()),
            new("below", false, "The limit that it must not fall short of.", Number()),
            new("until", false, "At which value it is well again; without this key, at the limit.", Number()),
        ])),
        new(Absence, false, "What is done again and again, and was not.", new Shape.Section(
        [
            new("signal", true, "What.", new Shape.Value(new SettingKind.Choice(AlertSignal.Names))),
            new("intervals", true, "For how many of its intervals.", new Shape.Value(new SettingKind.Whole(1, 1000, "intervals"))),
        ])),
    ];

    public static ImmutableArray<Field> Fields { get; } = [new("rules", true, "The rules.", new Shape.Rows(s_rule))];

    private static Shape.Value Span() => new(new SettingKind.Text(RuleSpan.Allowed, RuleSpan.Refuse));

    private static Shape.Value Number() => new(new SettingKind.Amount(0, 1_000_000_000, "of its unit"));
}
