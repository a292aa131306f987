using System.Text;
using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Clouds;

public class CloudAskTests
{
    private const string OpenAi = """{"model":"a/claude","messages":[{"role":"user","content":"Hi"}],"stream":true,"seed":1}""";
    private const string Anthropic = """{"model":"a/claude","max_tokens":7,"messages":[{"role":"user","content":"Hi"}]}""";

    private static readonly CloudTarget s_openai = new("a", new("api.example.com", 443, "/v1"), new("sk"));
    private static readonly CloudTarget s_anthropic = s_openai with { Words = CloudWords.Anthropic };
    private static readonly CloudPrice s_price = new(1, 10, Answer: 5_000);

    [Fact]
    public void One_that_speaks_OpenAIs_words_gets_the_body_as_it_is_whatever_the_client_wrote()
    {
        var ask = Ask(s_openai, OpenAi, new(Bytes(Anthropic), "effort-2025-11-24"));

        Assert.Equal("""{"model":"claude","stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}],"stream":true,"seed":1}""", Sent(ask));
        Assert.Equal((true, false, true, (string?)null), (ask.AsksUsage, ask.IsPassed, ask.IsUnbounded, ask.Betas));
        Assert.Null(ask.Hear(isEventStream: true, default));
    }

    [Fact]
    public void One_that_speaks_Anthropics_gets_what_the_client_wrote_in_them()
    {
        var ask = Ask(s_anthropic, OpenAi, new(Bytes(Anthropic), "claude-code-20250219, context-1m-2025-08-07,interleaved-thinking-2025-05-14"));

        Assert.Equal(Anthropic.Replace("a/claude", "claude", StringComparison.Ordinal), Sent(ask));
        Assert.Equal((false, true, false, "claude-code-20250219,interleaved-thinking-2025-05-14"), (ask.AsksUsage, ask.IsPassed, ask.IsUnbounded, ask.Betas));
        Assert.Equal(["anthropic-beta.context-1m-2025-08-07"], ask.Dropped);
        Assert.IsType<MessagesEvents>(ask.Hear(isEventStream: true, default));
        Assert.IsType<MessagesBody>(ask.Hear(isEventStream: false, default));
    }

    [Fact]
    public void Everybody_elses_is_put_into_them_with_the_longest_answer_that_the_model_has()
    {
        var ask = Ask(s_anthropic, OpenAi, null);

        Assert.Equal("""{"model":"claude","max_tokens":5000,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"stream":true}""", Sent(ask));
        Assert.Equal((false, false, true, (long?)5_000), (ask.AsksUsage, ask.IsPassed, ask.IsUnbounded, ask.Question.AnswerTokens));
        Assert.Equal(["seed"], ask.Dropped);
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[],"web_search_options":{}}""", "web_search_options")]
    [InlineData("""{"model":"m","messages":[],"tools":[{"type":"web_search"}]}""", "web_search")]
    [InlineData("""{"model":"m","messages":[],"service_tier":"priority"}""", "service_tier")]
    public void What_costs_beside_the_tokens_is_told_by_the_clients_name_for_it(string body, string parameter) => Assert.Equal(parameter, Ask(s_anthropic, body, null).Question.Unknown);

    [Theory]
    [InlineData("""{"model":"m","messages":[],"n":2}""", null, "unsupported_parameter")]
    [InlineData("""{"model":"m","messages":[]}""", """{"model":"m","model":"n"}""", "duplicate_parameter")]
    [InlineData("""{"model":"m","messages":[]}""", "{", "invalid_json")]
    public void What_cannot_be_said_is_refused(string body, string? own, string code)
    {
        var (ask, refused) = CloudAsk.Of(s_anthropic, "claude", s_price, InferenceRoute.Chat, Bytes(body), Facts(body), own is null ? null : new(Bytes(own), ""));

        Assert.Null(ask);
        Assert.Equal((400, code), (refused!.Status, refused.Code));
    }

    [Fact]
    public void Only_one_that_speaks_Anthropics_words_has_errors_of_their_shape()
    {
        var words = Bytes("""{"type":"error","error":{"type":"overloaded_error","message":"x"}}""");

        Assert.Contains("\"code\":\"overloaded_error\"", Encoding.UTF8.GetString(Ask(s_anthropic, OpenAi, null).Retold(words).Span), StringComparison.Ordinal);
        Assert.True(Ask(s_openai, OpenAi, null).Retold(words).Span.SequenceEqual(words));
    }

    [Theory]
    [InlineData("", null, 0)]
    [InlineData(" , ,", null, 0)]
    [InlineData("effort-2025-11-24,effort-2025-11-24", "effort-2025-11-24", 0)]
    [InlineData("fast-mode-2026-02-01,made-up", null, 2)]
    [InlineData("effort-2025-11-24-0000000000000000000000000000000000000000000000000000000000000", null, 1)]
    public void Betas_pass_that_cost_nothing(string header, string? passed, int dropped)
    {
        var (its, others) = MessagesBetas.Of(header);

        Assert.Equal((passed, dropped), (its, others.Length));
    }

    private static CloudAsk Ask(CloudTarget cloud, string body, OwnWords? own) => CloudAsk.Of(cloud, "claude", s_price, InferenceRoute.Chat, Bytes(body), Facts(body), own).Ask!;

    private static BodyFacts Facts(string body) => Assert.IsType<BodyLook.Good>(BodyPeek.Look(Bytes(body))).Facts;

    private static string Sent(CloudAsk ask) => Encoding.UTF8.GetString([.. ask.Body.Span[..ask.Splice.Start], .. ask.Splice.Insert.Span, .. ask.Body.Span[ask.Splice.Resume..]]);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
