using System.Text;
using System.Text.Json;
using Helix.Core.Fleet;

namespace Helix.Core.Tests.Fleet;

public sealed class CanaryAnswerTests
{
    [Theory]
    [InlineData("""{"choices":[{"text":" b"}]}""", true)]
    [InlineData("""{"choices":[{"text":""}],"usage":{"completion_tokens":1}}""", true)]
    [InlineData("""{"choices":[{"message":{"content":"b"}}]}""", true)]
    [InlineData("""{"choices":[{"message":{"content":null,"reasoning_content":"hm"}}]}""", true)]
    [InlineData("""{"choices":[{"message":{"content":"","tool_calls":[{}]}}]}""", true)]
    [InlineData("""{"data":[{"embedding":[0.1]}]}""", true)]
    [InlineData("""{"data":[{"embedding":"AAAA"}]}""", true)]
    [InlineData("""{"results":[{"index":0,"relevance_score":-1.5}]}""", true)]
    [InlineData("""{"results":[{"index":0,"relevance_score":null}]}""", false)]
    [InlineData("""{"choices":[{"text":""}],"usage":{"completion_tokens":0}}""", false)] // gpt4all 3.1.0
    [InlineData("""{"choices":[{"message":{"content":""}}]}""", false)]
    [InlineData("""{"choices":[]}""", false)]
    [InlineData("""{"choices":{},"usage":{"completion_tokens":"1"}}""", false)]
    [InlineData("""{"choices":[{"message":[]}],"usage":[],"data":[{"embedding":[]}]}""", false)]
    [InlineData("[]", false)]
    [InlineData("null", false)]
    public void A_token_is_told_from_none(string answer, bool has) => Assert.Equal(has, CanaryAnswer.HasToken(Encoding.UTF8.GetBytes(answer)));

    [Theory]
    [InlineData("""{"choices":[{"text":"","finish_reason":"stop"}],"usage":{"completion_tokens":0}}""", true)]
    [InlineData("""{"choices":[{"text":"","finish_reason":"length"}],"usage":{"completion_tokens":0}}""", false)]
    [InlineData("""{"choices":[{"text":"","finish_reason":null}]}""", false)]
    [InlineData("""{"choices":["stop"]}""", false)]
    public void Where_an_end_is_computed_it_is_a_token(string answer, bool has) => Assert.Equal(has, CanaryAnswer.HasToken(Encoding.UTF8.GetBytes(answer), endIsToken: true));

    [Fact]
    public void What_is_no_JSON_is_no_answer() => Assert.ThrowsAny<JsonException>(() => CanaryAnswer.HasToken("<html>"u8.ToArray()));
}
