using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Core.History;

namespace Helix.Core.Tests.Alerts;

public sealed class AlertRulesTests
{
    private const string Shipped = """
        {"rules": [
            {"name": "down", "causes": ["critical", "unhealthy"]},
            {"name": "slow", "type": "performance", "severity": "warning", "measure": {"name": "first_token_p95", "above": 7.5, "until": 5}, "for": "5m", "left": "look"},
            {"name": "missed", "type": "health", "severity": "error", "absence": {"signal": "backup", "intervals": 2}},
            {"name": "often", "type": "health", "severity": "error", "rate": {"causes": ["unhealthy"], "count": 4, "within": "15m"}}]}
        """;

    [Fact]
    public void What_is_written_is_what_holds()
    {
        var rules = Good(null);

        Assert.Equal(["down", "slow", "missed", "often"], rules.All.Select(rule => rule.Name));
        Assert.Equal(new AlertRule("slow", true, AlertType.Performance, Severity.Warning, TimeSpan.FromMinutes(5), "look", new RuleTest.Measure("first_token_p95", true, 7.5, 5)), rules.All[1]);
        Assert.Equal(new RuleTest.Absence("backup", 2), rules.All[2].Test);
        Assert.Equal((4, TimeSpan.FromMinutes(15)), rules.All[3].Test is RuleTest.Rate(_, var count, var within) ? (count, within) : default);
        Assert.Equal("down", rules.OfCause("critical")!.Name);
        Assert.Null(rules.OfCause("disk_low"));
    }

    [Fact]
    public void Ones_own_say_only_what_is_otherwise_and_others_come_besides()
    {
        var rules = Good("""
            {"rules": [
                {"name": "down", "on": false},
                {"name": "slow", "measure": {"name": "first_token_p95", "above": 3}},
                {"name": "mine", "causes": ["disk_low"], "severity": "critical"}]}
            """);

        Assert.Equal(["down", "slow", "missed", "often", "mine"], rules.All.Select(rule => rule.Name));
        Assert.False(rules.IsOn("down"));
        Assert.Equal((Severity.Warning, TimeSpan.FromMinutes(5), new RuleTest.Measure("first_token_p95", true, 3, 3)), (rules.All[1].Severity!.Value, rules.All[1].For, (RuleTest.Measure)rules.All[1].Test));
        Assert.Equal(Severity.Critical, rules.OfCause("disk_low")!.Severity);
    }

    [Fact]
    public void Of_two_rules_that_name_a_cause_ones_own_holds_unless_it_is_off()
    {
        Assert.Equal("mine", Good("""{"rules": [{"name": "mine", "causes": ["critical"], "severity": "info"}]}""").OfCause("critical")!.Name);
        Assert.Equal("mine", Good("""{"rules": [{"name": "down", "on": false}, {"name": "mine", "causes": ["critical"]}]}""").OfCause("critical")!.Name);
        Assert.Equal("down", Good("""{"rules": [{"name": "mine", "on": false, "causes": ["critical"]}]}""").OfCause("critical")!.Name);
        Assert.False(Good("""{"rules": [{"name": "down", "on": false}, {"name": "mine", "on": false, "causes": ["critical"]}]}""").OfCause("critical")!.IsOn);
    }

    [Theory]
    [InlineData("""{"rules": [{"name": "x", "causes": ["critcal"]}]}""", "rules[0].causes: must be a list of", "did you mean critical?")]
    [InlineData("""{"rules": [{"nam": "x"}]}""", "rules[0].nam: there is no such key; did you mean name?", "")]
    [InlineData("""{"rules": [{"name": "Big One", "causes": ["critical"]}]}""", "rules[0].name: must be a name", "small letters")]
    [InlineData("""{"rules": [{"name": "x", "on": "yes", "causes": ["critical"]}]}""", "rules[0].on: must be true or false", "write true")]
    [InlineData("""{"rules": [{"name": "x", "causes": ["critical"], "for": "5 minutes"}]}""", "rules[0].for: must be a span of time", "write it like 5m")]
    [InlineData("""{"rules": [{"name": "x"}]}""", "rules[0]: x needs one of causes, rate, measure, absence", "")]
    [InlineData("""{"rules": [{"name": "x", "causes": ["critical"], "absence": {"signal": "backup", "intervals": 2}, "type": "health", "severity": "info"}]}""", "x has more than one of", "write two rules")]
    [InlineData("""{"rules": [{"name": "x", "causes": ["critical"], "type": "health"}]}""", "rules[0].type: means nothing with causes", "remove the line")]
    [InlineData("""{"rules": [{"name": "x", "absence": {"signal": "backup", "intervals": 2}, "severity": "info"}]}""", "type: is missing", "health")]
    [InlineData("""{"rules": [{"name": "x", "absence": {"signal": "backup", "intervals": 2}, "type": "health"}]}""", "severity: is missing", "warning")]
    [InlineData("""{"rules": [{"name": "x", "measure": {"name": "disk_free_percent"}, "type": "health", "severity": "info"}]}""", "needs either above or below", "")]
    [InlineData("""{"rules": [{"name": "x", "measure": {"name": "disk_free_percent", "above": 1, "below": 2}, "type": "health", "severity": "info"}]}""", "needs either above or below", "")]
    [InlineData("""{"rules": [{"name": "x", "measure": {"name": "disk_free_percent", "below": 5, "until": 2}, "type": "health", "severity": "info"}]}""", "until is at least the limit", "")]
    [InlineData("""{"rules": [{"name": "x", "measure": {"name": "disk_fre_percent", "below": 5}, "type": "health", "severity": "info"}]}""", "rules[0].measure.name: must be one of", "did you mean disk_free_percent?")]
    [InlineData("""{"rules": [{"name": "x", "rate": {"causes": ["critical"], "count": 1, "within": "1h"}, "type": "health", "severity": "info"}]}""", "rules[0].rate.count: must be a whole number from 2 to 1000", "")]
    [InlineData("""{"rules": [{"name": "x", "causes": ["critical"]}, {"name": "x", "causes": ["unhealthy"]}]}""", "rules[1].name: x stands here twice", "")]
    [InlineData("""{"rules": [{"name": "slow", "severity": "loud"}]}""", "rules[0].severity: must be one of info, warning, error, critical", "")]
    [InlineData("""{"rules": []}""", "rules: must be a list of at least one section", "")]
    [InlineData("""{"rule": [{"name": "x"}]}""", "rule: there is no such key; did you mean rules?", "")]
    public void A_mistake_is_named_with_its_path_and_what_to_do(string own, string start, string more)
    {
        var errors = Assert.IsType<AlertRulesOutcome.Bad>(Parse(own)).Errors;

        Assert.Contains(errors, error => error.ToString().Contains(start, StringComparison.Ordinal) && error.ToString().Contains(more, StringComparison.Ordinal));
    }

    [Fact]
    public void A_mistake_has_the_line_of_its_key()
    {
        var lines = new Dictionary<string, int> { ["rules[0].for"] = 4 }.ToImmutableDictionary();
        var own = new ConfigDocument(Json("""{"rules": [{"name": "x", "causes": ["critical"], "for": "long"}]}"""), lines);

        Assert.StartsWith("line 4: rules[0].for", Assert.IsType<AlertRulesOutcome.Bad>(AlertRulesParser.Parse(Document(Shipped), own)).Errors[0].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86_400)]
    [InlineData("0s", 0)]
    [InlineData("366d", null)]
    [InlineData("2147483647d", null)]
    [InlineData("-1s", null)]
    [InlineData("5", null)]
    [InlineData("m", null)]
    [InlineData("", null)]
    [InlineData("1.5h", null)]
    public void Spans_are_read(string text, int? seconds) => Assert.Equal(seconds is { } known ? TimeSpan.FromSeconds(known) : (TimeSpan?)null, RuleSpan.Parse(text));

    [Theory]
    [InlineData("02:00-05:00", "2026-11-29T03:00Z", true)]
    [InlineData("02:00-05:00", "2026-11-29T05:00Z", false)]
    [InlineData("sat+sun 02:00-05:00", "2026-11-29T03:00Z", true)]
    [InlineData("sat+sun 02:00-05:00", "2026-11-30T03:00Z", false)]
    [InlineData("mon-fri 22:00-06:00", "2026-11-28T05:00Z", true)]
    [InlineData("mon-fri 22:00-06:00", "2026-11-28T23:00Z", false)]
    [InlineData("mon-fri 22:00-06:00", "2026-11-30T05:00Z", false)]
    [InlineData("sat-mon 10:00-11:00", "2026-11-30T10:30Z", true)]
    [InlineData("sat-mon 10:00-11:00", "2026-12-01T10:30Z", false)]
    public void Windows_are_open_on_their_days(string text, string moment, bool isOpen) =>
        Assert.Equal(isOpen, WeekWindow.Parse(text)!.IsOpen(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("")]
    [InlineData("02:00")]
    [InlineData("fun 02:00-05:00")]
    [InlineData("sat+ 02:00-05:00")]
    [InlineData("sat-sun-mon 02:00-05:00")]
    [InlineData("sat 02:00-05:00 sun")]
    [InlineData("sat  02:00-05:00")]
    public void What_is_no_window_is_refused(string text) => Assert.NotNull(WeekWindow.Refuse(text));

    private static AlertRules Good(string? own) => Assert.IsType<AlertRulesOutcome.Good>(Parse(own)).Rules;

    private static AlertRulesOutcome Parse(string? own) => AlertRulesParser.Parse(Document(Shipped), own is null ? null : Document(own));

    private static ConfigDocument Document(string json) => new(Json(json), ImmutableDictionary<string, int>.Empty);

    private static JsonObject Json(string json) => JsonNode.Parse(json)!.AsObject();
}
