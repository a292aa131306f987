using System.Globalization;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>Questions that mean the same, by the vectors of the built-in engine. The scripted model's are near for any two English sentences: numbers and names tell them apart.</summary>
public sealed class SemanticCacheTests(SemanticCacheTests.HomeWithTalker home) : IClassFixture<SemanticCacheTests.HomeWithTalker>
{
    private const string Answer = "As tall as it was yesterday.";

    private readonly TempHome _home = home.Home;

    [Fact]
    public async Task A_key_that_wants_it_gets_answers_to_what_means_the_same_and_nobody_else_does()
    {
        var key = (await _home.HelixAsync("keys", "create", "helpdesk", "--semantic-cache")).Succeeded().Out.Trim();
        Assert.Equal("miss", State(await AskAsync("How tall is the tower?", key)));

        // the first vectors may come too late for whom they are made
        var (reply, asked) = (default(Reply), 0);
        await Eventually.TrueAsync(
            async () => State(reply = await AskAsync($"How tall is this tower{new string('?', ++asked)}", key)) == "semantic", "one is answered from memory", () => $"{reply}");

        Assert.Equal(Answer, (string?)reply!.Json["choices"]![0]!["message"]!["content"]);
        Assert.InRange(double.Parse(reply.Header("x-helix-cache-similarity")!, CultureInfo.InvariantCulture), 0.8, 1);
        Assert.Equal("miss", State(await AskAsync("How tall is tower 7?", key)));
        Assert.Equal("miss", State(await AskAsync("How tall was this tower?", (await _home.HelixAsync("keys", "create", "other")).Succeeded().Out.Trim())));

        var usage = JsonNode.Parse((await _home.HelixAsync("usage", "--by", "key,provider", "--format", "json")).Succeeded().Out)!;
        Assert.True((int)usage["cache"]!["semantic"]! >= 1, usage.ToJsonString());
        Assert.True((int)usage["cache"]!["saved_answer_tokens"]! > 0, usage.ToJsonString());
        Assert.Contains(usage["rows"]!.AsArray(), row => ((string?)row!["key"], (string?)row!["provider"]) == ("helpdesk", "semantic-cache"));
        Assert.Contains(usage["rows"]!.AsArray(), row => ((string?)row!["key"], (string?)row!["provider"]) == ("(cache)", "builtin"));
        Assert.Contains("by meaning", (await _home.HelixAsync("status")).Succeeded().Out, StringComparison.Ordinal);
    }

    private async Task<Reply> AskAsync(string question, string key) => (await _home.Gateway.PostAsync(
        "/v1/chat/completions", $$"""{"model":"talker","temperature":0,"messages":[{"role":"user","content":"{{question}}"}]}""", ("authorization", $"Bearer {key}"), ("x-helix-cache", "on"))).Is(200);

    private static string? State(Reply reply) => reply.Header("x-helix-cache");

    public sealed class HomeWithTalker : RunningHome
    {
        protected override Task PrepareAsync()
        {
            Home.Configure("performance:\n  semantic_cache_model: talker\n  semantic_cache_threshold: 0.8\n");
            return Task.CompletedTask;
        }

        protected override async Task StartedAsync() =>
            (await Home.HelixAsync("models", "add", ModelFile.Write(Home.Folder, "talker", Answer))).Succeeded();
    }
}
