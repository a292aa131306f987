using CsCheck;
using Helix.Core.Cli;

namespace Helix.Core.Tests.Cli;

public sealed class ChatEventTests
{
    [Fact]
    public void Each_kind_of_line_is_read()
    {
        Assert.Equal([new ChatEvent.Piece("Hi")], ChatEvent.Read("""data: {"choices":[{"delta":{"content":"Hi"}}]}"""));
        Assert.Equal([new ChatEvent.Piece("."), new ChatEvent.Finished("stop")], ChatEvent.Read("""data:{"choices":[{"delta":{"content":"."},"finish_reason":"stop"}]}"""));
        Assert.Equal([new ChatEvent.Usage(3, 2)], ChatEvent.Read("""data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"""));
        Assert.Equal([new ChatEvent.Waiting("loading")], ChatEvent.Read(": loading"));
        Assert.Equal([new ChatEvent.End()], ChatEvent.Read("data: [DONE]"));
        Assert.Equal([new ChatEvent.Failed("gone", "the engine crashed")], ChatEvent.Read("""data: {"error":{"message":"the engine crashed","code":"gone"}}"""));
        Assert.Empty(ChatEvent.Read(""));
        Assert.Empty(ChatEvent.Read("event: message"));
        Assert.Empty(ChatEvent.Read(":"));
        Assert.Empty(ChatEvent.Read("""data: {"choices":[{"delta":{"role":"assistant","content":null},"finish_reason":null}],"usage":null}"""));
    }

    [Fact]
    public void A_body_that_is_no_error_is_shown_if_it_is_short()
    {
        Assert.Equal("teapot", ChatEvent.ReadError("teapot", "otherwise").Message);
        Assert.Equal("otherwise", ChatEvent.ReadError("", "otherwise").Message);
        Assert.Equal("otherwise", ChatEvent.ReadError(new string('x', 1000), "otherwise").Message);
        Assert.Equal("no", ChatEvent.ReadError("""{"error":{"message":"no"}}""", "otherwise").Message);
    }

    [Fact]
    public void No_line_at_all_makes_the_reader_throw()
    {
        var json = Gen.OneOf("{", "}", "[", "]", "\"choices\"", "\"delta\"", "\"error\"", "\"usage\"", ":", ",", "1", "null", "\"x\"", "\"prompt_tokens\"");
        json.Array[0, 12].Sample(parts => ChatEvent.Read("data: " + string.Concat(parts)) is not null);
    }
}
