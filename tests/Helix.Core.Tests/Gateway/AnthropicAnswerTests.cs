using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

public sealed class AnthropicAnswerTests
{
    [Fact]
    public void A_stream_of_text_becomes_one_block() => Assert.Equal(
        [
            """message_start {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}""",
            """content_block_start {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
            """content_block_delta {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"He"}}""",
            """content_block_delta {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"y"}}""",
            """content_block_stop {"type":"content_block_stop","index":0}""",
            """message_delta {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":2}}""",
            """message_stop {"type":"message_stop"}""",
        ],
        Events(Stream(
            """{"choices":[{"delta":{"role":"assistant","content":""}}]}""", """{"choices":[{"delta":{"content":"He"}}]}""", """{"choices":[{"delta":{"content":"y"}}]}""",
            """{"choices":[{"delta":{},"finish_reason":"stop"}]}""", """{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}""", "[DONE]")));

    [Theory]
    [InlineData("length", "max_tokens")]
    [InlineData("stop", "end_turn")]
    [InlineData("content_filter", "refusal")]
    [InlineData("odd", "end_turn")]
    public void Why_it_ended_is_told_in_its_own_words(string finish, string reason)
    {
        Assert.Contains($"\"stop_reason\":\"{reason}\"", Stream($$"""{"choices":[{"delta":{"content":"x"},"finish_reason":"{{finish}}"}]}"""), StringComparison.Ordinal);
        Assert.Equal(reason, (string?)Whole($$"""{"choices":[{"message":{"content":"x"},"finish_reason":"{{finish}}"}]}""")["stop_reason"]);
    }

    [Fact]
    public void An_error_in_the_middle_is_the_end()
    {
        var text = Stream("""{"choices":[{"delta":{"content":"x"}}]}""", """{"error":{"message":"out of memory"}}""", """{"choices":[{"delta":{"content":"y"}}]}""");

        Assert.EndsWith("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"out of memory\"},\"request_id\":\"req_1\"}\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_answer_becomes_a_message()
    {
        var message = Whole("""{"choices":[{"message":{"reasoning_content":"hm","content":"ok","tool_calls":[{"id":"c1","function":{"name":"t","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":7,"completion_tokens":2}}""");

        Assert.Equal(
            """[{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"ok"},{"type":"tool_use","id":"c1","name":"t","input":{"a":1}}]""",
            message["content"]!.ToJsonString());
        Assert.Equal(("message", "assistant", "m", "tool_use", 7, 2), ((string?)message["type"], (string?)message["role"], (string?)message["model"], (string?)message["stop_reason"], (int)message["usage"]!["input_tokens"]!, (int)message["usage"]!["output_tokens"]!));
    }

    [Theory]
    [InlineData("not json", """{"arguments":"not json"}""")]
    [InlineData("", "{}")]
    [InlineData("[1]", """{"arguments":"[1]"}""")]
    public void Arguments_that_are_no_object_are_not_lost(string arguments, string input) =>
        Assert.Equal(input, Whole(new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["message"] = new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["id"] = "c", ["function"] = new JsonObject { ["name"] = "t", ["arguments"] = arguments } }) } }) }.ToJsonString())["content"]![0]!["input"]!.ToJsonString());

    [Theory]
    [InlineData("""{"data":[],"usage":{"prompt_tokens":12}}""", 12)]
    [InlineData("""{"choices":[{"message":{"content":"x"}}]}""", 99)]
    public void A_count_is_the_engines_own_where_it_tells(string answer, int tokens)
    {
        var count = new AnthropicCount(estimate: 99);
        count.Push(Encoding.UTF8.GetBytes(answer));
        Assert.Equal($$"""{"input_tokens":{{tokens}}}""", Encoding.UTF8.GetString(count.End().Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"choices\":[{\"mess")]
    [InlineData("[]")]
    [InlineData("""{"error":{"message":"out of memory"}}""")]
    public void What_is_no_answer_is_not_told_as_an_empty_one(string answer)
    {
        var translation = new AnthropicWhole("msg_1", "m");
        translation.Push(Encoding.UTF8.GetBytes(answer));

        Assert.True(translation.End().IsEmpty);
        Assert.NotNull(translation.Failure);
    }

    [Fact]
    public void A_stream_that_breaks_off_says_so() =>
        Assert.Contains("\"message\":\"The engine's answer broke off.\"", Stream("""{"choices":[{"delta":{"content":"x"}}]}"""), StringComparison.Ordinal);

    [Fact]
    public void An_engine_that_answers_a_stream_whole_is_understood()
    {
        var translation = new WholeAsStream(new AnthropicStream("msg_1", "m", "req_1"));
        translation.Push("""
            {"choices": [{"message": {"content": "fine"},
              "finish_reason": "stop"}]}
            """u8);

        Assert.Equal("fine", Read(Encoding.UTF8.GetString(translation.End().Span)).Text);
    }

    [Fact]
    public void Half_a_character_costs_only_itself() =>
        Assert.Equal("a\ufffdb", (string?)Whole("""{"choices":[{"message":{"content":"a\ud83db"},"finish_reason":"stop"}]}""")["content"]![0]!["text"]);

    [Fact]
    public void Calls_that_all_have_the_same_number_are_told_apart_by_their_ids() =>
        Assert.Equal(
            [("t0", "{}"), ("t1", "{}")],
            Read(Stream(
                """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"t0","arguments":"{}"}}]}}]}""",
                """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"t1","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}""")).Calls);

    /// <summary>Thoughts, text, then several calls at once, cut into pieces and mixed as engines may mix them.</summary>
    [Fact]
    public void Nothing_is_lost_of_what_an_engine_says_however_it_mixes_it() =>
        Gen.Select(s_words.Array[0, 5], s_words.Array[0, 5], Gen.Select(Gen.Int[0, 3], s_words).Array[0, 20]).Sample((thoughts, texts, calls) =>
        {
            var whole = new SortedDictionary<int, StringBuilder>();
            List<JsonObject> deltas = [.. thoughts.Select(words => new JsonObject { ["reasoning_content"] = words }), .. texts.Select(words => new JsonObject { ["content"] = words })];
            foreach (var (index, words) in calls)
            {
                deltas.Add(new JsonObject { ["tool_calls"] = new JsonArray(Call(index, words, isFirst: !whole.ContainsKey(index))) });
                (whole.TryGetValue(index, out var call) ? call : whole[index] = new()).Append(words);
            }

            var said = Read(Stream([.. deltas.Select(delta => new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["delta"] = delta }) }.ToJsonString()), "[DONE]"]));
            return said.Thoughts == string.Concat(thoughts) && said.Text == string.Concat(texts)
                && said.Calls.Order().SequenceEqual(whole.Select(call => ($"t{call.Key}", call.Value.ToString())).Order());
        });

    private static readonly Gen<string> s_words = Gen.String[Gen.Char["ab{}\"\\é漢\n "], 0, 6];

    private static JsonObject Call(int index, string arguments, bool isFirst)
    {
        var call = new JsonObject { ["index"] = index, ["function"] = new JsonObject { ["arguments"] = arguments } };
        if (!isFirst) return call;
        call["id"] = $"c{index}";
        call["function"]!["name"] = $"t{index}";
        return call;
    }

    /// <summary>As a client puts it together, with every rule of the protocol checked on the way.</summary>
    private static (string Text, string Thoughts, ImmutableArray<(string Name, string Arguments)> Calls) Read(string stream)
    {
        StringBuilder text = new(), thoughts = new();
        var calls = new List<(string Name, StringBuilder Arguments)>();
        int open = -1, next = 0;
        string? type = null;
        var names = new List<string>();
        foreach (var line in Events(stream))
        {
            var (name, data) = (line[..line.IndexOf(' ')], JsonNode.Parse(line[line.IndexOf(' ')..])!);
            names.Add(name);
            Assert.Equal(name, (string?)data["type"]);
            switch (name)
            {
                case "content_block_start":
                    Assert.Equal((-1, next), (open, (int)data["index"]!));
                    (open, next, type) = (next, next + 1, (string?)data["content_block"]!["type"]);
                    if (type == "tool_use") calls.Add(((string)data["content_block"]!["name"]!, new()));
                    break;
                case "content_block_delta":
                    Assert.Equal(open, (int)data["index"]!);
                    var delta = data["delta"]!;
                    switch ((type, (string?)delta["type"]))
                    {
                        case ("text", "text_delta"): text.Append((string?)delta["text"]); break;
                        case ("thinking", "thinking_delta"): thoughts.Append((string?)delta["thinking"]); break;
                        case ("tool_use", "input_json_delta"): calls[^1].Arguments.Append((string?)delta["partial_json"]); break;
                        default: Assert.Fail($"{delta} in a block of {type}"); break;
                    }

                    break;
                case "content_block_stop":
                    Assert.Equal(open, (int)data["index"]!);
                    open = -1;
                    break;
            }
        }

        Assert.Equal(("message_start", "message_delta", "message_stop", -1), (names[0], names[^2], names[^1], open));
        return (text.ToString(), thoughts.ToString(), [.. calls.Select(call => (call.Name, call.Arguments.ToString()))]);
    }

    private static string Stream(params string[] events)
    {
        var translation = new AnthropicStream("msg_1", "m", "req_1");
        var text = new StringBuilder();
        foreach (var data in events) text.Append(Encoding.UTF8.GetString(translation.Push(Encoding.UTF8.GetBytes($"data: {data}\n\n")).Span));
        return text.Append(Encoding.UTF8.GetString(translation.End().Span)).ToString();
    }

    private static JsonObject Whole(string answer)
    {
        var translation = new AnthropicWhole("msg_1", "m");
        foreach (var part in Encoding.UTF8.GetBytes(answer).Chunk(7)) Assert.True(translation.Push(part).IsEmpty);
        return JsonNode.Parse(translation.End().Span)!.AsObject();
    }

    private static string[] Events(string stream) => [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(each => each.Replace("event: ", "", StringComparison.Ordinal).Replace("\ndata: ", " ", StringComparison.Ordinal))];
}
