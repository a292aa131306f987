using System.Text;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class HeldStartupTests
{
    private const string Role = """data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}""" + "\n\n";
    private const string Text = """data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}""" + "\n\n";

    [Theory]
    [InlineData(": ping\n\n")]
    [InlineData(Role)]
    [InlineData("data: {\"choices\":[]}\r\n\r\n")]
    [InlineData("""data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[]}}],"usage":null}""" + "\n\n")]
    [InlineData("""data: {"choices":[{"text":"","index":0,"finish_reason":null}]}""" + "\n\n")]
    public void Frames_without_content_belong_to_the_beginning(string events) => Assert.Equal(EventKind.Startup, StreamStart.Look(Encoding.UTF8.GetBytes(events), out _));

    [Theory]
    [InlineData(Text)]
    [InlineData(Role + Text)]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: fine\n\n")]
    [InlineData("data: 7\n\n")]
    [InlineData("""data: {"choices":[{"delta":{},"finish_reason":"stop"}]}""" + "\n\n")]
    [InlineData("""data: {"choices":[{"delta":{"reasoning_content":"Hm"}}]}""" + "\n\n")]
    [InlineData("""data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"x"}]}}]}""" + "\n\n")]
    [InlineData("event: ping\ndata: {\"type\":\"ping\"}\n\n")]
    public void Anything_else_is_content(string events) => Assert.Equal(EventKind.Content, StreamStart.Look(Encoding.UTF8.GetBytes(events), out _));

    [Fact]
    public void An_error_before_any_content_is_told_with_its_words()
    {
        var startup = new HeldStartup();
        Assert.Equal(EventKind.Startup, startup.Push(Encoding.UTF8.GetBytes(Role), false, out _));
        Assert.Equal(EventKind.Error, startup.Push(Encoding.UTF8.GetBytes("""data: {"error":{"code":500}}""" + "\n\n" + Text), false, out var words));
        Assert.Equal("""{"error":{"code":500}}""", Encoding.UTF8.GetString(words.Span).Trim());
    }

    [Fact]
    public void After_content_an_error_is_content_too() =>
        Assert.Equal(EventKind.Content, StreamStart.Look(Encoding.UTF8.GetBytes(Text + """data: {"error":"x"}""" + "\n\n"), out _));

    [Fact]
    public void It_does_not_hold_for_ever()
    {
        var startup = new HeldStartup();
        var comment = Encoding.UTF8.GetBytes(": " + new string('x', 5000) + "\n\n");
        for (var n = 0; n < 3; n++) Assert.Equal(EventKind.Startup, startup.Push(comment, false, out _));

        Assert.Equal(EventKind.Content, startup.Push(comment, false, out var told));
        Assert.Equal(4 * comment.Length, told.Length);
        Assert.True(startup.Rest.IsEmpty);
    }

    [Fact]
    public void Nothing_is_lost_or_reordered() => Gen.OneOf(Role, Text, ": ping\n\n", "data: [DONE]\n\n").Array[0, 8].Sample(events =>
    {
        var (startup, seen, isTold) = (new HeldStartup(), new StringBuilder(), false);
        foreach (var each in events)
        {
            ReadOnlyMemory<byte> told = Encoding.UTF8.GetBytes(each);
            if (!isTold) isTold = startup.Push(told, false, out told) == EventKind.Content;
            seen.Append(Encoding.UTF8.GetString(told.Span));
        }

        return seen + Encoding.UTF8.GetString(startup.Rest.Span) == string.Concat(events) && (seen.Length > 0) == events.Any(each => each is Text or "data: [DONE]\n\n");
    });
}
