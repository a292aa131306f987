using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Configuration;

namespace Helix.Core.Tests.Configuration;

public sealed class ConfigParserTests
{
    [Fact]
    public void Nothing_written_means_all_defaults()
    {
        var good = Assert.IsType<ConfigOutcome.Good>(ConfigParser.Parse(ConfigDocument.Empty));

        Assert.Empty(ConfigChanges.Between(HelixConfig.Default, good.Config));
    }

    [Fact]
    public void Empty_sections_say_nothing() => Assert.Empty(ConfigChanges.Between(HelixConfig.Default, Read("""{"health": null, "providers": {}}""")));

    [Fact]
    public void Each_kind_of_value_is_read()
    {
        var config = Read("""
            {"health": {"check_interval": 60, "auto_recovery": false}, "auto_manager": {"mode": "edge"},
             "providers": {"enabled": ["vllm", "localai"]}, "performance": {"weights": {"throughput": 1, "response_time": 0.5}},
             "builtin": {"model": "my-model"}, "gateway": {"listen": "::1"}}
            """);

        Assert.Equal(60, config.Health.CheckInterval);
        Assert.False(config.Health.AutoRecovery);
        Assert.Equal("edge", config.AutoManager.Mode);
        Assert.True(config.Providers.Allows("vllm"));
        Assert.False(config.Providers.Allows("jan"));
        Assert.Equal(1, config.Performance.Weights!["throughput"]);
        Assert.Equal("my-model", config.Builtin.Model);
        Assert.Equal("::1", config.Gateway.Listen);
    }

    [Theory]
    [InlineData("""{"helth": {}}""", "helth: there is no such section; did you mean health?")]
    [InlineData("""{"helth": null}""", "helth: there is no such section; did you mean health?")]
    [InlineData("""{"check_interval": 3}""", "check_interval: there is no such section; did you mean health.check_interval?")]
    [InlineData("""{"health": {"chek_interval": 3}}""", "health.chek_interval: there is no such setting; did you mean health.check_interval?")]
    [InlineData("""{"health": {"zebra": 3}}""", "health.zebra: there is no such setting; \"helix config show\" lists them all")]
    [InlineData("""{"health": 3}""", "health: must be a section with keys of its own, was 3")]
    [InlineData("""{"health": {"check_interval": 0}}""", "health.check_interval: must be a whole number from 1 to 3600 (seconds), was 0")]
    [InlineData("""{"health": {"check_interval": 1.5}}""", "health.check_interval: must be a whole number from 1 to 3600 (seconds), was 1.5")]
    [InlineData("""{"health": {"check_interval": 99999999999999999999}}""", "health.check_interval: must be a whole number from 1 to 3600 (seconds), was 99999999999999999999")]
    [InlineData("""{"health": {"check_interval": "30"}}""", "health.check_interval: must be a whole number from 1 to 3600 (seconds), was the text \"30\"; write it without quotes")]
    [InlineData("""{"health": {"check_interval": null}}""", "health.check_interval: has no value; write a whole number from 1 to 3600 (seconds), or remove the line to get the default (30)")]
    [InlineData("""{"health": {"auto_recovery": "true"}}""", "health.auto_recovery: must be true or false, was the text \"true\"; write true without quotes and in small letters")]
    [InlineData("""{"health": {"auto_recovery": "yes"}}""", "health.auto_recovery: must be true or false, was the text \"yes\"; write true")]
    [InlineData("""{"health": {"auto_recovery": {"a": 1}}}""", "health.auto_recovery: must be true or false, was a section with keys of its own")]
    [InlineData("""{"auto_manager": {"mode": "zerotouch"}}""", "auto_manager.mode: must be one of zero_touch, team, production, edge, was the text \"zerotouch\"; did you mean zero_touch?")]
    [InlineData("""{"providers": {"enabled": "vllm"}}""", "providers.enabled: must be a list of ids of providers, was the text \"vllm\"; write [vllm]")]
    [InlineData("""{"providers": {"enabled": ["vllm", "vllm"]}}""", "providers.enabled: must be a list of ids of providers, was a list that names \"vllm\" twice")]
    [InlineData("""{"providers": {"enabled": ["v llm"]}}""", "providers.enabled: must be a list of ids of providers, was a list with \"v llm\"; an id has small letters, digits, _ and -, and a letter first")]
    [InlineData("""{"gateway": {"listen": "localhost"}}""", "gateway.listen: must be an IP address, was the text \"localhost\"; write 127.0.0.1")]
    [InlineData("""{"gateway": {"listen": "127.1"}}""", "gateway.listen: must be an IP address, was the text \"127.1\"")]
    [InlineData("""{"sources": {"mirrors": ["https://a.example"]}}""", "sources.mirrors: must be a list of ADDRESS=MIRROR, was a list with \"https://a.example\"; write it like https://huggingface.co/=https://mirror.example/")]
    [InlineData("""{"network": {"hub_endpoint": "huggingface.co"}}""", "network.hub_endpoint: must be an http or https address, was the text \"huggingface.co\"; write it like https://huggingface.co")]
    [InlineData("""{"network": {"hub_endpoint": "https://user:secret@hub.example"}}""", "network.hub_endpoint: must be an http or https address, was the text \"https://user:secret@hub.example\"; write it like https://huggingface.co")]
    public void A_mistake_is_named_with_its_path_and_what_to_do(string json, string message) => Assert.Equal([message], Errors(json));

    [Fact]
    public void All_mistakes_are_told_at_once_in_the_order_of_their_lines()
    {
        var document = new ConfigDocument(
            (JsonObject)JsonNode.Parse("""{"health": {"max_retries": -1, "x_y_z_x_y": 1}, "nosuch_thing_here": {}}""")!,
            new Dictionary<string, int> { ["health.max_retries"] = 9, ["health.x_y_z_x_y"] = 7, ["nosuch_thing_here"] = 2 }.ToImmutableDictionary());

        var bad = Assert.IsType<ConfigOutcome.Bad>(ConfigParser.Parse(document));

        Assert.Equal([2, 7, 9], bad.Errors.Select(error => error.Line ?? 0));
        Assert.StartsWith("line 2: nosuch_thing_here: ", bad.Errors[0].ToString());
    }

    [Fact]
    public void What_is_typed_is_taken_exactly_when_what_is_written_would_be() =>
        Gen.Select(Gen.OneOf(SettingsTable.All.ToArray()), Gen.OneOf(Gen.Int[-5, 5000].Select(n => n.ToString()), Gen.OneOf("true", "false", "edge", "::1", "a,b", "", "{\"a\": 1}", "[", "null")))
            .Sample((setting, text) =>
            {
                var value = setting.Kind.FromText(text);
                var document = new ConfigDocument(new() { [setting.Section] = new JsonObject { [setting.Key] = value?.DeepClone() } }, ImmutableDictionary<string, int>.Empty);
                return setting.Refuse(value) is null == ConfigParser.Parse(document) is ConfigOutcome.Good;
            });

    [Theory]
    [InlineData("a,b")]
    [InlineData("[a, b]")]
    [InlineData("""["a", "b"]""")]
    public void A_list_may_be_typed_with_commas_as_YAML_or_as_JSON(string text) =>
        Assert.Equal("""["a","b"]""", SettingsTable.Find("providers.enabled")!.Kind.FromText(text)!.ToJsonString());

    private static HelixConfig Read(string json) => Assert.IsType<ConfigOutcome.Good>(ConfigParser.Parse(Document(json))).Config;

    private static IEnumerable<string> Errors(string json) =>
        Assert.IsType<ConfigOutcome.Bad>(ConfigParser.Parse(Document(json))).Errors.Select(error => error.ToString());

    private static ConfigDocument Document(string json) => new((JsonObject)JsonNode.Parse(json)!, ImmutableDictionary<string, int>.Empty);
}
