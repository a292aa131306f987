using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>A rule as somebody wrote it: what it does not say, the rule of the same name that comes with helix does.</summary>
/// <param name="Path">Where it stands.</param>
internal sealed record RuleDraft(string Name, string Path)
{
    public bool? IsOn { get; init; }

    public AlertType? Type { get; init; }

    public Severity? Severity { get; init; }

    public TimeSpan? For { get; init; }

    public string? Left { get; init; }

    public ImmutableArray<RuleTest> Tests { get; init; } = [];

    /// <summary>Of a measure, whether one limit was said; true of everything else.</summary>
    public bool HasLimit { get; init; } = true;

    /// <param name="row">Of the shape of <see cref="AlertRuleShape"/>.</param>
    public static RuleDraft Of(JsonObject row, string path) => new(Text(row["name"])!, path)
    {
        IsOn = row["on"]?.GetValue<bool>(),
        Type = Text(row["type"]) is { } type ? AlertNames.Type(type) : null,
        Severity = Text(row["severity"]) is { } severity ? HistoryNames.Severity(severity) : null,
        For = Text(row["for"]) is { } span ? RuleSpan.Parse(span) : null,
        Left = Text(row["left"]),
        Tests = [.. AlertRuleShape.Tests.Where(row.ContainsKey).Select(key => Test(key, row[key]!))],
        HasLimit = row[AlertRuleShape.Measure] is not JsonObject measure || measure.ContainsKey("above") != measure.ContainsKey("below"),
    };

    /// <summary>This one, where it says something; else the other.</summary>
    public RuleDraft Over(RuleDraft other) => this with
    {
        IsOn = IsOn ?? other.IsOn,
        Type = Type ?? other.Type,
        Severity = Severity ?? other.Severity,
        For = For ?? other.For,
        Left = Left ?? other.Left,
        Tests = Tests.IsEmpty ? other.Tests : Tests,
    };

    /// <summary>What is missing, or is too much; null where nothing is.</summary>
    public string? Wrong() => Tests switch
    {
        [] => $"needs one of {string.Join(", ", AlertRuleShape.Tests)}",
        [_, _, ..] => $"has more than one of {string.Join(", ", AlertRuleShape.Tests)}; write two rules",
        _ when !HasLimit => "measure: needs either above or below",
        [RuleTest.Causes] => null,
        [RuleTest.Measure { IsAbove: true } above] when above.Until > above.Limit => "measure: until is at most the limit, where that is above",
        [RuleTest.Measure { IsAbove: false } below] when below.Until < below.Limit => "measure: until is at least the limit, where that is below",
        _ when Type is null => $"type: is missing; one of {string.Join(", ", AlertNames.Types)}",
        _ when Severity is null => $"severity: is missing; one of {string.Join(", ", HistoryNames.Severities)}",
        _ => null,
    };

    /// <summary>Of a draft with nothing <see cref="Wrong"/>.</summary>
    public AlertRule Rule() => new(Name, IsOn ?? true, Tests[0] is RuleTest.Causes ? null : Type, Severity, For ?? TimeSpan.Zero, Left, Tests[0]);

    private static RuleTest Test(string key, JsonNode test) => key switch
    {
        AlertRuleShape.Causes => new RuleTest.Causes(Texts(test)),
        AlertRuleShape.Rate => new RuleTest.Rate(Texts(test["causes"]!), (int)SettingKind.NumberOf(test["count"]!), RuleSpan.Parse(Text(test["within"])!)!.Value),
        AlertRuleShape.Measure => MeasureOf(test),
        _ => new RuleTest.Absence(Text(test["signal"])!, (int)SettingKind.NumberOf(test["intervals"]!)),
    };

    private static RuleTest.Measure MeasureOf(JsonNode test)
    {
        var isAbove = test["above"] is not null;
        var limit = (test["above"] ?? test["below"]) is { } written ? SettingKind.NumberOf(written) : 0;
        return new(Text(test["name"])!, isAbove, limit, test["until"] is { } until ? SettingKind.NumberOf(until) : limit);
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private static ImmutableArray<string> Texts(JsonNode list) => [.. list.AsArray().Select(item => item!.GetValue<string>())];
}
