using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>Other programs' settings in a user's own folder, and real requests with what was written there.</summary>
public sealed class ConnectTests(ConnectTests.Started started) : IClassFixture<ConnectTests.Started>
{
    private const int Refused = 6;
    private const string Message = """{"model":"auto","max_tokens":8,"messages":[{"role":"user","content":"Hi"}]}""";

    private readonly TempHome _home = started.Home;

    [Fact]
    public async Task A_tool_is_set_up_asks_with_its_key_and_is_put_back_as_it_was()
    {
        const string Mine = "{\n  \"permissions\": {\n    \"allow\": [\"Bash(ls:*)\"]\n  }\n}\n";
        var settings = Path.Combine(_home.Environment["HOME"], ".claude", "settings.json");
        Directory.CreateDirectory(Path.GetDirectoryName(settings)!);
        await File.WriteAllTextAsync(settings, Mine, TestContext.Current.CancellationToken);

        var shown = await _home.HelixAsync("connect", "claude-code");
        Assert.Equal(Refused, shown.Code);
        Assert.Contains("+    \"ANTHROPIC_AUTH_TOKEN\": \"hx_…\",", shown.Out, StringComparison.Ordinal);
        Assert.Equal(Mine, await File.ReadAllTextAsync(settings, TestContext.Current.CancellationToken));

        var done = (await _home.HelixAsync("connect", "claude-code", "--yes")).Succeeded();
        var written = JsonNode.Parse(await File.ReadAllTextAsync(settings, TestContext.Current.CancellationToken))!;
        var key = (string)written["env"]!["ANTHROPIC_AUTH_TOKEN"]!;
        Assert.Equal(_home.Gateway.Address, new Uri((string)written["env"]!["ANTHROPIC_BASE_URL"]!));
        Assert.Equal("Bash(ls:*)", (string?)written["permissions"]!["allow"]![0]);
        Assert.DoesNotContain(key, done.ToString(), StringComparison.Ordinal);
        (await _home.Gateway.PostAsync("/v1/messages", Message, ("x-api-key", key))).Is(200);
        Assert.Equal(403, (await _home.Gateway.SendAsync(HttpMethod.Get, "/helix/v1/status", null, ("x-api-key", key))).Status);
        Assert.Equal("yes", (string?)await ToolAsync("claude-code", "connected"));

        (await _home.HelixAsync("connect", "claude-code", "--undo", "--yes")).Succeeded();
        Assert.Equal(Mine, await File.ReadAllTextAsync(settings, TestContext.Current.CancellationToken));
        (await _home.Gateway.PostAsync("/v1/messages", Message, ("x-api-key", key))).Is(401);
        Assert.DoesNotContain("connect-claude-code", (await _home.HelixAsync("keys", "list")).Succeeded().Out, StringComparison.Ordinal);
        Assert.Equal("no", (string?)await ToolAsync("claude-code", "connected"));
    }

    [Theory]
    [InlineData("codex")]
    [InlineData("continue")]
    [InlineData("aider")]
    [InlineData("open-webui")]
    [InlineData("vscode")]
    [InlineData("zed")]
    public async Task Each_other_tool_gets_an_answer_in_its_own_words_and_leaves_nothing(string id)
    {
        var done = JsonNode.Parse((await _home.HelixAsync("connect", id, "--yes", "--format", "json")).Succeeded().Out)!;

        Assert.True((bool)done["check"]!["passed"]!, done.ToJsonString());
        Assert.Equal((string?)done["file"], (string?)await ToolAsync(id, "file"));
        if ((string?)done["file"] is { } file) Assert.Contains(_home.Gateway.Address.Authority, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        (await _home.HelixAsync("connect", id, "--undo", "--yes")).Succeeded();
        Assert.False(File.Exists((string?)done["file"]));
    }

    private async Task<JsonNode?> ToolAsync(string id, string member) =>
        JsonNode.Parse((await _home.HelixAsync("connect", "--list", "--format", "json")).Succeeded().Out)!["tools"]!.AsArray().Single(tool => (string?)tool!["id"] == id)![member];

    public sealed class Started : RunningHome;
}
