using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Core.Models;
using Helix.EngineHost;

namespace Helix.Tests.EngineHost;

/// <summary>Answers that another engine began and this one goes on with.</summary>
public sealed class BegunAnswerTests
{
    /// <summary>No character twice, and none with which a prompt ends: a model that knows them as tokens goes on behind whichever stands last.</summary>
    private const string Text = "abcABC-漢字“é”,xyz:😀!";

    [Fact]
    public async Task A_chat_goes_on_from_any_of_its_characters_as_if_it_had_never_stopped()
    {
        await using var host = await SpellingAsync();
        Assert.Equal(Text, await AnswerAsync(host, null));

        foreach (var begun in Beginnings()) Assert.Equal(Text, begun + await AnswerAsync(host, begun));
    }

    [Fact]
    public async Task A_completion_goes_on_from_any_of_its_characters_as_well()
    {
        await using var host = await SpellingAsync();

        foreach (var begun in Beginnings().Prepend(""))
        {
            var (status, body) = await host.PostAsync("/v1/completions", new JsonObject { ["prompt"] = "?" + begun, ["temperature"] = 0 }.ToJsonString());
            Assert.Equal((200, Text), (status, begun + body.GetProperty("choices")[0].GetProperty("text").GetString()));
        }
    }

    [Fact]
    public async Task What_was_begun_counts_as_prompt_and_the_rest_as_answer()
    {
        await using var host = await SpellingAsync();

        var whole = (await host.PostAsync("/v1/chat/completions", Ask(null))).Body.GetProperty("usage");
        var rest = (await host.PostAsync("/v1/chat/completions", Ask("abcABC"))).Body.GetProperty("usage");

        Assert.Equal(whole.GetProperty("prompt_tokens").GetInt32() + 6, rest.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(whole.GetProperty("total_tokens").GetInt32(), rest.GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Without_a_word_about_it_the_assistants_last_message_is_whole()
    {
        await using var host = await SpellingAsync();

        var (_, body) = await host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"abc"}],"temperature":0}""");

        Assert.Equal(Text, body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Theory]
    [InlineData("""[{"role":"assistant","content":"a"}]""", "", "continue_final_message")]
    [InlineData("""[{"role":"assistant","content":"a"},{"role":"user","content":"x"}]""", "", "continue_final_message")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"assistant","content":"a"}]""", ",\"add_generation_prompt\":true", "add_generation_prompt")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"assistant","content":"a"}]""", ",\"response_format\":{\"type\":\"json_object\"}", "continue_final_message")]
    public void What_cannot_be_gone_on_with_is_refused(string messages, string more, string parameter)
    {
        var faults = new List<Refusal>();
        using var body = JsonDocument.Parse("""{"messages":""" + messages + ""","continue_final_message":true""" + more + "}");

        ChatRequest.Read(body.RootElement, faults);

        Assert.Equal((400, parameter), (Assert.Single(faults).Status, faults[0].Parameter));
    }

    private static Task<TestHost> SpellingAsync() =>
        TestHost.StartAsync(ScriptedGguf.OfPieces([.. Text.EnumerateRunes().Select(rune => new ScriptedPiece(rune.ToString(), IsByte: false))]));

    private static IEnumerable<string> Beginnings()
    {
        var begun = new StringBuilder();
        foreach (var rune in Text.EnumerateRunes().SkipLast(1)) yield return begun.Append(rune).ToString();
    }

    private static async Task<string> AnswerAsync(TestHost host, string? begun)
    {
        var (status, body) = await host.PostAsync("/v1/chat/completions", Ask(begun));
        Assert.Equal(200, status);
        return body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }

    private static string Ask(string? begun)
    {
        var ask = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "?" }), ["temperature"] = 0 };
        if (begun is not null)
        {
            ask["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = begun });
            (ask["continue_final_message"], ask["add_generation_prompt"]) = (true, false);
        }

        return ask.ToJsonString();
    }
}
