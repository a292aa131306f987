using System.Text.Json;
using Helix.EngineHost;

namespace Helix.Tests.EngineHost;

public sealed class RefusedRequestTests
{
    [Theory]
    [InlineData("tools", """[{"type":"function"}]""", "unsupported_parameter")]
    [InlineData("tool_choice", "\"required\"", "unsupported_parameter")]
    [InlineData("functions", "[{}]", "invalid_or_unsupported")]
    [InlineData("logprobs", "true", "unsupported_parameter")]
    [InlineData("top_logprobs", "3", "unsupported_parameter")]
    [InlineData("logit_bias", """{"5":1}""", "unsupported_parameter")]
    [InlineData("n", "2", "unsupported_parameter")]
    [InlineData("best_of", "2", "unsupported_parameter")]
    [InlineData("suffix", "\"x\"", "unsupported_parameter")]
    [InlineData("echo", "true", "unsupported_parameter")]
    [InlineData("modalities", "[\"audio\"]", "unsupported_parameter")]
    [InlineData("modalities", "[5]", "unsupported_parameter")]
    [InlineData("tool_choice", "\"\\ud800\"", "unsupported_parameter")]
    [InlineData("reasoning_effort", "\"high\"", "unsupported_parameter")]
    [InlineData("temprature", "1", "unknown_parameter")]
    [InlineData("temperature", "\"hot\"", "invalid_type")]
    [InlineData("temperature", "3", "invalid_value")]
    [InlineData("temperature", "-1", "invalid_value")]
    [InlineData("top_p", "1.5", "invalid_value")]
    [InlineData("top_k", "1.5", "invalid_value")]
    [InlineData("min_p", "[]", "invalid_type")]
    [InlineData("seed", "\"7\"", "invalid_type")]
    [InlineData("max_tokens", "0", "invalid_value")]
    [InlineData("max_completion_tokens", "-1", "invalid_value")]
    [InlineData("repeat_penalty", "0", "invalid_value")]
    [InlineData("frequency_penalty", "9", "invalid_value")]
    [InlineData("presence_penalty", "null_", "invalid_type")]
    [InlineData("continue_final_message", "true", "invalid_value")]
    [InlineData("continue_final_message", "1", "invalid_type")]
    [InlineData("add_generation_prompt", "false", "invalid_value")]
    [InlineData("stop", "5", "invalid_value")]
    [InlineData("stop", "[\"\"]", "invalid_value")]
    [InlineData("stream", "\"yes\"", "invalid_type")]
    [InlineData("model", "5", "invalid_type")]
    public void A_parameter_that_cannot_be_taken_is_named(string name, string value, string code)
    {
        var fault = Assert.Single(Faults($$"""{"messages":[{"role":"user","content":"x"}],"{{name}}":{{value.Replace("null_", "\"a\"", StringComparison.Ordinal)}}}"""));

        Assert.Equal(400, fault.Status);
        Assert.Equal(name, fault.Parameter);
        Assert.Equal(code.Replace("invalid_or_unsupported", "unsupported_parameter", StringComparison.Ordinal), fault.Code);
        Assert.Contains($"`{name}`", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"json_schema","json_schema":{}}""", "unsupported_parameter")]
    [InlineData("""{"type":"xml"}""", "invalid_value")]
    [InlineData("{}", "invalid_value")]
    [InlineData("""{"type":"\ud800"}""", "invalid_value")]
    public void A_response_format_that_cannot_be_given_is_named(string format, string code)
    {
        var fault = Assert.Single(Faults($$"""{"messages":[{"role":"user","content":"x"}],"response_format":{{format}}}"""));

        Assert.Equal(("response_format.type", code), (fault.Parameter, fault.Code));
    }

    [Theory]
    [InlineData("[]", "messages")]
    [InlineData("\"hi\"", "messages")]
    [InlineData("[5]", "messages[0]")]
    [InlineData("""[{"content":"x"}]""", "messages[0].role")]
    [InlineData("""[{"role":"king","content":"x"}]""", "messages[0].role")]
    [InlineData("""[{"role":"tool","content":"x"}]""", "messages[0].role")]
    [InlineData("""[{"role":"user"}]""", "messages[0].content")]
    [InlineData("""[{"role":"user","content":5}]""", "messages[0].content")]
    [InlineData("""[{"role":"user","content":"a\u0000b"}]""", "messages[0].content")]
    [InlineData("""[{"role":"user","content":"\ud800"}]""", "messages[0].content")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]""", "messages[1].content[0].type")]
    [InlineData("""[{"role":"user","content":[{"type":"text"}]}]""", "messages[0].content[0].text")]
    [InlineData("""[{"role":"user","content":[{"type":"\ud800"}]}]""", "messages[0].content[0].type")]
    [InlineData("""[{"role":"assistant","content":null,"tool_calls":[{}]}]""", "messages[0].tool_calls")]
    public void A_message_that_cannot_be_taken_is_named_by_its_path(string messages, string path) =>
        Assert.Equal(path, Assert.Single(Faults($$"""{"messages":{{messages}}}""")).Parameter);

    [Fact]
    public void What_cannot_be_done_here_comes_with_who_can() =>
        Assert.Contains("`llamacpp`", Assert.Single(Faults("""{"messages":[{"role":"user","content":"x"}],"tools":[{}]}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void All_faults_are_told_at_once() =>
        Assert.Equal(["messages", "temperature", "tools"], Faults("""{"messages":5,"temperature":"a","tools":[{}]}""").Select(fault => fault.Parameter));

    [Theory]
    [InlineData("""{"messages":[""", "5,", "5]}")]
    [InlineData("""{"messages":[{"role":"user","content":[""", "5,", "5]}]}")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"a":1""", ""","bNUMBER":1""", "}")]
    public void Of_a_body_full_of_faults_no_more_are_told_than_somebody_reads(string begin, string fault, string end) =>
        Assert.Equal(Refusal.Most, Faults(begin + string.Concat(Enumerable.Range(0, 1000).Select(number => fault.Replace("NUMBER", $"{number}", StringComparison.Ordinal))) + end).Count);

    [Fact]
    public void What_clients_send_by_default_is_taken() =>
        Assert.Empty(Faults("""
            {"model":"auto","messages":[{"role":"user","content":"x","name":"me"},{"role":"assistant","content":"y","refusal":null,"annotations":[]},{"role":"user","content":"z"}],
             "temperature":null,"top_p":1,"n":1,"stream":false,"stop":null,"max_tokens":7,"max_completion_tokens":7,"presence_penalty":0,"frequency_penalty":0,"logit_bias":{},
             "logprobs":false,"top_logprobs":0,"user":"u","store":false,"metadata":{"a":"b"},"tools":[],"tool_choice":"none","parallel_tool_calls":true,
             "response_format":{"type":"text"},"seed":-5,"modalities":["text"],"service_tier":"auto","stream_options":null}
            """));

    [Theory]
    [InlineData("{", "invalid_json")]
    [InlineData("[]", "invalid_json")]
    [InlineData("", "invalid_json")]
    [InlineData("""{"prompt":"x","prompt":"y"}""", "invalid_json")]
    [InlineData("{}", "missing_required_parameter")]
    [InlineData("""{"prompt":[]}""", "invalid_value")]
    [InlineData("""{"prompt":["a","b"]}""", "unsupported_parameter")]
    [InlineData("""{"prompt":[99999999]}""", "invalid_value")]
    [InlineData("""{"prompt":{"a":1}}""", "invalid_type")]
    [InlineData("""{"prompt":"x","\ud800":1}""", "invalid_json")]
    [InlineData("""{"prompt":"x","metadata":{"\ud800":1}}""", "invalid_json")]
    [InlineData("""{"prompt":"\ud800"}""", "invalid_value")]
    [InlineData("""{"prompt":"x","modalities":[5]}""", "unsupported_parameter")]
    public async Task A_body_that_is_no_request_is_refused_and_harms_nothing(string body, string code)
    {
        await using var host = await TestHost.SayingAsync("Good day");

        var (status, refused) = await host.PostAsync("/v1/completions", body);
        var (after, _) = await host.PostAsync("/v1/completions", """{"prompt":"x"}""");

        Assert.Equal(400, status);
        Assert.Equal(code, refused.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(200, after);
    }

    private static List<Refusal> Faults(string body)
    {
        var faults = new List<Refusal>();
        using var json = JsonDocument.Parse(body);
        ChatRequest.Read(json.RootElement, faults);
        return faults;
    }
}
