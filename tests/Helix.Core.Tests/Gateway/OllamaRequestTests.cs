using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

public sealed class OllamaRequestTests
{
    private const string Streams = "\"stream\":true,\"stream_options\":{\"include_usage\":true}";

    [Theory]
    [InlineData("""{"model":"m:latest","messages":[{"role":"user","content":"Hi"}]}""", """{"model":"m:latest","messages":[{"role":"user","content":"Hi"}],STREAM}""")]
    [InlineData(
        """{"messages":[{"role":"system","content":"s"},{"role":"user","content":"x","images":["iVBORAAA","/9j/AAA"]}],"stream":false,"format":"json","options":{"temperature":0,"num_predict":7,"stop":["a"]}}""",
        """{"messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORAAA"}},{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/AAA"}}]}],"response_format":{"type":"json_object"},"temperature":0,"stop":["a"],"max_tokens":7}""")]
    [InlineData(
        """{"stream":false,"tools":[{"type":"function"}],"messages":[{"role":"assistant","content":"","tool_calls":[{"function":{"name":"a","arguments":{"x":1}}},{"function":{"name":"b","arguments":{}}}]},{"role":"tool","tool_name":"b","content":"B"},{"role":"tool","content":"A"}]}""",
        """{"messages":[{"role":"assistant","content":"","tool_calls":[{"id":"call_0","type":"function","function":{"name":"a","arguments":"{\"x\":1}"}},{"id":"call_1","type":"function","function":{"name":"b","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"B"},{"role":"tool","tool_call_id":"call_0","content":"A"}],"tools":[{"type":"function"}]}""")]
    [InlineData(
        """{"messages":[{"role":"user","content":"x"}],"stream":false,"format":{"type":"object"},"options":{"num_predict":-1}}""",
        """{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}}}""")]
    public void A_chat_becomes_OpenAIs(string ollama, string openAi) => Same(openAi, InferenceRoute.Chat, OllamaRequest.Chat(Bytes(ollama)));

    [Fact]
    public void A_prompt_is_said_by_the_user_or_goes_on_as_it_stands()
    {
        Same("""{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"p"}],STREAM}""", InferenceRoute.Chat, OllamaRequest.Generate(Bytes("""{"model":"m","prompt":"p","system":"s"}""")));
        Same("""{"model":"m","prompt":"p"}""", InferenceRoute.Completion, OllamaRequest.Generate(Bytes("""{"model":"m","prompt":"p","raw":true,"stream":false}""")));
        Same("""{"prompt":"a","suffix":"c"}""", InferenceRoute.Completion, OllamaRequest.Generate(Bytes("""{"prompt":"a","suffix":"c","stream":false}""")));
    }

    [Fact]
    public void Texts_are_embedded_by_both_paths()
    {
        Same("""{"model":"e","input":["a","b"],"dimensions":4}""", InferenceRoute.Embeddings, OllamaRequest.Embed(Bytes("""{"model":"e","input":["a","b"],"dimensions":4,"truncate":true}""")));
        Same("""{"model":"e","input":"a"}""", InferenceRoute.Embeddings, OllamaRequest.EmbedOne(Bytes("""{"model":"e","prompt":"a"}""")));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"robot","content":"x"}]}""", "messages.0.role")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", "messages.0.content")]
    [InlineData("""{"messages":[{"role":"user","content":"x","images":[7]}]}""", "messages.0.images")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{}]}]}""", "messages.0.tool_calls.0.function")]
    [InlineData("""{"messages":[{"role":"user"}],"format":"yaml"}""", "format")]
    [InlineData("""{"messages":[{"role":"user"}],"options":[]}""", "options")]
    [InlineData("""{"messages":[{"role":"user"}],"options":{"num_predict":"x"}}""", "options.num_predict")]
    [InlineData("""{"messages":[{"role":"user"}],"stream":1}""", "stream")]
    [InlineData("x", null)]
    public void What_is_wrong_is_named(string body, string? param)
    {
        var error = Assert.IsType<Translated.Bad>(OllamaRequest.Chat(Bytes(body))).Error;

        Assert.Equal((400, param), (error.Status, error.Param));
    }

    [Fact]
    public void What_no_engine_knows_is_dropped_and_named() =>
        Assert.Equal(["think", "options.num_ctx"], Assert.IsType<Translated.Good>(OllamaRequest.Chat(Bytes("""{"messages":[{"role":"user"}],"think":true,"keep_alive":"5m","options":{"num_ctx":4096,"seed":1}}"""))).Dropped);

    [Theory]
    [InlineData("""{"model":"m"}""", "m")]
    [InlineData("""{"model":"m","messages":[],"keep_alive":0}""", "m")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}]}""", null)]
    [InlineData("""{"messages":[]}""", null)]
    [InlineData("x", null)]
    public void One_that_asks_nothing_only_loads_the_model(string body, string? model) => Assert.Equal(model, (OllamaRequest.Chat(Bytes(body)) as Translated.Loads)?.Model);

    [Fact]
    public void Parts_that_clients_send_empty_are_as_good_as_absent()
    {
        Same("""{"model":"m","messages":[{"role":"user","content":"p"}]}""", InferenceRoute.Chat, OllamaRequest.Generate(Bytes("""{"model":"m","prompt":"p","suffix":"","system":"","images":[],"stream":false}""")));
        Assert.Equal(new Translated.Loads("m", Unloads: true), OllamaRequest.Generate(Bytes("""{"model":"m","prompt":"","suffix":"","images":[],"keep_alive":0}""")));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"a":"\ud800"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"\ud800":1}""")]
    public void Half_a_character_is_refused_wherever_it_stands(string body) => Assert.Equal(400, Assert.IsType<Translated.Bad>(OllamaRequest.Chat(Bytes(body))).Error.Status);

    private static void Same(string openAi, InferenceRoute route, Translated translated)
    {
        var good = Assert.IsType<Translated.Good>(translated);
        Assert.Equal(route, good.Route);
        Assert.Equal(JsonNode.Parse(openAi.Replace("STREAM", Streams, StringComparison.Ordinal))!.ToJsonString(), JsonNode.Parse(good.Body)!.ToJsonString());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
