using System.Text;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class TokenUsageTests
{
    [Theory]
    [InlineData("""{"choices":[],"usage":{"completion_tokens":5,"prompt_tokens":9,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":8}}}""", 9, 5, 8)]
    [InlineData("""data: {"choices":[],"usage" : {"prompt_tokens":9,"completion_tokens":5}}""", 9, 5, 0)]
    [InlineData("""{"type":"message","usage":{"input_tokens":9,"output_tokens":5,"cache_read_input_tokens":3}}""", 9, 5, 3)]
    [InlineData("""{"data":[],"usage":{"prompt_tokens":9,"total_tokens":9}}""", 9, 0, 0)]
    [InlineData("""{"usage":{"prompt_tokens":21,"completion_tokens":0,"total_tokens":81}}""", 21, 60, 0)]
    [InlineData("""{"usage":{"prompt_tokens":9,"details":{"a":[1,{"b":2}]},"completion_tokens":5},"timings":{"prompt_n":1}}""", 9, 5, 0)]
    public void What_an_engine_tells_is_read(string piece, long prompt, long answer, long cached) => Assert.Equal(new TokenUsage(prompt, answer, cached), TokenUsage.In(Encoding.UTF8.GetBytes(piece)));

    [Theory]
    [InlineData("""{"choices":[],"usage":null}""")]
    [InlineData("""{"usage":{"prompt_tokens":-1}}""")]
    [InlineData("""{"usage":{"prompt_tokens":9""")]
    [InlineData("""{"usage":{}}""")]
    [InlineData("""{"usage":{"\ud800":1}}""")]
    [InlineData("""{"my_usage":{"prompt_tokens":9}}""")]
    [InlineData("""usage":{"prompt_tokens":9}""")]
    [InlineData("\"usage\"")]
    [InlineData("")]
    public void What_tells_nothing_is_nothing(string piece) => Assert.Null(TokenUsage.In(Encoding.UTF8.GetBytes(piece)));

    [Fact]
    public void A_text_that_speaks_of_usage_is_a_text()
    {
        var answer = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes("""{"usage":{"prompt_tokens":1,"completion_tokens":1}}""");
        Assert.Null(TokenUsage.In(answer));
    }

    [Fact]
    public void No_piece_of_anything_breaks_it() => Gen.OneOf("\"usage\"", ":", "{", "}", "\"prompt_tokens\"", "7", ",", "[", "\"", "-", "null", "\\").Array[0, 30]
        .Sample(parts => TokenUsage.In(Encoding.UTF8.GetBytes(string.Concat(parts))) is null or { Prompt: >= 0, Answer: >= 0 });

    [Fact]
    public void Whatever_is_told_is_told_as_a_reader_tells_it() =>
        Gen.Select(
            Gen.Select(
                Gen.OneOf(
                    "prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "input_tokens_details", "input_tokens", "output_tokens", "cached_tokens", "cache_read_input_tokens",
                    "x", "", "prompt\\u005ftokens", "\\ud800", "prompt_tokens\\ud800", "é"),
                Gen.OneOf(
                    "0", "7", "12", "-1", "1.0", "1e2", "9223372036854775808", "01", "x", "null", "true", "\"7\"", "\"é\"", "[1,{\"b\":2}]", "{}", "{\"cached_tokens\" : 3}", "{\"a\":[1],\"cached_tokens\":-3}",
                    "{\"cached\\u005ftokens\":4}", "{\"\\ud800\":1,\"cached_tokens\":2}", "{\"cached_tokens\":{\"cached_tokens\":9}}"))
                .Array[0, 6],
            Gen.OneOf("", " ", "\r\n\t"),
            Gen.Int[0, 200],
            Gen.Bool).Sample((members, blank, cut, isRead) =>
        {
            var text = $"{{{string.Join(',', members.Select(member => $"{blank}\"{member.Item1}\"{blank}:{blank}{member.Item2}{blank}"))}}}";
            foreach (var each in new[] { text, text + "}", text[..Math.Min(cut, text.Length)] })
                Assert.Equal(TokenUsage.Read(Encoding.UTF8.GetBytes(each), isRead), TokenUsage.In(Encoding.UTF8.GetBytes($"{{\"usage\":{blank}{each}"), isRead));
        });
}
