using System.Text;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class PaidAnswerTests
{
    private const string Text = """{"choices":[{"delta":{"content":"a \"usage\" of words"}}],"usage":null}""";
    private const string Usage = """{"id":"x","choices":[ ],"usage":{"prompt_tokens":9,"completion_tokens":5}}""";

    [Theory]
    [InlineData(Text, Text)]
    [InlineData(Usage, null)]
    [InlineData("""{"choices":[],"usage":null}""", """{"choices":[],"usage":null}""")]
    [InlineData("""{"choices":[{"delta":{}}],"usage":{"prompt_tokens":9}}""", """{"choices":[{"delta":{}}],"usage":{"prompt_tokens":9}}""")]
    [InlineData("""{"usage":{"prompt_tokens":9}}""", """{"usage":{"prompt_tokens":9}}""")]
    [InlineData("""not "usage" of json""", """not "usage" of json""")]
    public void Only_the_frame_that_tells_nothing_else_is_hidden(string data, string? told) => Assert.Equal(told is null ? "" : $"data: {told}\n\n", Told($"data: {data}\n\n"));

    [Fact]
    public void What_stands_around_it_stays() => Assert.Equal($"data: {Text}\n\ndata: [DONE]\n\n", Told($"data: {Text}\n\ndata: {Usage}\n\ndata: [DONE]\n\n"));

    [Fact]
    public void A_client_that_asked_for_it_has_it() => Assert.Equal($"data: {Usage}\n\n", Told($"data: {Usage}\n\n", hides: false));

    [Fact]
    public void A_usage_is_heard_wherever_it_is_cut()
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"choices":[{"message":{"content":"{{{new string('x', 5_000)}}}"}}],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}""");
        for (var cut = 1; cut < body.Length; cut++)
        {
            var paid = new PaidAnswer(hidesUsage: false);
            var first = paid.UsageIn(body.AsSpan(0, cut));

            Assert.Equal(new TokenUsage(9, 5, 0), paid.UsageIn(body.AsSpan(cut)) ?? first);
        }
    }

    private static string Told(string events, bool hides = true) => Encoding.UTF8.GetString(new PaidAnswer(hides).Told(Encoding.UTF8.GetBytes(events)).Span);
}
