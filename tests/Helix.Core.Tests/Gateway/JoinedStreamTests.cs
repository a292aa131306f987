using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

public sealed class JoinedStreamTests
{
    /// <summary>However an answer is cut into events, wherever the first backend breaks off, and the second one after it: the client reads the same.</summary>
    [Fact]
    public void An_answer_that_goes_on_elsewhere_reads_as_if_nothing_had_happened() => Gen.Select(Words, Words, Cuts, Cuts, Cuts, Gen.Int[0, 40], Gen.Int[0, 40]).Sample((thought, text, first, second, third, broken, again) =>
    {
        var joined = new JoinedStream();
        var heard = new List<ChatPiece>();
        var roles = 0;
        foreach (var events in Cut(thought, text, first).SkipLast(2).Take(broken)) Hear(events);
        joined.Restart();
        foreach (var events in Cut(thought, text, second).SkipLast(2).Take(again)) Hear(events);
        joined.Restart();
        foreach (var events in Cut(thought, text, third)) Hear(events);

        Assert.Equal(thought, string.Concat(heard.Select(piece => piece.Thought)));
        Assert.Equal(text, string.Concat(heard.Select(piece => piece.Text)));
        Assert.Equal("stop", Assert.Single(heard, piece => piece.Finish is not null).Finish);
        Assert.True(joined is { HasEnded: true, HasDone: true, IsBehind: false });
        Assert.InRange(roles, 0, 1);

        void Hear(byte[] events)
        {
            var told = joined.Push(events);
            Assert.NotNull(told);
            foreach (var data in EventData.Of(told.Value.Span).Where(data => !EventData.IsDone(data)))
            {
                heard.Add(ChatPiece.Read(data)!);
                if (Encoding.UTF8.GetString(data).Contains("role", StringComparison.Ordinal)) roles++;
            }
        }
    });

    [Fact]
    public void The_first_backend_is_passed_on_byte_by_byte()
    {
        var joined = new JoinedStream();
        foreach (var events in Cut("hm", "well", [1])) Assert.Equal(events, joined.Push(events)!.Value.ToArray());
    }

    [Fact]
    public void The_last_frame_tells_how_often_it_went_on()
    {
        var joined = new JoinedStream();
        joined.Push(Event("""{"choices":[{"delta":{"content":"Hel"}}]}"""));
        joined.Restart();
        var told = joined.Push(Event("""{"id":"b","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}"""));

        var last = JsonNode.Parse(Assert.Single(EventData.Of(told!.Value.Span)))!;
        Assert.Equal("""{"id":"b","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}],"helix":{"continued":1}}""", last.ToJsonString());
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"Help"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"He"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"delta":{"reasoning_content":"hm"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f"}}]}}]}""")]
    [InlineData("not json")]
    [InlineData("[DONE]")]
    public void Another_answer_is_not_joined(string data)
    {
        var joined = new JoinedStream();
        joined.Push(Event("""{"choices":[{"delta":{"reasoning_content":"h","content":"Hello"}}]}"""));
        joined.Restart();

        Assert.Null(joined.Push(Event(data)));
    }

    [Fact]
    public void An_error_in_the_middle_is_kept_from_the_client_and_what_came_before_it_is_not()
    {
        var joined = new JoinedStream();
        byte[] both = [.. Event("""{"choices":[{"delta":{"content":"Hel"}}]}"""), .. Event("""{"error":{"message":"no"}}""")];

        Assert.Equal(Event("""{"choices":[{"delta":{"content":"Hel"}}]}"""), joined.Push(both)!.Value.ToArray());
        Assert.NotNull(joined.Failure);
        joined.Restart();
        Assert.Null(joined.Failure);
        Assert.True(joined.Push(Event("""{"error":{"message":"no"}}"""))!.Value.IsEmpty);
        Assert.NotNull(joined.Failure);
    }

    [Fact]
    public void A_call_of_a_tool_is_not_gone_on_with()
    {
        var joined = new JoinedStream();
        joined.Push(Event("""{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f"}}]}}]}"""));

        Assert.False(joined.CanBeContinued);
    }

    [Theory]
    [InlineData("""{"choices":[{"index":1,"delta":{"content":"a"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"text":"a"},{"index":1,"text":"b"}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[]}}]}""")]
    public void Several_answers_and_what_belongs_to_their_words_are_not_gone_on_with(string data)
    {
        var joined = new JoinedStream();
        joined.Push(Event(data));

        Assert.False(joined.CanBeContinued);
    }

    [Fact]
    public void Frames_after_a_joint_belong_to_the_answer_that_began()
    {
        var joined = new JoinedStream();
        joined.Push(Event("""{"id":"a","created":1,"choices":[{"delta":{"role":"assistant","content":"Hel"}}]}"""));
        joined.Restart();
        var told = joined.Push(Event("""{"id":"b","created":2,"choices":[{"delta":{"role":"assistant","content":"Hello"}}]}"""));

        Assert.Equal("""{"id":"a","created":1,"choices":[{"delta":{"content":"lo"}}]}""", Encoding.UTF8.GetString(Assert.Single(EventData.Of(told!.Value.Span))));
    }

    private static byte[] Event(string data) => Encoding.UTF8.GetBytes($"data: {data}\n\n");

    private static Gen<string> Words { get; } = Gen.String[Gen.OneOf(Gen.Char['a', 'e'], Gen.Char['ä', 'ë'], Gen.Const('"')), 0, 30];

    private static Gen<int[]> Cuts { get; } = Gen.Int[1, 6].Array[1, 5];

    /// <summary>A stream of the answer, in pieces of these lengths over and over: a role, pieces, an end, and the mark of the end.</summary>
    private static List<byte[]> Cut(string thought, string text, int[] lengths)
    {
        List<byte[]> events = [Event("""{"choices":[{"delta":{"role":"assistant","content":""}}]}""")];
        var turn = 0;
        foreach (var (name, words) in new[] { ("reasoning_content", thought), ("content", text) })
        {
            for (var at = 0; at < words.Length;)
            {
                var length = Math.Min(lengths[turn++ % lengths.Length], words.Length - at);
                events.Add(Event(new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["delta"] = new JsonObject { [name] = words.Substring(at, length) } }) }.ToJsonString()));
                at += length;
            }
        }

        events.Add(Event("""{"choices":[{"delta":{},"finish_reason":"stop"}]}"""));
        events.Add(Event("[DONE]"));
        return events;
    }
}
