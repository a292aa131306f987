using CsCheck;
using Helix.Configuration;
using Helix.Core.Configuration;

namespace Helix.Tests.Configuration;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n")]
    [InlineData("null\n")]
    [InlineData("\uFEFF# with a byte order mark\n")]
    [InlineData("{}")]
    public void A_file_that_says_nothing_means_all_defaults(string text) =>
        Assert.Empty(ConfigChanges.Between(HelixConfig.Default, Assert.IsType<ConfigOutcome.Good>(ConfigText.Parse(text)).Config));

    [Fact]
    public void The_file_of_the_promise_is_read()
    {
        const string text = """
            # ~/.helixcode/local-llm/auto-manager/config/auto-config.yaml
            auto_manager:
              mode: "zero_touch"
              auto_discover: true
              auto_install: true
              auto_configure: true
              auto_start: true
              auto_monitor: true
              auto_update: true

            health:
              check_interval: 30  # seconds
              auto_recovery: true
              max_retries: 3
              retry_delay: 5

            performance:
              auto_optimize: true
              load_balance: true
              cache_responses: true
              predict_scaling: true

            security:
              auto_sandbox: true
              min_privileges: true
              network_isolation: true
              resource_limits: true
            """;

        var good = Assert.IsType<ConfigOutcome.Good>(ConfigText.Parse(text));

        Assert.Empty(ConfigChanges.Between(HelixConfig.Default, good.Config));
        Assert.Equal(12, good.Document.Lines["health.check_interval"]);
    }

    [Fact]
    public void The_file_that_helix_writes_at_first_says_nothing_and_names_every_setting()
    {
        Assert.Empty(ConfigChanges.Between(HelixConfig.Default, Assert.IsType<ConfigOutcome.Good>(ConfigText.Parse(DefaultConfig.Text)).Config));
        Assert.All(SettingsTable.All, setting => Assert.Contains($"  # {setting.Key}: ", DefaultConfig.Text));
    }

    [Fact]
    public void Uncommenting_every_line_of_the_first_file_changes_nothing()
    {
        var outcome = ConfigText.Parse(string.Join('\n', DefaultConfig.Text.Split('\n').Select(Uncomment)));

        Assert.Empty(ConfigChanges.Between(HelixConfig.Default, Assert.IsType<ConfigOutcome.Good>(outcome).Config));

        static string Uncomment(string line) => line.StartsWith("  # ", StringComparison.Ordinal) ? "  " + line[4..] : line;
    }

    [Theory]
    [InlineData("health:\n  check_interval: 30\n  check_interval: 40\n", 3, "\"check_interval\" stands here a second time (first in line 2); keep one of the two")]
    [InlineData("health:\n\nhealth:\n", 3, "\"health\" stands here a second time (first in line 1); keep one of the two")]
    [InlineData("health: &a\n  check_interval: 30\n", 1, "the anchor &a is not supported here; remove it")]
    [InlineData("health: *a\n", 1, "the alias *a is not supported here; write the value itself")]
    [InlineData("health: !!map {}\n", 1, "the tag tag:yaml.org,2002:map is not supported here; remove it")]
    [InlineData("health:\n---\nhealth:\n", 2, "a second document starts here; keep one, and remove the line \"---\"")]
    [InlineData("- health\n", 1, "the file must hold sections, for example \"health:\" with \"  check_interval: 30\" below it")]
    [InlineData("just text\n", 1, "the file must hold sections, for example \"health:\" with \"  check_interval: 30\" below it")]
    [InlineData("? [a]\n: b\n", 1, "a key must be a plain word")]
    public void What_has_no_place_in_a_configuration_is_refused_with_its_line(string text, int line, string what)
    {
        var error = Assert.Single(Assert.IsType<ConfigOutcome.Bad>(ConfigText.Parse(text)).Errors);

        Assert.Equal((line, what), (error.Line, error.What));
    }

    [Theory]
    [InlineData("health:\n\tcheck_interval: 30\n", 2)]
    [InlineData("health:\n  check_interval: \"30\n", 2)]
    [InlineData("health:\n  check_interval: 30\n max_retries: 3\n", 3)]
    [InlineData("health: {check_interval: 30\n", 2)]
    public void Broken_yaml_is_named_with_line_and_column(string text, int line)
    {
        var error = Assert.Single(Assert.IsType<ConfigOutcome.Bad>(ConfigText.Parse(text)).Errors);

        Assert.InRange(error.Line ?? 0, line - 1, line + 1);
        Assert.StartsWith("this is not valid YAML (column ", error.What);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void Endless_nesting_is_refused_early(string level)
    {
        var error = Assert.Single(Assert.IsType<ConfigOutcome.Bad>(ConfigText.Parse(string.Concat(Enumerable.Repeat(level, 100_000)))).Errors);

        Assert.Contains("more than 16 levels deep", error.What);
    }

    [Fact]
    public void No_text_at_all_makes_the_reader_throw()
    {
        var letters = Gen.OneOf(Gen.Char, Gen.OneOf(" \t\r\n:#-?{}[],&*!|>'\"%@`~\0\uFEFF\u2028\u0085ab1".ToCharArray()));
        Gen.String[letters, 0, 80].Sample(text => ConfigText.Parse(text) is not null, iter: 5_000);
    }
}
