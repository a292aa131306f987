using System.Text.Json.Nodes;
using Helix.Core.Access;
using Helix.Core.Connect;

namespace Helix.Core.Tests.Connect;

public sealed class ConnectToolTests
{
    private static readonly ToolValues s_values = new("http://127.0.0.1:4359", KeyText.Sample, "qwen3-8b", 32768);

    [Fact]
    public void Each_tool_is_told_the_address_the_key_and_the_model()
    {
        Assert.All(ConnectTools.All, tool =>
        {
            var all = string.Concat(tool.Settings(s_values, true).Select(setting => setting.Value.ToJsonString())) + string.Join(' ', tool.Variables(s_values));

            Assert.Contains(s_values.Address, all, StringComparison.Ordinal);
            Assert.Contains(s_values.Key, all, StringComparison.Ordinal);
            Assert.Equal(tool.Format != SettingsFormat.None, all.Contains(s_values.Model, StringComparison.Ordinal));
            Assert.Equal(tool.Format != SettingsFormat.None, tool.File is not null);
        });
        Assert.Equal(ConnectTools.All.Length, ConnectTools.All.DistinctBy(tool => tool.Id).Count());
    }

    [Theory]
    [InlineData("claude-code", "", "/home/ann/.claude/settings.json")]
    [InlineData("claude-code", "/etc/claude", "/etc/claude/settings.json")]
    [InlineData("claude-code", "relative", "/home/ann/.claude/settings.json")]
    [InlineData("codex", "", "/home/ann/.codex/config.toml")]
    [InlineData("zed", "/cfg", "/cfg/zed/settings.json")]
    [InlineData("vscode", "", "/home/ann/.config/Code/User/chatLanguageModels.json")]
    public void A_file_is_where_the_tool_looks_for_it(string id, string variable, string expected) =>
        Assert.Equal(expected, ConnectTools.Find(id)!.File!(new("/home/ann", false, _ => variable)));

    [Fact]
    public void On_a_mac_VS_Code_has_another_folder() =>
        Assert.Equal("/Users/ann/Library/Application Support/Code/User/chatLanguageModels.json", ConnectTools.Find("vscode")!.File!(new("/Users/ann", true, _ => null)));

    [Theory]
    [InlineData("http://0.0.0.0:4359", "http://127.0.0.1:4359")]
    [InlineData("http://[::]:4359", "http://[::1]:4359")]
    [InlineData("http://10.0.0.7:4359", "http://10.0.0.7:4359")]
    public void Every_address_of_a_machine_is_no_address_for_a_client(string listens, string expected) => Assert.Equal(expected, ToolValues.Reachable(listens));

    [Fact]
    public void Keys_are_found_by_their_beginning_and_shown_to_nobody()
    {
        var key = ApiKey.From([.. Enumerable.Range(1, 32).Select(number => (byte)number)]);
        var text = $"a: {KeyText.Sample}\nb: {key}\n";

        Assert.Equal(key, KeyText.Find(text, key[..ApiKey.PrefixLength]));
        Assert.Null(KeyText.Find("a: hx_short", "hx_short"));
        Assert.Equal("a: hx_…\nb: hx_…\n", KeyText.Mask(text));
    }

    [Fact]
    public void The_request_that_tries_it_is_in_the_tools_own_words()
    {
        var chat = ToolCheck.Of(ToolDialect.Chat, s_values);
        var responses = ToolCheck.Of(ToolDialect.Responses, s_values);
        var messages = ToolCheck.Of(ToolDialect.Messages, s_values);

        Assert.Equal(["/v1/chat/completions", "/v1/responses", "/v1/messages"], new[] { chat.Path, responses.Path, messages.Path });
        Assert.All(new[] { chat, responses, messages }, check =>
        {
            Assert.Equal("qwen3-8b", (string?)JsonNode.Parse(check.Body)!["model"]);
            Assert.Contains(("Authorization", $"Bearer {s_values.Key}"), check.Headers);
        });
        Assert.NotNull(JsonNode.Parse(responses.Body)!["input"]);
        Assert.Contains(messages.Headers, header => header.Name == "anthropic-version");
    }

    [Theory]
    [InlineData("""{"choices":[]}""", true)]
    [InlineData("""{"id":"resp_1","error":null}""", true)]
    [InlineData("""{"error":{"message":"no"}}""", false)]
    [InlineData("[]", false)]
    [InlineData("<html>", false)]
    [InlineData("", false)]
    public void Only_an_object_without_an_error_is_an_answer(string body, bool expected) => Assert.Equal(expected, ToolCheck.IsAnswer(body));
}
