using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

public sealed class MessagesRequestTests
{
    [Theory]
    [InlineData(
        """{"model":"a/m","max_tokens":9,"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"},{"role":"developer","content":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}]}],"stop":"END","temperature":0.5,"top_p":0.9,"top_k":5,"stream":true,"user":"u"}""",
        """{"model":"claude","max_tokens":9,"system":[{"type":"text","text":"Be kind."},{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"stream":true,"temperature":0.5,"top_p":0.9,"top_k":5,"stop_sequences":["END"],"metadata":{"user_id":"u"}}""")]
    [InlineData(
        """{"messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"image_url","image_url":"https://a.example/p.png"},{"type":"text","text":""}]}],"stop":["a","b"]}""",
        """{"model":"claude","max_tokens":64000,"messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"image","source":{"type":"url","url":"https://a.example/p.png"}}]}],"stop_sequences":["a","b"]}""")]
    [InlineData(
        """{"max_completion_tokens":7,"max_tokens":9,"messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":""}}]},{"role":"tool","tool_call_id":"c1","content":"one"},{"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"two"}]},{"role":"user","content":"and now?"},{"role":"assistant","content":"well","refusal":"no"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}},"strict":true}},{"type":"function","function":{"name":"g"}}],"tool_choice":"required","parallel_tool_calls":false}""",
        """{"model":"claude","max_tokens":7,"messages":[{"role":"user","content":[{"type":"text","text":"go"}]},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"a":1}},{"type":"tool_use","id":"c2","name":"g","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"one"}]},{"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"two"}]},{"type":"text","text":"and now?"}]},{"role":"assistant","content":[{"type":"text","text":"well"},{"type":"text","text":"no"}]}],"tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{}},"strict":true},{"name":"g","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true}}""")]
    [InlineData(
        """{"max_tokens":9,"messages":[{"role":"user","content":"x"}],"reasoning_effort":"minimal","thinking":{"type":"adaptive"},"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object"}}},"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":{"type":"function","function":{"name":"f"}}}""",
        """{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"thinking":{"type":"adaptive"},"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"f"},"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}}}""")]
    [InlineData(
        """{"max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":""},{"role":"assistant","content":null}],"response_format":{"type":"text"},"tools":[],"tool_choice":"auto","parallel_tool_calls":false}""",
        """{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]}""")]
    [InlineData(
        """{"max_tokens":9,"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":false}""",
        """{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}}""")]
    [InlineData(
        """{"max_tokens":9,"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","function":{"name":"f","arguments":"not json"}}]}]}""",
        """{"model":"claude","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"arguments":"not json"}}]}]}""")]
    [InlineData(
        """{"max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"\n\n","tool_calls":[{"id":"functions.f:0","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"functions.f:0","content":" "},{"role":"user","content":[{"type":"text","text":" \t"},{"type":"text","text":" go"}]}]}""",
        """{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]},{"role":"assistant","content":[{"type":"tool_use","id":"functions_f_0","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"functions_f_0"},{"type":"text","text":" go"}]}]}""")]
    public void It_becomes_Anthropics(string openAi, string anthropic) => Assert.Equal(anthropic, Encoding.UTF8.GetString(Good(openAi).Body));

    [Theory]
    [InlineData("""{"max_tokens":9}""", "messages")]
    [InlineData("""{"messages":"x"}""", "messages")]
    [InlineData("""{"messages":[7]}""", "messages.0")]
    [InlineData("""{"messages":[{"role":"robot","content":"x"}]}""", "messages.0.role")]
    [InlineData("""{"messages":[{"role":"function","name":"f","content":"x"}]}""", "messages.0.role")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", "messages.0.content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}""", "messages.0.content.0.type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}""", "messages.0.content.0.image_url.url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,x"}}]}]}""", "messages.0.content.0.image_url.url")]
    [InlineData("""{"messages":[{"role":"assistant","content":[{"type":"image_url","image_url":{"url":"https://x"}}]}]}""", "messages.0.content.0.type")]
    [InlineData("""{"messages":[{"role":"assistant","function_call":{"name":"f"}}]}""", "messages.0.function_call")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f"}}]}]}""", "messages.0.tool_calls.0.id")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", "messages.0.tool_call_id")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", "messages.0.content")]
    [InlineData("""{"messages":[],"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"messages":[],"temperature":1.5}""", "temperature")]
    [InlineData("""{"messages":[],"temperature":"warm"}""", "temperature")]
    [InlineData("""{"messages":[],"n":2}""", "n")]
    [InlineData("""{"messages":[],"frequency_penalty":0.5}""", "frequency_penalty")]
    [InlineData("""{"messages":[],"repeat_penalty":1.1}""", "repeat_penalty")]
    [InlineData("""{"messages":[],"logprobs":true}""", "logprobs")]
    [InlineData("""{"messages":[],"logit_bias":{"5":1}}""", "logit_bias")]
    [InlineData("""{"messages":[],"functions":[{"name":"f"}]}""", "functions")]
    [InlineData("""{"messages":[],"dimensions":3}""", "dimensions")]
    [InlineData("""{"messages":[],"response_format":{"type":"json_object"}}""", "response_format.type")]
    [InlineData("""{"messages":[],"response_format":{"type":"json_schema"}}""", "response_format.json_schema.schema")]
    [InlineData("""{"messages":[],"reasoning_effort":"hard"}""", "reasoning_effort")]
    [InlineData("""{"messages":[],"tools":[{"type":"custom","custom":{}}]}""", "tools.0.type")]
    [InlineData("""{"messages":[],"tools":[{"type":"function"}]}""", "tools.0.function")]
    [InlineData("""{"messages":[],"tool_choice":"required"}""", "tools")]
    [InlineData("""{"messages":[],"tool_choice":"maybe"}""", "tool_choice")]
    [InlineData("""{"messages":[],"stop":7}""", "stop")]
    [InlineData("""{"messages":[],"stream":"yes"}""", "stream")]
    [InlineData("""{"messages":[],"\ud800":1}""", null)]
    [InlineData("[]", null)]
    [InlineData("{", null)]
    public void What_cannot_be_said_there_is_named(string body, string? param)
    {
        var error = Assert.IsType<Translated.Bad>(MessagesRequest.Translate(Encoding.UTF8.GetBytes(body), "claude", 64_000)).Error;

        Assert.Equal((400, param), (error.Status, error.Param));
    }

    [Fact]
    public void What_changes_nothing_is_dropped_and_named()
    {
        var good = Good("""
            {"messages":[{"role":"user","name":"ann","content":[{"type":"image_url","image_url":{"url":"https://x","detail":"low"}}]},{"role":"assistant","content":"a","reasoning_content":"hm"}],
            "seed":7,"n":1,"frequency_penalty":0,"presence_penalty":0.0,"logprobs":false,"logit_bias":{},"service_tier":"default","store":true,"top_logprobs":null}
            """);

        Assert.Equal(["seed", "frequency_penalty", "presence_penalty", "logprobs", "logit_bias", "service_tier", "store", "messages.name", "messages.image_url.detail", "messages.reasoning_content"], good.Dropped);
        Assert.Equal(["model", "max_tokens", "messages"], JsonNode.Parse(good.Body)!.AsObject().Select(member => member.Key));
    }

    [Theory]
    [InlineData("""{"messages":[],"stream":true,"stream_options":{"include_usage":true}}""", true)]
    [InlineData("""{"messages":[],"stream":true,"stream_options":{"include_usage":false}}""", false)]
    [InlineData("""{"messages":[],"stream":true}""", false)]
    public void Whether_its_client_wants_to_know_what_a_stream_took_is_seen(string body, bool tells) => Assert.Equal(tells, Good(body).TellsUsage);

    [Fact]
    public void What_a_client_of_Anthropic_says_comes_back_after_both_ways()
    {
        const string asked = """{"model":"m","max_tokens":9,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"go"}]},{"role":"assistant","content":[{"type":"text","text":"ok"},{"type":"tool_use","id":"c1","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"done"}]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]}""";

        var openAi = Assert.IsType<Translated.Good>(AnthropicRequest.Translate(Encoding.UTF8.GetBytes(asked))).Body;

        Assert.Equal(asked.Replace("\"m\"", "\"claude\"", StringComparison.Ordinal), Encoding.UTF8.GetString(Good(Encoding.UTF8.GetString(openAi)).Body));
    }

    private static Translated.Good Good(string body) => Assert.IsType<Translated.Good>(MessagesRequest.Translate(Encoding.UTF8.GetBytes(body), "claude", 64_000));
}
