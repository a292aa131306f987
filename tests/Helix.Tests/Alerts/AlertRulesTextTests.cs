using Helix.Alerts;
using Helix.Core.Alerts;

namespace Helix.Tests.Alerts;

/// <summary>The rules that come with helix.</summary>
public sealed class AlertRulesTextTests
{
    private static AlertRules Shipped => Assert.IsType<AlertRulesOutcome.Good>(AlertRulesText.Parse(null)).Rules;

    [Fact]
    public void The_file_in_this_build_is_right_and_the_one_of_the_checkout()
    {
        Assert.NotEmpty(Shipped.All);
        Assert.Equal(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "alerts", "rules.yaml")), AlertRulesText.Shipped);
    }

    [Fact]
    public void Every_cause_has_just_one_rule() =>
        Assert.Equal(
            AlertCauses.Rows.Select(row => row.Name).Order(StringComparer.Ordinal),
            Shipped.All.Select(rule => rule.Test).OfType<RuleTest.Causes>().SelectMany(test => test.Names).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_measure_and_every_signal_has_a_rule()
    {
        Assert.Equal(AlertMeasure.Names.Order(StringComparer.Ordinal), Shipped.All.Select(rule => rule.Test).OfType<RuleTest.Measure>().Select(test => test.Name).Order(StringComparer.Ordinal));
        Assert.Equal(AlertSignal.Names.Order(StringComparer.Ordinal), Shipped.All.Select(rule => rule.Test).OfType<RuleTest.Absence>().Select(test => test.Signal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_five_types_and_all_four_kinds_of_rules_are_there()
    {
        var types = Shipped.All.Select(rule => rule.Type).OfType<AlertType>()
            .Concat(Shipped.All.Select(rule => rule.Test).OfType<RuleTest.Causes>().SelectMany(test => test.Names).Select(name => AlertCauses.FamilyOf(AlertCauses.Find(name)!).Type));

        Assert.Equal(5, types.Distinct().Count());
        Assert.Equal(4, Shipped.All.Select(rule => rule.Test.GetType()).Distinct().Count());
        Assert.All(Shipped.All, rule => Assert.True(rule.IsOn));
    }

    [Fact]
    public void A_file_that_is_no_YAML_or_holds_nothing_but_comments_is_read_as_that()
    {
        Assert.IsType<AlertRulesOutcome.Bad>(AlertRulesText.Parse("rules: [\n"));
        Assert.IsType<AlertRulesOutcome.Bad>(AlertRulesText.Parse("- one\n- two\n"));
        Assert.Equal(Shipped.All.Length, Assert.IsType<AlertRulesOutcome.Good>(AlertRulesText.Parse("# nothing yet\n")).Rules.All.Length);
    }

    [Fact]
    public void What_is_written_in_the_file_of_rules_may_be_given_back_whole() =>
        Assert.Equal(Shipped.All.Length, Assert.IsType<AlertRulesOutcome.Good>(AlertRulesText.Parse(AlertRulesText.Shipped)).Rules.All.Length);
}
