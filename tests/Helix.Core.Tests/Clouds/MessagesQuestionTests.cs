using System.Text;
using CsCheck;
using Helix.Core.Clouds;

namespace Helix.Core.Tests.Clouds;

public class MessagesQuestionTests
{
    [Fact]
    public void No_vocabulary_makes_more_tokens_of_a_text_than_it_has_bytes()
    {
        const string body = """{"model":"m","max_tokens":7,"system":"s","messages":[{"role":"user","content":"hi"}]}""";

        Assert.Equal(new CloudQuestion(body.Length + CloudQuestion.OverheadTokens, 7, 1, true, null), Of(body));
    }

    [Theory]
    [InlineData("""{"max_tokens":7}""", 7L)]
    [InlineData("""{"max_tokens":7000,"thinking":{"type":"enabled","budget_tokens":6999}}""", 7000L)]
    [InlineData("""{"max_tokens":7000,"thinking":{"type":"enabled","budget_tokens":7000}}""", 14000L)]
    [InlineData("""{"max_tokens":7000,"thinking":{"type":"adaptive"}}""", 7000L)]
    [InlineData("""{"max_tokens":9223372036854775807,"thinking":{"budget_tokens":9223372036854775807}}""", 2L * int.MaxValue)]
    [InlineData("""{"max_tokens":null}""", null)]
    [InlineData("{}", null)]
    public void How_long_an_answer_may_be_is_what_the_request_says(string body, long? tokens) => Assert.Equal((tokens, (string?)null), (Of(body).AnswerTokens, Of(body).Unknown));

    [Theory]
    [InlineData("""{"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"max_tokens":1.5}""", "max_tokens")]
    [InlineData("""{"max_tokens":"7"}""", "max_tokens")]
    [InlineData("""{"max_tokens":9,"max_tokens":7}""", "max_tokens")]
    [InlineData("""{"messages":{}}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":{"type":"text"}}]}""", "content")]
    [InlineData("""{"messages":[{"role":"user","content":"a","content":"b"}]}""", "content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"a","type":"container_upload"}]}]}""", "type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"text":"a"}]}]}""", "type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"container_upload","file_id":"f"}]}]}""", "container_upload")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}}]}]}""", "document")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"url","url":"https://x"}}]}]}""", "document")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}}]}]}""", "file")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]}""", "file")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"document","source":{"type":"base64","data":"x"}}]}]}]}""", "document")]
    [InlineData("""{"messages":[{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{}}]}]}""", "server_tool_use")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"web_search_tool_result","tool_use_id":"s","content":[]}]}]}""", "web_search_tool_result")]
    [InlineData("""{"tools":[{"type":"web_search_20250305","name":"web_search"}]}""", "web_search_20250305")]
    [InlineData("""{"tools":[{"type":"code_execution_20250825","name":"code_execution"}]}""", "code_execution_20250825")]
    [InlineData("""{"tools":[{"type":"mcp_toolset","mcp_server_name":"x"}]}""", "mcp_toolset")]
    [InlineData("""{"tools":[{"type":7,"name":"f"}]}""", "type")]
    [InlineData("""{"tools":{}}""", "tools")]
    [InlineData("""{"mcp_servers":[{"url":"https://x"}]}""", "mcp_servers")]
    [InlineData("""{"container":"c"}""", "container")]
    [InlineData("""{"speed":"fast"}""", "speed")]
    [InlineData("""{"inference_geo":"us"}""", "inference_geo")]
    [InlineData("""{"service_tier":"priority"}""", "service_tier")]
    [InlineData("""{"service_tier":7}""", "service_tier")]
    [InlineData("""{"context_management":{"edits":[{"type":"compact_20260112"}]}}""", "context_management")]
    [InlineData("""{"context_management":{"edits":[{"type":"clear_tool_uses_20250919"}],"more":1}}""", "context_management")]
    [InlineData("""{"cache_control":{"type":"ephemeral","ttl":"1d"}}""", "cache_control")]
    [InlineData("""{"cache_control":{"type":"ephemeral","ttl":7}}""", "cache_control")]
    [InlineData("""{"cache_control":{"type":"ephemeral","ttl":"1h","ttl":"5m"}}""", "ttl")]
    [InlineData("""{"max_tokens":7,"thinking":{"budget_tokens":9000,"budget_tokens":1}}""", "budget_tokens")]
    [InlineData("""{"\ud800":1}""", "half of a character")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"\ud800"}]}]}""", "half of a character")]
    [InlineData("""{"service_tier":"auto","context_management":{"edits":[{"type":"clear_tool_uses_20250919"},{"type":"clear_thinking_20251015","keep":"all"}]},"mcp_servers":null,"metadata":{"user_id":"u"},"top_k":1}""", null)]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"search_result","source":"x","title":"t","content":[{"type":"text","text":"a"}]},{"type":"document","source":{"type":"text","data":"d"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"tool_use","id":"1","name":"f","input":{"type":"web_search","cache_control":{"ttl":"1d"}}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"r"},{"type":"mid_conv_system","content":[{"type":"text","text":"s"}]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}},{"type":"custom","name":"g","input_schema":{}},{"type":null,"name":"h"}]}""", null)]
    public void What_costs_beside_the_tokens_is_named(string body, string? parameter) => Assert.Equal(parameter, Of(body).Unknown);

    [Fact]
    public void A_picture_counts_as_one_however_long_its_bytes_are()
    {
        const string before = """{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":""";
        var data = $"\"{new string('A', 100_000)}\"";
        const string after = "}}]}]}]}";

        Assert.Equal(before.Length + after.Length + CloudQuestion.PictureTokens + CloudQuestion.OverheadTokens, Of(before + data + after).PromptTokens);
    }

    [Theory]
    [InlineData("""{"system":"s"}""", "1")]
    [InlineData("""{"cache_control":{"type":"ephemeral"}}""", "1.25")]
    [InlineData("""{"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"5m"}}]}""", "1.25")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]}]}""", "2")]
    [InlineData("""{"tools":[{"name":"f","cache_control":{"type":"ephemeral","ttl":"1h"}}]}""", "2")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}]}]}""", "1.25")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"s","cache_control":null}]}]}""", "1")]
    public void What_is_to_be_cached_makes_the_whole_prompt_dearer(string body, string factor)
    {
        var (question, price) = (Of(body), new CloudPrice(1, 10, LongFrom: 1, LongIn: 2, LongOut: 20));
        var expected = decimal.Parse(factor, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal((expected, (string?)null), (question.PromptFactor, question.Unknown));
        Assert.Equal(Money.Of(question.PromptTokens * 2m * expected / 1_000_000m), (question with { AnswerTokens = 0 }).MostAt(price, hasAnswer: true));
    }

    [Theory]
    [InlineData("""{"tools":[{"type":"bash_20250124","name":"bash"}]}""", 1)]
    [InlineData("""{"tools":[{"type":"text_editor_20250728","name":"e"},{"type":"computer_20250124","name":"c"},{"type":"memory_20250818","name":"m"}]}""", 3)]
    [InlineData("""{"tools":[{"name":"bash_mine","input_schema":{}}]}""", 0)]
    public void Tools_that_are_described_there_count_besides(string body, int tools) =>
        Assert.Equal((body.Length + CloudQuestion.OverheadTokens + (long)tools * MessagesQuestion.ToolTokens, (string?)null), (Of(body).PromptTokens, Of(body).Unknown));

    [Fact]
    public void A_schema_counts_twice()
    {
        const string body = """{"output_config":{"format":{"type":"json_schema","schema":{}}}}""";

        Assert.Equal(body.Length + """{"format":{"type":"json_schema","schema":{}}}""".Length + CloudQuestion.OverheadTokens, Of(body).PromptTokens);
    }

    /// <summary>What Anthropic would take for the most that such a request can make of its bytes is never more than what was put aside.</summary>
    [Fact]
    public void What_is_put_aside_is_never_less_than_what_may_be_taken() => Gen.Select(Gen.Int[0, 2], Gen.Int[1, 5_000], Gen.Int[0, 100], Gen.Int[0, 100], Gen.Int[0, 2_000]).Sample((cache, bytes, writtenShare, cachedShare, answer) =>
    {
        var control = cache switch { 0 => "", 1 => ""","cache_control":{"type":"ephemeral"}""", _ => ""","cache_control":{"type":"ephemeral","ttl":"1h"}""" };
        var question = Of($$"""{"max_tokens":2000,"messages":[{"role":"user","content":[{"type":"text","text":"{{new string('x', bytes)}}"{{control}}}]}]}""");
        var price = new CloudPrice(3, 15, 0.3m);
        var prompt = question.PromptTokens;
        var written = cache == 0 ? 0 : prompt * writtenShare / 100;
        var cached = (prompt - written) * cachedShare / 100;

        return !(price.CostOf(prompt, answer, cached, cache == 1 ? written : 0, cache == 2 ? written : 0) > question.MostAt(price, hasAnswer: true));
    });

    private static CloudQuestion Of(string body) => MessagesQuestion.Of(Encoding.UTF8.GetBytes(body));
}
