using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Gateway;

public sealed class ContinuedRequestTests
{
    private const string Chat = """{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true""";
    private static readonly AnswerContinuation s_messages = new(AnswerContinuation.Messages, [new("continue_final_message", "true"), new("add_generation_prompt", "false")], Completions: true);
    private static readonly AnswerContinuation s_prefix = new("response_prefix", [], Completions: false);
    private static readonly AnswerContinuation s_completions = new(null, [], Completions: true);

    [Theory]
    [InlineData("")]
    [InlineData(",\"temperature\":0.8,\"top_p\":0.9,\"top_k\":40,\"min_p\":0.1,\"seed\":-1,\"presence_penalty\":1,\"logit_bias\":{\"5\":1}")]
    [InlineData(",\"n\":1,\"best_of\":1,\"logprobs\":false,\"top_logprobs\":0,\"tools\":[],\"tool_choice\":\"none\",\"functions\":null,\"response_format\":{\"type\":\"text\"}")]
    [InlineData(",\"max_tokens\":8,\"max_completion_tokens\":8")]
    [InlineData(",\"stop\":\"END\"")]
    [InlineData(",\"stop\":[\"END\",\"hello\"]")]
    [InlineData(",\"stream_options\":{\"include_usage\":true},\"user\":\"me\",\"chat_template_kwargs\":{\"enable_thinking\":false}")]
    public void Plain_text_can_be_gone_on_with(string more) => Assert.True(IsPossible(Chat + more + "}", "Hello", 7));

    [Theory]
    [InlineData(",\"tools\":[{\"type\":\"function\"}]")]
    [InlineData(",\"functions\":[{}]")]
    [InlineData(",\"response_format\":{\"type\":\"json_object\"}")]
    [InlineData(",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}}")]
    [InlineData(",\"response_format\":5")]
    [InlineData(",\"logprobs\":true")]
    [InlineData(",\"top_logprobs\":2")]
    [InlineData(",\"n\":2")]
    [InlineData(",\"best_of\":3")]
    [InlineData(",\"echo\":true")]
    [InlineData(",\"add_generation_prompt\":false")]
    [InlineData(",\"suffix\":\"x\"")]
    [InlineData(",\"grammar\":\"root ::= x\"")]
    [InlineData(",\"guided_json\":{}")]
    [InlineData(",\"min_tokens\":20")]
    [InlineData(",\"modalities\":[\"audio\"]")]
    [InlineData(",\"max_tokens\":7")]
    [InlineData(",\"max_completion_tokens\":3")]
    [InlineData(",\"max_tokens\":-1")]
    [InlineData(",\"max_tokens\":\"8\"")]
    [InlineData(",\"stop\":5")]
    [InlineData(",\"stop\":[5]")]
    [InlineData(",\"stop\":\"lower\"")]
    [InlineData(",\"stop\":[\"END\",\"ohm\"]")]
    [InlineData(",\"user\":\"a\",\"user\":\"b\"")]
    [InlineData(",\"user\":\"\\ud800\"")]
    public void What_is_more_than_plain_text_is_not(string more) => Assert.False(IsPossible(Chat + more + "}", "Hello", 7));

    [Theory]
    [InlineData("")]
    [InlineData("Hel\uFFFD")]
    [InlineData("<think>hm</think>Hello")]
    [InlineData("hm</think>Hello")]
    [InlineData("[THINK]hm[/THINK]Hello")]
    [InlineData("<|channel|>final<|message|>Hello")]
    public void No_answer_goes_on_from_half_characters_thoughts_or_nothing(string said) => Assert.False(IsPossible(Chat + "}", said, 1));

    [Theory]
    [InlineData("[]")]
    [InlineData("\"Hi\"")]
    [InlineData("[5]")]
    [InlineData("""[{"content":"Hi"}]""")]
    [InlineData("""[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hel"}]""")]
    public void A_client_that_began_the_answer_itself_is_left_alone(string messages) => Assert.False(IsPossible($$"""{"messages":{{messages}},"stream":true}""", "Hello", 1));

    [Theory]
    [InlineData("\"Once\"", true)]
    [InlineData("\"\"", true)]
    [InlineData("[\"Once\"]", false)]
    [InlineData("[1,2,3]", false)]
    [InlineData("null", false)]
    public void Only_a_prompt_that_is_one_text_can_have_more_behind_it(string prompt, bool isPossible) =>
        Assert.Equal(isPossible, ContinuedRequest.IsPossible(InferenceRoute.Completion, Bytes($$"""{"prompt":{{prompt}},"stream":true}"""), " upon", 1));

    [Fact]
    public void Embeddings_have_no_rest() => Assert.False(ContinuedRequest.IsPossible(InferenceRoute.Embeddings, Bytes("""{"input":"x","stream":true}"""), "x", 1));

    [Fact]
    public void An_engine_can_what_its_manifest_says()
    {
        Assert.True(ContinuedRequest.Can(s_messages, InferenceRoute.Chat) && ContinuedRequest.Can(s_messages, InferenceRoute.Completion));
        Assert.True(ContinuedRequest.Can(s_prefix, InferenceRoute.Chat) && !ContinuedRequest.Can(s_prefix, InferenceRoute.Completion));
        Assert.True(!ContinuedRequest.Can(s_completions, InferenceRoute.Chat) && ContinuedRequest.Can(s_completions, InferenceRoute.Completion));
        Assert.False(ContinuedRequest.Can(null, InferenceRoute.Chat) || ContinuedRequest.Can(s_messages, InferenceRoute.Embeddings));
    }

    [Fact]
    public void What_was_said_becomes_the_last_message_and_counts_against_the_most_that_may_be() => Assert.Equal(
        """{"model":"m","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Good “day”"}],"stream":true,"max_tokens":5,"temperature":0.8,"continue_final_message":true,"add_generation_prompt":false}""",
        Of(InferenceRoute.Chat, Chat + ""","max_tokens":8,"temperature":0.8}""", "Good “day”", 3, s_messages));

    [Fact]
    public void What_was_said_goes_into_a_member_of_its_own() => Assert.Equal(
        """{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"response_prefix":"Good\n\nday"}""",
        Of(InferenceRoute.Chat, Chat + ""","response_prefix":null}""", "Good\n\nday", 3, s_prefix));

    [Fact]
    public void What_the_client_said_of_it_is_not_said_twice() => Assert.Equal(
        """{"model":"m","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Good"}],"stream":true,"continue_final_message":true,"add_generation_prompt":false}""",
        Of(InferenceRoute.Chat, Chat + ""","continue_final_message":false,"add_generation_prompt":null}""", "Good", 1, s_messages));

    [Fact]
    public void What_was_said_goes_behind_the_prompt() => Assert.Equal(
        """{"prompt":"Once upon","max_tokens":1,"stream":true}""",
        Of(InferenceRoute.Completion, """{"prompt":"Once","max_tokens":2,"stream":true}""", " upon", 1, s_messages));

    [Fact]
    public void Whatever_the_client_sends_is_sent_on_and_only_the_beginning_comes_to_it() => Gen.Select(Gen.String, Gen.String[1, 40], Gen.Int[1, 1000], Gen.Int[1, 1000]).Sample((asked, said, most, tokens) =>
    {
        var body = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = asked }), ["stream"] = true, ["max_tokens"] = most };
        var bytes = Bytes(body.ToJsonString());
        if (!ContinuedRequest.IsPossible(InferenceRoute.Chat, bytes, said, tokens)) return;
        var rest = JsonNode.Parse(ContinuedRequest.Of(InferenceRoute.Chat, bytes, said, tokens, s_messages))!;

        var messages = rest["messages"]!.AsArray();
        Assert.Equal(2, messages.Count);
        Assert.Equal((string?)JsonNode.Parse(bytes)!["messages"]![0]!["content"], (string?)messages[0]!["content"]);
        Assert.Equal("assistant", (string?)messages[1]!["role"]);
        Assert.InRange((int)rest["max_tokens"]!, 1, most - 1);
        Assert.Equal(most, (int)rest["max_tokens"]! + tokens);
    });

    private static bool IsPossible(string body, string said, long tokens) => ContinuedRequest.IsPossible(InferenceRoute.Chat, Bytes(body), said, tokens);

    private static string Of(InferenceRoute route, string body, string given, long tokens, AnswerContinuation how)
    {
        Assert.True(ContinuedRequest.IsPossible(route, Bytes(body), given, tokens));
        var rest = ContinuedRequest.Of(route, Bytes(body), given, tokens, how);
        Assert.IsType<BodyLook.Good>(BodyPeek.Look(rest));
        return Encoding.UTF8.GetString(rest);
    }

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
