using Helix.Configuration;
using Helix.Core.Configuration;

namespace Helix.Tests.Configuration;

public sealed class ConfigEditTests
{
    [Theory]
    [InlineData("", "health:\n  check_interval: 60\n")]
    [InlineData("# mine\n", "# mine\nhealth:\n  check_interval: 60\n")]
    [InlineData("# mine", "# mine\nhealth:\n  check_interval: 60")]
    [InlineData("---\n", "---\nhealth:\n  check_interval: 60\n")]
    [InlineData("\uFEFFsecurity:\n", "\uFEFFsecurity:\nhealth:\n  check_interval: 60\n")]
    [InlineData("security:\n    auto_sandbox: true\n", "security:\n    auto_sandbox: true\nhealth:\n    check_interval: 60\n")]
    [InlineData("security:\n  auto_sandbox: true", "security:\n  auto_sandbox: true\nhealth:\n  check_interval: 60")]
    [InlineData("security:\r\n  auto_sandbox: true\r\n", "security:\r\n  auto_sandbox: true\r\nhealth:\r\n  check_interval: 60\r\n")]
    [InlineData("  security:\n    auto_sandbox: true\n", "  security:\n    auto_sandbox: true\n  health:\n    check_interval: 60\n")]
    public void A_section_that_is_not_there_is_added_at_the_end(string before, string after) => Sets(before, "health.check_interval", "60", after);

    [Theory]
    [InlineData("health:\nsecurity:\n", "health:\n  check_interval: 60\nsecurity:\n")]
    [InlineData("health: # mine\n", "health: # mine\n  check_interval: 60\n")]
    [InlineData("health: ~ # mine\n", "health: {check_interval: 60} # mine\n")]
    [InlineData("health: {} # mine\n", "health: {check_interval: 60} # mine\n")]
    [InlineData("health: {max_retries: 1}\n", "health: {max_retries: 1, check_interval: 60}\n")]
    [InlineData("{}", "{health: {check_interval: 60}}")]
    [InlineData("{\"health\": {\"max_retries\": 1}}", "{\"health\": {\"max_retries\": 1, check_interval: 60}}")]
    [InlineData("{\"security\": {}}", "{\"security\": {}, health: {check_interval: 60}}")]
    [InlineData("health:\n  max_retries: 1 # few\n\n# next\nsecurity:\n", "health:\n  max_retries: 1 # few\n  check_interval: 60\n\n# next\nsecurity:\n")]
    [InlineData("health:\n      max_retries: 1", "health:\n      max_retries: 1\n      check_interval: 60")]
    [InlineData("health:\n  # check_interval: 30  # seconds\n  # max_retries: 3\n", "health:\n  # check_interval: 30  # seconds\n  check_interval: 60\n  # max_retries: 3\n")]
    [InlineData("health:\n  # check_interval: 30\n  max_retries: 3\n", "health:\n  # check_interval: 30\n  check_interval: 60\n  max_retries: 3\n")]
    public void A_key_that_is_not_there_is_added_to_its_section(string before, string after) => Sets(before, "health.check_interval", "60", after);

    [Theory]
    [InlineData("health:\n  check_interval: 30  # seconds\n", "health:\n  check_interval: 60  # seconds\n")]
    [InlineData("health:\n  check_interval: 30", "health:\n  check_interval: 60")]
    [InlineData("health:\r\n  check_interval: 30\r\n  max_retries: 1\r\n", "health:\r\n  check_interval: 60\r\n  max_retries: 1\r\n")]
    [InlineData("'health':\n  \"check_interval\" : 30\n", "'health':\n  \"check_interval\" : 60\n")]
    [InlineData("health: {check_interval: 30, max_retries: 1}\n", "health: {check_interval: 60, max_retries: 1}\n")]
    [InlineData("{\"health\": {\"check_interval\": 30}}", "{\"health\": {\"check_interval\": 60}}")]
    [InlineData("health:\n  check_interval: \"30\" # wrong\n", "health:\n  check_interval: 60 # wrong\n")]
    [InlineData("health:\n  check_interval: # nothing\n  max_retries: 1\n", "health:\n  check_interval: 60 # nothing\n  max_retries: 1\n")]
    [InlineData("health:\n  check_interval: |-\n    30\n  max_retries: 1\n", "health:\n  check_interval: 60\n  max_retries: 1\n")]
    [InlineData("health:\n  check_interval: 60\n", "health:\n  check_interval: 60\n")]
    public void A_value_is_replaced_where_it_stands(string before, string after) => Sets(before, "health.check_interval", "60", after);

    [Theory]
    [InlineData("providers:\n  enabled: [jan]\n", "providers:\n  enabled: [vllm, localai]\n")]
    [InlineData("providers:\n  enabled:\n    - jan\n    - vllm\n# end\n", "providers:\n  enabled: [vllm, localai]\n# end\n")]
    [InlineData("providers:\n  enabled: # mine\n  - jan # old\n  # and\n  - vllm\nhealth:\n", "providers:\n  enabled: [vllm, localai] # mine\n  # old\n  # and\nhealth:\n")]
    [InlineData("providers:\n  enabled: [jan, # old\n    vllm]\nhealth:\n", "providers:\n  enabled: [vllm, localai]\n  # old\nhealth:\n")]
    public void A_list_is_replaced_and_its_comments_stay(string before, string after) => Sets(before, "providers.enabled", "vllm,localai", after);

    [Fact]
    public void A_map_is_written_as_one() => Sets(
        "performance:\n  auto_optimize: true\n", "performance.weights", "{\"response_time\": 0.5, \"throughput\": 0.5}",
        "performance:\n  auto_optimize: true\n  weights: {response_time: 0.5, throughput: 0.5}\n");

    [Theory]
    [InlineData("mode: \"zero_touch\"", "mode: \"edge\"")]
    [InlineData("mode: 'zero_touch'", "mode: 'edge'")]
    [InlineData("mode: zero_touch", "mode: edge")]
    public void Quotes_stay_as_they_were(string before, string after) =>
        Sets($"auto_manager:\n  {before}\n", "auto_manager.mode", "edge", $"auto_manager:\n  {after}\n");

    [Theory]
    [InlineData("health:\n  check_interval: 30  # seconds\n  max_retries: 1\n", "health:\n  max_retries: 1\n")]
    [InlineData("health:\n  check_interval: 30\n", "health:\n")]
    [InlineData("health: {check_interval: 30}\n", "health: {}\n")]
    [InlineData("health: {check_interval: 30, max_retries: 1}\n", "health: {max_retries: 1}\n")]
    [InlineData("health: {max_retries: 1, check_interval: 30}\n", "health: {max_retries: 1}\n")]
    [InlineData("health:\n  max_retries: 1\n", "health:\n  max_retries: 1\n")]
    [InlineData("health:\n  check_interval:\n", "health:\n")]
    [InlineData("", "")]
    public void A_key_is_taken_out_and_the_rest_stays(string before, string after)
    {
        var edited = Assert.IsType<EditOutcome.Edited>(ConfigEdit.Unset(before, "health.check_interval"));

        Assert.Equal(after, edited.Text);
    }

    [Fact]
    public void The_comments_inside_a_list_outlive_it()
    {
        var edited = Assert.IsType<EditOutcome.Edited>(ConfigEdit.Unset("providers:\n  enabled:\n    - jan\n    # why\n    - vllm\nhealth:\n", "providers.enabled"));

        Assert.Equal("providers:\n    # why\nhealth:\n", edited.Text);
    }

    [Theory]
    [InlineData("health.chek_interval", "60", "health.chek_interval: there is no such setting; did you mean health.check_interval?")]
    [InlineData("health", "60", "health: that is a section; its settings are health.check_interval, health.auto_recovery, health.max_retries, health.retry_delay")]
    [InlineData("health.check_interval", "soon", "health.check_interval: must be a whole number from 1 to 3600 (seconds), was the text \"soon\"")]
    [InlineData("performance.weights", "{\"a\": 1, \"a\": 2}", "performance.weights: must be a map of names with a number from 0 to 1000000, for example {\"response_time\": 0.5, \"throughput\": 0.5}, was the text \"{\"a\": 1, \"a\": 2}\"")]
    public void A_wrong_wish_is_refused_before_the_file_is_touched(string path, string value, string message)
    {
        var refused = Assert.IsType<EditOutcome.Refused>(ConfigEdit.Set("health:\n", path, value));

        Assert.Equal(message, Assert.Single(refused.Errors).ToString());
    }

    [Fact]
    public void A_file_that_stays_wrong_elsewhere_is_not_written()
    {
        var refused = Assert.IsType<EditOutcome.Refused>(ConfigEdit.Set("health:\n  max_retries: many\n", "health.check_interval", "60"));

        Assert.StartsWith("line 2: health.max_retries: must be", Assert.Single(refused.Errors).ToString());
    }

    [Fact]
    public void A_wrong_value_can_be_mended() => Sets("health:\n  max_retries: many\n", "health.max_retries", "2", "health:\n  max_retries: 2\n");

    private static void Sets(string before, string path, string value, string after)
    {
        var edited = Assert.IsType<EditOutcome.Edited>(ConfigEdit.Set(before, path, value));

        Assert.Equal(after, edited.Text);
        var setting = SettingsTable.Find(path)!;
        Assert.Equal(setting.Kind.FromText(value)!.ToJsonString(), setting.Read(edited.Config)!.ToJsonString());
    }
}
