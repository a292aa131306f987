using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

public sealed class AnthropicRequestTests
{
    [Theory]
    [InlineData(
        """{"model":"m","max_tokens":9,"system":"Be kind.","messages":[{"role":"user","content":"Hi"}],"stop_sequences":["END"],"temperature":0.5,"stream":true}""",
        """{"model":"m","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"}],"max_tokens":9,"temperature":0.5,"stop":["END"],"stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData(
        """{"max_tokens":9,"system":[{"type":"text","text":"A","cache_control":{"type":"ephemeral"}},{"type":"text","text":"B"}],"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]}]}""",
        """{"messages":[{"role":"system","content":"A\nB"},{"role":"user","content":"x\ny"}],"max_tokens":9}""")]
    [InlineData(
        """{"max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"text","text":"What is it?"}]}]}""",
        """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"text","text":"What is it?"}]}],"max_tokens":9}""")]
    [InlineData(
        """{"max_tokens":9,"tools":[{"name":"t","description":"d","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"messages":[{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"ok"},{"type":"tool_use","id":"c1","name":"t","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"done"}]},{"type":"text","text":"and now?"}]}]}""",
        """{"messages":[{"role":"user","content":"go"},{"role":"assistant","content":"ok","reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"t","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"done"},{"role":"user","content":"and now?"}],"max_tokens":9,"tools":[{"type":"function","function":{"name":"t","description":"d","parameters":{"type":"object"}}}],"tool_choice":"required","parallel_tool_calls":false}""")]
    [InlineData(
        """{"max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"t","input":{}}]}],"tool_choice":{"type":"tool","name":"t"},"metadata":{"user_id":"u"}}""",
        """{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"t","arguments":"{}"}}]}],"max_tokens":9,"tool_choice":{"type":"function","function":{"name":"t"}},"user":"u"}""")]
    public void It_becomes_OpenAIs(string anthropic, string openAi) =>
        Assert.Equal(JsonNode.Parse(openAi)!.ToJsonString(), JsonNode.Parse(Good(anthropic).Body)!.ToJsonString());

    [Theory]
    [InlineData("""{"max_tokens":9}""", "messages")]
    [InlineData("""{"messages":[]}""", "max_tokens")]
    [InlineData("""{"max_tokens":9,"messages":"x"}""", "messages")]
    [InlineData("""{"max_tokens":9,"messages":[7]}""", "messages.0")]
    [InlineData("""{"max_tokens":9,"messages":[{"role":"robot","content":"x"}]}""", "messages.0.role")]
    [InlineData("""{"max_tokens":9,"messages":[{"role":"user"}]}""", "messages.0.content")]
    [InlineData("""{"max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64"}}]}]}""", "messages.0.content.0.type")]
    [InlineData("""{"max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result"}]}]}""", "messages.0.content.0.tool_use_id")]
    [InlineData("""{"max_tokens":9,"messages":[],"tools":[{"type":"web_search_20250305","name":"web_search"}]}""", "tools.0.type")]
    [InlineData("""{"max_tokens":9,"messages":[],"tools":[{"name":"t"}]}""", "tools.0.input_schema")]
    [InlineData("""{"max_tokens":9,"messages":[],"system":7}""", "system")]
    [InlineData("""{"max_tokens":9,"messages":[],"stream":"yes"}""", "stream")]
    [InlineData("""{"max_tokens":9,"messages":[],"mcp_servers":[{"url":"x"}]}""", "mcp_servers")]
    [InlineData("""{"max_tokens":9,"messages":[{"role":"user","content":"\ud800"}]}""", "messages.0.content")]
    [InlineData("[]", null)]
    [InlineData("{", null)]
    public void What_is_wrong_is_named(string body, string? param)
    {
        var error = Assert.IsType<Translated.Bad>(AnthropicRequest.Translate(Encoding.UTF8.GetBytes(body))).Error;

        Assert.Equal((400, param), (error.Status, error.Param));
    }

    [Theory]
    [InlineData(32000, 0)]
    [InlineData(50, 50)]
    public void A_limit_beyond_the_context_becomes_what_there_is_room_for(int asked, int told)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"model":"m","max_tokens":{{asked}},"messages":[{"role":"user","content":"Hi"}]}""");
        var good = Assert.IsType<Translated.Good>(AnthropicRequest.Translate(body, contextOf: name => name == "m" ? 4096 : 0));

        Assert.Equal(asked > 4096 ? 4096 - body.Length / 4 : told, (int)JsonNode.Parse(good.Body)!["max_tokens"]!);
    }

    [Fact]
    public void What_no_engine_knows_is_dropped_and_named() =>
        Assert.Equal(["thinking", "service_tier"], Good("""{"max_tokens":9,"messages":[],"thinking":{"type":"enabled","budget_tokens":1024},"service_tier":"auto"}""").Dropped);

    [Fact]
    public void To_count_tokens_one_is_asked_for() =>
        Assert.Equal(
            """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":1}""",
            Encoding.UTF8.GetString(Assert.IsType<Translated.Good>(AnthropicRequest.Translate("""{"messages":[{"role":"user","content":"Hi"}],"stream":true}"""u8.ToArray(), countOnly: true)).Body));

    private static Translated.Good Good(string body) => Assert.IsType<Translated.Good>(AnthropicRequest.Translate(Encoding.UTF8.GetBytes(body)));
}
