using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

public sealed class OllamaAnswerTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_stream_becomes_lines_and_the_last_tells_what_it_took() => Assert.Equal(
        [
            """{"model":"m","created_at":"2026-11-29T12:00:00+00:00","message":{"role":"assistant","content":"He"},"done":false}""",
            """{"model":"m","created_at":"2026-11-29T12:00:00+00:00","message":{"role":"assistant","content":"y"},"done":false}""",
            """{"model":"m","created_at":"2026-11-29T12:00:00+00:00","message":{"role":"assistant","content":""},"done":true,"done_reason":"length","total_duration":9000000000,"load_duration":1000000000,"prompt_eval_count":7,"prompt_eval_duration":2000000000,"eval_count":2,"eval_duration":6000000000}""",
        ],
        Lines(
            isChat: true, """{"choices":[{"delta":{"role":"assistant","content":""}}]}""", """{"choices":[{"delta":{"content":"He"}}]}""", """{"choices":[{"delta":{"content":"y"},"finish_reason":"length"}]}""",
            """{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}""", "[DONE]"));

    [Fact]
    public void A_prompts_answer_is_called_response() =>
        Assert.Equal("He", (string?)JsonNode.Parse(Lines(isChat: false, """{"choices":[{"text":"He"}]}""", "[DONE]")[0])!["response"]);

    [Fact]
    public void Calls_are_told_whole()
    {
        var lines = Lines(
            isChat: true,
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"t","arguments":"{\"a\""}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":"tool_calls"}]}""");

        Assert.Equal("""[{"id":"c","function":{"name":"t","arguments":{"a":1}}}]""", JsonNode.Parse(lines[0])!["message"]!["tool_calls"]!.ToJsonString());
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public void An_error_in_the_middle_is_the_last_line() =>
        Assert.Equal("""{"error":"out of memory"}""", Lines(isChat: true, """{"choices":[{"delta":{"content":"x"}}]}""", """{"error":{"message":"out of memory"}}""", """{"choices":[{"delta":{"content":"y"}}]}""")[^1]);

    [Fact]
    public void One_that_breaks_off_says_so() =>
        Assert.Equal("""{"error":"The engine's answer broke off."}""", Lines(isChat: true, """{"choices":[{"delta":{"content":"x"}}]}""")[^1]);

    [Fact]
    public void A_whole_answer_is_one_object()
    {
        var answer = new OllamaWhole(Frame(isChat: true));
        foreach (var part in """{"choices":[{"message":{"content":"ok","reasoning_content":"hm"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"""u8.ToArray().Chunk(9)) Assert.True(answer.Push(part).IsEmpty);
        var told = JsonNode.Parse(answer.End().Span)!;

        Assert.Equal(("ok", "hm", true, "stop", 3), ((string?)told["message"]!["content"], (string?)told["message"]!["thinking"], (bool)told["done"]!, (string?)told["done_reason"], (int)told["prompt_eval_count"]!));
    }

    [Fact]
    public void Embeddings_are_told_by_both_paths()
    {
        var openAi = """{"data":[{"embedding":[1,2],"index":0},{"embedding":[3,4],"index":1}],"usage":{"prompt_tokens":5}}"""u8.ToArray();

        Assert.Equal("""{"model":"m","embeddings":[[1,2],[3,4]],"total_duration":9000000000,"load_duration":1000000000,"prompt_eval_count":5}""", Told(isOne: false));
        Assert.Equal("""{"embedding":[1,2]}""", Told(isOne: true));

        string Told(bool isOne)
        {
            var embeddings = new OllamaEmbeddings(Frame(isChat: false), isOne);
            embeddings.Push(openAi);
            return Encoding.UTF8.GetString(embeddings.End().Span);
        }
    }

    [Fact]
    public void No_text_is_lost() => Gen.String[Gen.Char["ab\"\\é漢\n{}"], 0, 6].Array[0, 20].Sample(pieces =>
    {
        var lines = Lines(isChat: true, [.. pieces.Select(words => new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["delta"] = new JsonObject { ["content"] = words } }) }.ToJsonString()), "[DONE]"]);
        return string.Concat(lines.Select(line => (string?)JsonNode.Parse(line)!["message"]!["content"])) == string.Concat(pieces) && (bool)JsonNode.Parse(lines[^1])!["done"]!;
    });

    private static OllamaFrame Frame(bool isChat) => new("m", isChat, () => s_now, () => (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(9)));

    private static string[] Lines(bool isChat, params string[] events)
    {
        var answer = new OllamaStream(Frame(isChat));
        var text = new StringBuilder();
        foreach (var data in events) text.Append(Encoding.UTF8.GetString(answer.Push(Encoding.UTF8.GetBytes($"data: {data}\n\n")).Span));
        return text.Append(Encoding.UTF8.GetString(answer.End().Span)).ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
