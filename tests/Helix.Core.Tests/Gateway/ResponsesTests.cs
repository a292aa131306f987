using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

public sealed class ResponsesTests
{
    private static readonly DateTimeOffset s_created = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void A_text_is_what_the_user_says() => Assert.Equal(
        """{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],"max_tokens":9,"temperature":0}""",
        Good("""{"model":"m","instructions":"Be brief.","input":"Hi","max_output_tokens":9,"temperature":0,"store":false}"""));

    [Fact]
    public void What_an_assistant_thought_said_and_called_is_one_message() => Assert.Equal(
        """{"messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA","detail":"low"}}]},{"role":"assistant","content":"So.","reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"one"},{"role":"tool","tool_call_id":"c2","content":"two"},{"role":"user","content":"ok"}]}""",
        Good("""
            {"input":[
              {"role":"developer","content":"s"},
              {"type":"message","role":"user","content":[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"data:image/png;base64,AA","detail":"low"}]},
              {"type":"reasoning","id":"r","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]},
              {"type":"message","id":"m","role":"assistant","status":"completed","content":[{"type":"output_text","text":"So.","annotations":[]}]},
              {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},
              {"type":"function_call","call_id":"c2","name":"g","arguments":"{\"a\":1}"},
              {"type":"function_call_output","call_id":"c1","output":"one"},
              {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"two"}]},
              {"role":"user","content":[{"type":"input_text","text":"ok"}]}]}
            """));

    [Fact]
    public void Functions_choices_and_formats_are_carried_over() => Assert.Equal(
        """{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}}],"parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}},"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}},"stream":true,"stream_options":{"include_usage":true}}""",
        Good("""{"input":"x","stream":true,"parallel_tool_calls":false,"tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true}],"tool_choice":{"type":"function","name":"f"},"text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}}}"""));

    [Theory]
    [InlineData("""{"model":"m"}""", "input")]
    [InlineData("""{"input":5}""", "input")]
    [InlineData("""{"input":"x","previous_response_id":"resp_1"}""", "previous_response_id")]
    [InlineData("""{"input":"x","conversation":"c"}""", "conversation")]
    [InlineData("""{"input":"x","background":true}""", "background")]
    [InlineData("""{"input":"x","tools":[{"type":"web_search"}]}""", "tools[0].type")]
    [InlineData("""{"input":[{"type":"item_reference","id":"i"}]}""", "input[0].type")]
    [InlineData("""{"input":[{"role":"robot","content":"x"}]}""", "input[0].role")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]}""", "input[0].content[0].type")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_image","file_id":"f"}]}]}""", "input[0].content[0]")]
    [InlineData("""{"input":[{"type":"function_call_output","output":"x"}]}""", "input[0].call_id")]
    [InlineData("""{"input":[7]}""", "input[0]")]
    [InlineData("""{"input":"x","text":{"format":{"type":"poem"}}}""", "text.format.type")]
    [InlineData("""{"input":"x","tool_choice":{"type":"web_search"}}""", "tool_choice")]
    public void What_no_engine_here_can_do_is_refused_by_its_name(string body, string param)
    {
        var bad = Assert.IsType<Translated.Bad>(ResponsesRequest.Translate(Encoding.UTF8.GetBytes(body)));
        Assert.Equal((400, param), (bad.Error.Status, bad.Error.Param));
    }

    [Fact]
    public void What_changes_nothing_is_named() => Assert.Equal(
        ["include", "reasoning"], Assert.IsType<Translated.Good>(ResponsesRequest.Translate("""{"input":"x","include":[],"reasoning":{"effort":"low"},"truncation":"auto","service_tier":null}"""u8.ToArray())).Dropped);

    /// <summary>However the engine's answer is cut: numbers without a gap, each item begun and ended, and the last event has all that was said.</summary>
    [Fact]
    public void A_stream_is_told_event_by_event() => Gen.Select(Said, Said, Gen.Bool, Gen.Int[1, 5]).Sample((thought, text, calls, together) =>
    {
        List<string> chunks = [.. thought.Select(piece => Chunk("reasoning_content", piece)), .. text.Select(piece => Chunk("content", piece))];
        if (calls)
        {
            chunks.Add("""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c0","function":{"name":"f","arguments":"{\"a"}},{"index":1,"id":"c1","function":{"name":"g","arguments":""}}]}}]}""");
            chunks.Add("""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}},{"index":0,"function":{"arguments":"\":1}"}}]}}]}""");
        }

        chunks.Add("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}""");
        chunks.Add("[DONE]");
        var stream = new ResponsesStream(Frame("""{"instructions":"i"}"""));
        var told = new List<JsonNode>();
        foreach (var lot in chunks.Chunk(together)) told.AddRange(Events(stream.Push(Encoding.UTF8.GetBytes(string.Concat(lot.Select(chunk => $"data: {chunk}\n\n"))))));
        told.AddRange(Events(stream.End()));

        Assert.Equal(Enumerable.Range(0, told.Count), told.Select(each => (int)each["sequence_number"]!));
        Assert.Equal(["response.created", "response.in_progress"], told.Take(2).Select(Type));
        Assert.Equal(told.Count(each => Type(each) == "response.output_item.added"), told.Count(each => Type(each) == "response.output_item.done"));
        Assert.Equal(string.Concat(text), string.Concat(told.Where(each => Type(each) == "response.output_text.delta").Select(each => (string?)each["delta"])));
        Assert.Equal(string.Concat(thought), string.Concat(told.Where(each => Type(each) == "response.reasoning_text.delta").Select(each => (string?)each["delta"])));
        var (type, whole) = (Type(told[^1]), told[^1]["response"]!);
        Assert.Equal(("response.completed", "completed", "i", 7), (type, (string?)whole["status"], (string?)whole["instructions"], (int)whole["usage"]!["total_tokens"]!));
        var output = whole["output"]!.AsArray();
        Assert.Equal((thought.Length > 0 ? 1 : 0) + (text.Length > 0 ? 1 : 0) + (calls ? 2 : 0), output.Count);
        if (calls) Assert.Equal([("c0", "f", """{"a":1}"""), ("c1", "g", "{}")], output.TakeLast(2).Select(item => ((string?)item!["call_id"], (string?)item["name"], (string?)item["arguments"])));
    });

    [Theory]
    [InlineData("length", "response.incomplete", "incomplete")]
    [InlineData("tool_calls", "response.completed", "completed")]
    public void Its_end_says_how_it_ended(string finish, string type, string status)
    {
        var stream = new ResponsesStream(Frame("{}"));
        stream.Push(Encoding.UTF8.GetBytes($$"""data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"{{finish}}"}]}""" + "\n\n"));
        var last = Events(stream.End())[^1];

        Assert.Equal((type, status), (Type(last), (string?)last["response"]!["status"]));
    }

    [Fact]
    public void An_answer_that_breaks_off_has_failed()
    {
        var stream = new ResponsesStream(Frame("{}"));
        stream.Push("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"u8);
        var last = Events(stream.End())[^1];

        Assert.Equal(("response.failed", "failed"), (Type(last), (string?)last["response"]!["status"]));
        Assert.NotNull(stream.Failure);
    }

    [Fact]
    public void A_whole_answer_is_a_response()
    {
        var translation = new ResponsesWhole(Frame("""{"temperature":0.5}"""));
        translation.Push("""{"choices":[{"message":{"content":"well","reasoning_content":"hm","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"""u8);
        var response = JsonNode.Parse(translation.End().Span)!;

        Assert.Equal(("response", "completed", 1_800_000_000, 0.5), ((string?)response["object"], (string?)response["status"], (int)response["created_at"]!, (double)response["temperature"]!));
        Assert.Equal(["reasoning", "message", "function_call"], response["output"]!.AsArray().Select(item => (string?)item!["type"]));
        Assert.Equal("well", (string?)response["output"]![1]!["content"]![0]!["text"]);
    }

    private static Gen<string[]> Said { get; } = Gen.String[Gen.Char['a', 'f'], 1, 4].Array[0, 4];

    private static string Chunk(string name, string piece) => new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = new JsonObject { [name] = piece } }) }.ToJsonString();

    private static string? Type(JsonNode told) => (string?)told["type"];

    private static List<JsonNode> Events(ReadOnlyMemory<byte> told) => [.. EventData.Of(told.Span).Select(data => JsonNode.Parse(data)!)];

    private static ResponseFrame Frame(string asked)
    {
        using var document = JsonDocument.Parse(asked);
        return new("resp_1", "m", s_created, document.RootElement.Clone());
    }

    private static string Good(string body) => Encoding.UTF8.GetString(Assert.IsType<Translated.Good>(ResponsesRequest.Translate(Encoding.UTF8.GetBytes(body))).Body);
}
