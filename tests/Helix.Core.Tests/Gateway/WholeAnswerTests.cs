using System.Text;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class WholeAnswerTests
{
    private const string Piece = """data: {"choices":[{"delta":{"content":"a"}}]}""";

    [Theory]
    [InlineData(200, false, """{"choices":[]}""", true)]
    [InlineData(200, false, """{"choices":[],"error":null}""", true)]
    [InlineData(200, false, """{"choices":[],"error":{"message":"no"}}""", false)]
    [InlineData(200, false, """{"object":"error","message":"no"}""", false)]
    [InlineData(200, false, """{"choices":[""", false)]
    [InlineData(200, false, "", false)]
    [InlineData(200, false, "[]", false)]
    [InlineData(202, false, """{"choices":[]}""", false)]
    [InlineData(200, true, Piece + "\n\ndata: [DONE]\n\n", true)]
    [InlineData(200, true, Piece + "\n\n", false)]
    [InlineData(200, true, Piece + "\n\ndata: {\"error\":{\"message\":\"no\"}}\n\ndata: [DONE]\n\n", false)]
    [InlineData(200, true, Piece + "\n\ndata: what\n\ndata: [DONE]\n\n", false)]
    public void Only_what_came_whole_and_without_an_error_is_an_answer(int status, bool isStream, string body, bool isGood) => Assert.Equal(
        isGood, WholeAnswer.IsGood(new(status, BodyFraming.Chunked, 0, true, isStream ? UpstreamHead.EventStreamType : "application/json", null), Encoding.UTF8.GetBytes(body)));
}
