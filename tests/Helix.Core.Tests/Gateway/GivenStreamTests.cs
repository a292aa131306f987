using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

/// <summary>Streams that another backend goes on with from what was said, and does not say it again.</summary>
public sealed class GivenStreamTests
{
    /// <summary>At whatever byte the first backend breaks off, and however both cut their words: the client reads one answer.</summary>
    [Fact]
    public void A_stream_that_is_cut_anywhere_reads_as_one_answer() => Gen.Select(Words, Words, Cuts, Cuts, Gen.Int[0, 1000]).Sample((first, rest, cuts, more, place) =>
    {
        var (joined, heard) = (new JoinedStream(), new List<JsonNode>());
        byte[] bytes = [.. Frames("a", first, cuts).SkipLast(2).SelectMany(frame => frame)];
        Hear(new HeldEvents().Push(bytes.AsMemory(0, bytes.Length * place / 1000)));

        var said = joined.Text!;
        Assert.StartsWith(said, first, StringComparison.Ordinal);
        if (joined.IsBlank) joined.Restart();
        var given = joined.IsBlank ? "" : joined.GoOn();
        Assert.Equal(said.TrimEnd(), given);
        foreach (var frame in Frames("b", said[given.Length..] + rest, more)) Hear(frame);

        Assert.Equal(said + rest, string.Concat(heard.Select(frame => (string?)frame["choices"]![0]!["delta"]!["content"])));
        Assert.Equal(1, (int)Assert.Single(heard, frame => frame["choices"]![0]!["finish_reason"] is not null)["helix"]!["continued"]!);
        Assert.Single(heard, frame => frame["helix"] is not null);
        Assert.Single(heard.Select(frame => (string?)frame["id"]).Distinct());
        Assert.InRange(heard.Count(frame => frame["choices"]![0]!["delta"]!["role"] is not null), 0, 1);
        Assert.True(joined is { HasEnded: true, HasDone: true, IsBehind: false });

        void Hear(ReadOnlyMemory<byte> events)
        {
            var told = joined.Push(events);
            Assert.NotNull(told);
            heard.AddRange(EventData.Of(told.Value.Span).Where(data => !EventData.IsDone(data)).Select(data => JsonNode.Parse(data)!));
        }
    });

    [Fact]
    public void What_both_took_is_told_as_what_one_would_have_taken()
    {
        var joined = new JoinedStream();
        Say(joined, "Good", " day", " to");
        Assert.Equal("Good day to", joined.GoOn());
        Say(joined, " all");

        var told = joined.Push(Event("""{"choices":[],"usage":{"prompt_tokens":13,"completion_tokens":2,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":12}}}"""));

        Assert.Equal("""{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":10}}}""", Encoding.UTF8.GetString(Assert.Single(EventData.Of(told!.Value.Span))));
        Assert.Equal(new TokenUsage(10, 5, 10), joined.Whole(new(13, 2, 12)));
        Assert.True(joined.IsCounted);
    }

    [Fact]
    public void A_backend_that_tells_as_it_goes_is_believed_more_than_its_frames()
    {
        var joined = new JoinedStream();
        joined.Push(Event("""{"choices":[{"delta":{"content":"Good day"}}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"""));

        joined.GoOn();

        Assert.Equal((2L, false), (joined.TokensGiven, joined.IsCounted));
        Assert.Equal(new TokenUsage(9, 5, 0), joined.Whole(new(11, 3, 0)));
    }

    [Fact]
    public void What_a_backend_that_began_anew_took_is_told_as_it_is()
    {
        var joined = new JoinedStream();
        Say(joined, "Good");
        joined.Restart();

        Assert.Equal(new TokenUsage(9, 5, 0), joined.Whole(new(9, 5, 0)));
    }

    [Fact]
    public void Each_joint_counts_and_so_do_the_words_between_two()
    {
        var joined = new JoinedStream();
        Say(joined, "One", " two");
        joined.GoOn();
        Say(joined, " three");
        Assert.Equal("One two three", joined.GoOn());
        var told = joined.Push(Event("""{"choices":[{"delta":{"content":" four"},"finish_reason":"stop"}]}"""));

        Assert.Equal(3, joined.TokensGiven);
        Assert.Equal(2, (int)JsonNode.Parse(Assert.Single(EventData.Of(told!.Value.Span)))!["helix"]!["continued"]!);
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"day"}}]}""")]
    [InlineData("""{"choices":[{"delta":{},"finish_reason":"stop"}]}""")]
    public void Blanks_at_the_end_are_said_by_whoever_goes_on_or_it_is_another_answer(string data)
    {
        var joined = new JoinedStream();
        Say(joined, "Good", "\\n\\n");
        Assert.Equal("Good", joined.GoOn());

        Assert.Null(joined.Push(Event(data)));
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"reasoning_content":"hm"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f"}}]}}]}""")]
    [InlineData("""{"choices":[{"index":1,"delta":{"content":" day"}}]}""")]
    [InlineData("not json")]
    public void Nothing_but_words_comes_after_a_joint(string data)
    {
        var joined = new JoinedStream();
        Say(joined, "Good");
        joined.GoOn();

        Assert.Null(joined.Push(Event(data)));
    }

    [Fact]
    public void Thoughts_are_not_gone_on_with()
    {
        var joined = new JoinedStream();
        joined.Push(Event("""{"choices":[{"delta":{"reasoning_content":"hm"}}]}"""));
        Say(joined, "Good");

        Assert.Null(joined.Text);
        Assert.False(joined.IsBlank);
    }

    private static void Say(JoinedStream joined, params string[] pieces)
    {
        foreach (var piece in pieces) Assert.NotNull(joined.Push(Event($$$"""{"choices":[{"delta":{"content":"{{{piece}}}"}}]}""")));
    }

    private static byte[] Event(string data) => Encoding.UTF8.GetBytes($"data: {data}\n\n");

    private static Gen<string> Words { get; } = Gen.String[Gen.OneOf(Gen.Char['a', 'e'], Gen.Char['ä', 'ë'], Gen.Const('"'), Gen.Const(' '), Gen.Const('\n')), 0, 30];

    private static Gen<int[]> Cuts { get; } = Gen.Int[1, 6].Array[1, 5];

    /// <summary>A stream of the text, in pieces of these lengths over and over: a role, pieces, an end, and the mark of the end.</summary>
    private static List<byte[]> Frames(string id, string text, int[] lengths)
    {
        List<byte[]> frames = [Frame(id, new JsonObject { ["role"] = "assistant", ["content"] = "" }, null)];
        var turn = 0;
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(lengths[turn++ % lengths.Length], text.Length - at);
            frames.Add(Frame(id, new JsonObject { ["content"] = text.Substring(at, length) }, null));
            at += length;
        }

        frames.Add(Frame(id, [], "stop"));
        frames.Add(Event("[DONE]"));
        return frames;
    }

    private static byte[] Frame(string id, JsonObject delta, string? finish) =>
        Event(new JsonObject { ["id"] = id, ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }) }.ToJsonString());
}
