using System.Text;
using CsCheck;
using Helix.Core.Clouds;

namespace Helix.Core.Tests.Clouds;

public class CloudQuestionTests
{
    private static readonly CloudPrice s_price = new(1, 10, Answer: 5_000);

    [Fact]
    public void No_vocabulary_makes_more_tokens_of_a_text_than_it_has_bytes()
    {
        const string body = """{"model":"m","messages":[{"role":"user","content":"hi"}]}""";

        Assert.Equal(body.Length + CloudQuestion.OverheadTokens, Of(body).PromptTokens);
    }

    [Theory]
    [InlineData("""{"max_tokens":7}""", 7L)]
    [InlineData("""{"max_completion_tokens":7}""", 7L)]
    [InlineData("""{"max_tokens":7,"max_completion_tokens":9}""", 9L)]
    [InlineData("""{"max_tokens":null}""", null)]
    [InlineData("{}", null)]
    public void How_long_an_answer_may_be_is_what_the_request_says(string body, long? tokens)
    {
        Assert.Equal(tokens, Of(body).AnswerTokens);
        Assert.Null(Of(body).Unknown);
    }

    [Theory]
    [InlineData("""{"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"max_tokens":-5}""", "max_tokens")]
    [InlineData("""{"max_tokens":1.5}""", "max_tokens")]
    [InlineData("""{"max_tokens":"7"}""", "max_tokens")]
    [InlineData("""{"max_tokens":7,"max_completion_tokens":1e30}""", "max_completion_tokens")]
    [InlineData("""{"n":"3"}""", "n")]
    [InlineData("""{"n":2.5}""", "n")]
    [InlineData("""{"best_of":[2]}""", "best_of")]
    [InlineData("""{"max_tokens":9,"max_tokens":7}""", "max_tokens")]
    [InlineData("""{"n":9,"n":null}""", "n")]
    [InlineData("""{"messages":[],"messages":[]}""", "messages")]
    public void A_number_that_cannot_be_read_and_a_name_that_comes_twice_are_named(string body, string parameter) => Assert.Equal(parameter, Of(body).Unknown);

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"messages":[{"role":"user","\ud800content":1,"content":[{"type":"\ud800"}]}]}""")]
    [InlineData("""{"service_tier":"\ud800"}""")]
    public void Half_of_a_character_is_refused_and_breaks_nothing(string body) => Assert.NotNull(Of(body).Unknown);

    [Fact]
    public void A_name_that_is_told_is_not_longer_than_it_has_to_be() => Assert.Equal(81, Of($$"""{"{{new string('x', 100_000)}}":1}""").Unknown?.Length);

    [Theory]
    [InlineData("{}", 1)]
    [InlineData("""{"n":3}""", 3)]
    [InlineData("""{"n":2,"best_of":5}""", 5)]
    [InlineData("""{"prompt":["a","b"],"n":3}""", 6)]
    [InlineData("""{"prompt":[1,2,3]}""", 1)]
    [InlineData("""{"prompt":[[1,2],[3]]}""", 2)]
    [InlineData("""{"prompt":"a"}""", 1)]
    public void Each_answer_that_is_asked_for_counts(string body, long answers) => Assert.Equal(answers, Of(body).Answers);

    [Fact]
    public void Numbers_beyond_all_measure_do_not_become_small()
    {
        var question = Of("""{"n":9223372036854775807,"max_tokens":9223372036854775807}""");

        Assert.Equal(long.MaxValue, question.MostAt(s_price, hasAnswer: true).Nanos);
    }

    [Fact]
    public void A_picture_counts_as_one_however_long_its_bytes_are()
    {
        const string before = """{"messages":[{"role":"user","content":[{"type":"text","text":"what is this?"},{"type":"image_url","image_url":{"detail":"high","url":" """;
        var data = $"data:image/png;base64,{new string('A', 100_000)}";
        const string after = "\"}}]}]}";

        Assert.Equal(before.TrimEnd().Length + after.Length + CloudQuestion.PictureTokens + CloudQuestion.OverheadTokens, Of(before.TrimEnd() + data + after).PromptTokens);
        Assert.Equal(before.TrimEnd().Length + 20 + after.Length + CloudQuestion.PictureTokens + CloudQuestion.OverheadTokens, Of(before.TrimEnd() + "https://a.example/p/" + after).PromptTokens);
    }

    [Theory]
    [InlineData("""{"tools":[{"function":{"parameters":{"image_url":{"url":"data:image/DATA"}}}}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"data:image/DATA"}]}""")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"function":{"image_url":{"url":"data:image/DATA"}}}]}]}""")]
    public void Only_a_picture_in_its_place_is_one(string body)
    {
        var text = body.Replace("DATA", new string('A', 10_000), StringComparison.Ordinal);

        Assert.Equal(text.Length + CloudQuestion.OverheadTokens, Of(text).PromptTokens);
    }

    [Theory]
    [InlineData("""{"audio":{"voice":"x"}}""", "audio")]
    [InlineData("""{"modalities":["text","audio"]}""", "modalities")]
    [InlineData("""{"prediction":{"type":"content"}}""", "prediction")]
    [InlineData("""{"web_search_options":{}}""", "web_search_options")]
    [InlineData("""{"service_tier":"priority"}""", "service_tier")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}""", "file")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"x"}}]}]}""", "input_audio")]
    [InlineData("""{"\u0061udio":{}}""", "audio")]
    [InlineData("""{"MAX_TOKENS":5}""", "MAX_TOKENS")]
    [InlineData("""{"extra_body":{"models":["dear"]}}""", "extra_body")]
    [InlineData("""{"cache_control":{"ttl":"1h"}}""", "cache_control")]
    [InlineData("""{"service_tier":1}""", "service_tier")]
    [InlineData("""{"tools":[{"type":"function","function":{}},{"type":"web_search"}]}""", "web_search")]
    [InlineData("""{"tools":[{"googleSearch":{}}]}""", "type")]
    [InlineData("""{"tools":{"type":"function"}}""", "tools")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"video_url","video_url":{"url":"https://x"}}]}]}""", "video_url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"text":"hi"}]}]}""", "type")]
    [InlineData("""{"messages":[{"role":"user","content":{"type":"text","text":"hi"}}]}""", "content")]
    [InlineData("""{"messages":{"role":"user"}}""", "messages")]
    [InlineData("""{"messages":[{"role":"assistant","audio":{"id":"a"}}]}""", "audio")]
    [InlineData("""{"input":[{"type":"image_url"}]}""", "input")]
    [InlineData("""{"input":["a",[1,2]]}""", null)]
    [InlineData("""{"messages":[{"role":"assistant","audio":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}],"reasoning_details":[{"type":"reasoning.text"}]}],"tools":[{"type":"custom","custom":{}}],"unheard_of":null}""", null)]
    [InlineData("""{"modalities":["text"],"audio":null,"service_tier":"default","messages":[{"role":"user","content":"file"}]}""", null)]
    [InlineData("""{"modalities":null,"service_tier":"flex"}""", null)]
    public void What_costs_beside_the_tokens_is_named(string body, string? parameter) => Assert.Equal(parameter, Of(body).Unknown);

    [Theory]
    [InlineData("""{"stream_options":{"include_usage":false}}""", true)]
    [InlineData("""{"stream_options":null}""", true)]
    [InlineData("{}", false)]
    [InlineData("""{"metadata":{"stream_options":1}}""", false)]
    public void Whether_it_says_itself_what_its_stream_tells_is_seen(string body, bool says) => Assert.Equal(says, Of(body).SaysStreamOptions);

    [Fact]
    public void What_it_may_cost_is_its_prompt_and_its_longest_answer()
    {
        var question = new CloudQuestion(2_000, 300, 2, false, null);

        Assert.Equal(Money.Of(0.002m + 0.006m), question.MostAt(s_price, hasAnswer: true));
        Assert.Equal(Money.Of(0.002m + 0.1m), (question with { AnswerTokens = null }).MostAt(s_price, hasAnswer: true));
        Assert.Equal(Money.Of(0.002m), question.MostAt(s_price, hasAnswer: false));
    }

    [Fact]
    public void Any_object_is_read_to_its_end() => Gen.String.Array[0, 5].Sample(texts =>
    {
        var body = new System.Text.Json.Nodes.JsonObject { ["messages"] = new System.Text.Json.Nodes.JsonArray([.. texts.Select(text => (System.Text.Json.Nodes.JsonNode)text)]), ["max_tokens"] = 3 }.ToJsonString();

        return Of(body) is { AnswerTokens: 3, Unknown: null } question && question.PromptTokens == Encoding.UTF8.GetByteCount(body) + CloudQuestion.OverheadTokens;
    });

    private static CloudQuestion Of(string body) => CloudQuestion.Of(Encoding.UTF8.GetBytes(body));
}
