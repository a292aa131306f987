using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

/// <summary>Answers in Anthropic's words, put into OpenAI's or only listened to.</summary>
public sealed class MessagesAnswerTests
{
    private const string Start = """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":3},"cache_read_input_tokens":5,"output_tokens":1}}}""";
    private const string Ping = """{"type":"ping"}""";
    private const string Stop = """{"type":"message_stop"}""";
    private const string Overloaded = """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""";

    private static readonly DateTimeOffset s_created = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void A_stream_becomes_chunks() => Assert.Equal(
        [
            Chunk("""{"role":"assistant","content":""}"""),
            Chunk("""{"reasoning_content":"hm"}"""),
            Chunk("""{"content":"He"}"""),
            Chunk("""{"content":"y"}"""),
            Chunk("""{"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"f","arguments":""}}]}"""),
            Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}"""),
            Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"""),
            Chunk("""{"tool_calls":[{"index":1,"id":"toolu_2","type":"function","function":{"name":"g","arguments":""}}]}"""),
            Chunk("""{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}"""),
            Chunk("{}", "\"tool_calls\""),
            """{"id":"msg_1","object":"chat.completion.chunk","created":1800000000,"model":"claude","choices":[],"usage":{"prompt_tokens":22,"completion_tokens":50,"total_tokens":72,"prompt_tokens_details":{"cached_tokens":5}}}""",
            "[DONE]",
        ],
        Told(
            Start, Begin(0, """{"type":"thinking","thinking":"","signature":""}"""), Ping, Delta(0, """{"type":"thinking_delta","thinking":"hm"}"""), Delta(0, """{"type":"signature_delta","signature":"xyz"}"""), End(0),
            Begin(1, """{"type":"text","text":""}"""), Delta(1, """{"type":"text_delta","text":"He"}"""), Delta(1, """{"type":"text_delta","text":"y"}"""), End(1),
            Begin(2, """{"type":"tool_use","id":"toolu_1","name":"f","input":{}}"""), Delta(2, """{"type":"input_json_delta","partial_json":""}"""), Delta(2, """{"type":"input_json_delta","partial_json":"{\"a\""}"""), Delta(2, """{"type":"input_json_delta","partial_json":":1}"}"""), End(2),
            Begin(3, """{"type":"tool_use","id":"toolu_2","name":"g","input":{}}"""), End(3),
            Last("tool_use"), Stop));

    [Theory]
    [InlineData("end_turn", "stop")]
    [InlineData("stop_sequence", "stop")]
    [InlineData("max_tokens", "length")]
    [InlineData("model_context_window_exceeded", "length")]
    [InlineData("refusal", "content_filter")]
    [InlineData("unheard_of", "stop")]
    public void Why_it_ended_is_told_in_OpenAIs_words(string reason, string finish)
    {
        Assert.Contains(Chunk("{}", $"\"{finish}\""), Told(Start, Last(reason), Stop));
        Assert.Equal(finish, (string?)Whole($$"""{"type":"message","content":[],"stop_reason":"{{reason}}"}""")["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public void A_client_that_did_not_ask_what_it_took_does_not_hear_it()
    {
        var answer = new MessagesEvents(new ChatChunks(s_created, tellsUsage: false));
        var told = Text(answer.Push(Events(Start, Last("end_turn"), Stop), isLast: true));

        Assert.DoesNotContain("usage", told, StringComparison.Ordinal);
        Assert.Equal(new TokenUsage(22, 50, 5) { Written = 4, WrittenLong = 3 }, answer.Usage);
    }

    [Fact]
    public void Arguments_that_come_all_at_once_are_told_at_the_end_of_their_call() =>
        Assert.Contains(Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":[1]}"}}]}"""), Told(Start, Begin(0, """{"type":"tool_use","id":"t","name":"f","input":{"a":[1]}}"""), End(0), Last("tool_use"), Stop));

    [Fact]
    public void An_error_before_anything_was_said_is_told_alone()
    {
        string[][] beginnings = [[], [Start]];
        foreach (var before in beginnings)
        {
            var answer = new MessagesEvents(new ChatChunks(s_created, tellsUsage: true));

            Assert.True(answer.Push(Events([.. before, Overloaded]), isLast: false).IsEmpty);
            Assert.Equal(Overloaded, Text(answer.Failure!.Value));
            Assert.Equal((before.Length > 0, false), (answer.HasBegun, answer.IsWhole));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_error_in_the_middle_ends_what_is_told_and_the_answer_is_not_whole(bool isTranslated)
    {
        var answer = new MessagesEvents(isTranslated ? new ChatChunks(s_created, tellsUsage: true) : null);
        var told = Text(answer.Push(Events(Start, Begin(0, """{"type":"text","text":""}"""), Delta(0, """{"type":"text_delta","text":"He"}"""), Overloaded, Last("end_turn"), Stop), isLast: false));

        Assert.Contains("\"He\"", told, StringComparison.Ordinal);
        Assert.DoesNotContain("overloaded_error", told, StringComparison.Ordinal);
        Assert.DoesNotContain("end_turn", told, StringComparison.Ordinal);
        Assert.Equal((Overloaded, false), (Text(answer.Failure!.Value), answer.IsWhole));
    }

    [Fact]
    public void An_error_in_another_shape_is_one_too()
    {
        var answer = new MessagesEvents(null);
        answer.Push("data: {\"error\":{\"message\":\"no\"}}\n\n"u8.ToArray(), isLast: false);

        Assert.NotNull(answer.Failure);
    }

    [Fact]
    public void A_stream_without_its_last_event_is_not_whole()
    {
        var answer = new MessagesEvents(new ChatChunks(s_created, tellsUsage: true));

        Assert.DoesNotContain("[DONE]", Text(answer.Push(Events(Start, Begin(0, """{"type":"text","text":"He"}"""), Last("end_turn")), isLast: true)), StringComparison.Ordinal);
        Assert.False(answer.IsWhole);
    }

    [Fact]
    public void What_only_opens_a_stream_is_held_back_until_the_next_event()
    {
        var answer = new MessagesEvents(null);

        Assert.True(answer.Push(Events(Start), isLast: false).IsEmpty);
        Assert.Equal(Text(Events(Start, Ping)), Text(answer.Push(Events(Ping), isLast: false)));
        Assert.Equal(Text(Events(Ping)), Text(answer.Push(Events(Ping), isLast: false)));
    }

    /// <summary>Thoughts, texts and calls in any order, and the bytes cut anywhere.</summary>
    [Fact]
    public void Any_stream_cut_at_any_byte_gives_the_same() => Gen.Select(s_block.Array[0, 5], Gen.Int[1, 40].Array[1, 30], Gen.OneOf("\n", "\r\n"), Gen.Bool).Sample((blocks, cuts, newline, isTranslated) =>
    {
        List<string> events = [Start];
        foreach (var ((kind, pieces), at) in blocks.Select((block, at) => (block, at)))
        {
            events.Add(Begin(at, kind switch { 0 => """{"type":"text","text":""}""", 1 => """{"type":"thinking","thinking":""}""", _ => $$$"""{"type":"tool_use","id":"t{{{at}}}","name":"f{{{at}}}","input":{}}""" }));
            events.AddRange(pieces.Select(piece => new JsonObject
            {
                ["type"] = "content_block_delta",
                ["index"] = at,
                ["delta"] = kind switch
                {
                    0 => new JsonObject { ["type"] = "text_delta", ["text"] = piece },
                    1 => new JsonObject { ["type"] = "thinking_delta", ["thinking"] = piece },
                    _ => new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = piece },
                },
            }.ToJsonString()));
            events.Add(Ping);
            events.Add(End(at));
        }

        events.AddRange([Last("end_turn"), Stop]);
        var stream = Encoding.UTF8.GetBytes(Text(Events([.. events])).Replace("\n", newline, StringComparison.Ordinal));
        var answer = new MessagesEvents(isTranslated ? new ChatChunks(s_created, tellsUsage: true) : null);
        var (held, told) = (new HeldEvents(), new StringBuilder());
        for (int at = 0, n = 0; at < stream.Length; n++)
        {
            var length = Math.Min(cuts[n % cuts.Length], stream.Length - at);
            told.Append(Text(answer.Push(held.Push(stream.AsMemory(at, length)), isLast: false)));
            at += length;
        }

        told.Append(Text(answer.Push(held.Rest, isLast: true)));
        Assert.True(answer.IsWhole);
        Assert.Equal(new TokenUsage(22, 50, 5) { Written = 4, WrittenLong = 3 }, answer.Usage);
        if (!isTranslated)
        {
            Assert.Equal(Encoding.UTF8.GetString(stream), told.ToString());
            return;
        }

        var chunks = EventData.Of(Encoding.UTF8.GetBytes(told.ToString()));
        Assert.True(EventData.IsDone(chunks[^1]));
        var said = chunks.SkipLast(1).Select(chunk => ChatPiece.Read(chunk)!).ToArray();
        Assert.Equal(Joined(0), string.Concat(said.Select(piece => piece.Text)));
        Assert.Equal(Joined(1), string.Concat(said.Select(piece => piece.Thought)));
        var calls = said.SelectMany(piece => piece.Calls).GroupBy(call => call.Index).OrderBy(call => call.Key).Select(call => (call.First().Name, string.Concat(call.Select(piece => piece.Arguments))));
        Assert.Equal(blocks.Select((block, at) => (block, at)).Where(each => each.block.Item1 == 2).Select(each => ((string?)$"f{each.at}", string.Concat(each.block.Item2) is { Length: > 0 } all ? all : "{}")), calls);

        string Joined(int kind) => string.Concat(blocks.Where(block => block.Item1 == kind).SelectMany(block => block.Item2));
    });

    [Fact]
    public void A_whole_message_becomes_a_completion()
    {
        var answer = new MessagesBody(s_created);
        var told = Told(answer, """{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"o"},{"type":"text","text":"k","citations":[]},{"type":"tool_use","id":"t","name":"f","input":{"a":1}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":2}}""");

        Assert.Equal(
            """{"id":"msg_1","object":"chat.completion","created":1800000000,"model":"claude","choices":[{"index":0,"message":{"role":"assistant","content":"ok","reasoning_content":"hm","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9,"prompt_tokens_details":{"cached_tokens":4}}}""",
            told);
        Assert.Equal((true, new TokenUsage(7, 2, 4)), (answer.IsWhole, answer.Usage!.Value));
        var head = answer.HeadOf(new(200, BodyFraming.Chunked, 0, true, "application/json", null), told.Length);
        Assert.Equal((BodyFraming.Length, (long)told.Length), (head.Framing, head.Length));
    }

    [Fact]
    public void A_whole_message_that_is_only_listened_to_stays_as_it_is()
    {
        const string message = """{ "type": "message", "content": [{"type":"tool_use","input":{"usage":{"input_tokens":999,"output_tokens":999}}}],  "usage": {"input_tokens":3,"output_tokens":2}, "new": 1 }""";
        var answer = new MessagesBody(null);

        Assert.Equal(message, Told(answer, message));
        Assert.Equal(new TokenUsage(3, 2, 0), answer.Usage!.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"type\":\"mess")]
    [InlineData("[]")]
    [InlineData(Overloaded)]
    public void What_is_no_message_is_a_failure(string body)
    {
        var answer = new MessagesBody(s_created);

        Assert.Equal("", Told(answer, body));
        Assert.False(answer.IsWhole);
        Assert.Equal(body == Overloaded ? 529 : Refusal.Unnamed, Refusal.StatusOf(answer.Failure!.Value));
    }

    [Theory]
    [InlineData("""{"input_tokens":3,"output_tokens":2}""", 3, 2, 0, 0, 0)]
    [InlineData("""{"input_tokens":3,"output_tokens":2,"cache_creation_input_tokens":8}""", 11, 2, 0, 0, 8)]
    [InlineData("""{"input_tokens":3,"output_tokens":2,"cache_creation_input_tokens":8,"cache_creation":{"ephemeral_5m_input_tokens":8,"ephemeral_1h_input_tokens":0}}""", 11, 2, 0, 8, 0)]
    [InlineData("""{"input_tokens":3,"output_tokens":2,"cache_creation_input_tokens":8,"cache_creation":{"ephemeral_1h_input_tokens":99}}""", 11, 2, 0, 0, 8)]
    [InlineData("""{"input_tokens":3,"output_tokens":9000000000000000000,"cache_read_input_tokens":"x","cache_creation_input_tokens":-8,"cache_creation":null}""", 3, 2147483647, 0, 0, 0)]
    public void What_it_took_is_told_with_what_was_written(string usage, long prompt, long answer, long cached, long written, long writtenLong)
    {
        var message = new MessagesBody(null);
        Told(message, $$"""{"usage":{{usage}}}""");

        Assert.Equal(new TokenUsage(prompt, answer, cached) { Written = written, WrittenLong = writtenLong }, message.Usage!.Value);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"output_tokens":2}""")]
    [InlineData("""{"input_tokens":3}""")]
    [InlineData("""{"input_tokens":-3,"output_tokens":2}""")]
    [InlineData("""{"input_tokens":3,"output_tokens":"2"}""")]
    public void What_tells_one_half_tells_nothing(string usage)
    {
        var message = new MessagesBody(null);
        Told(message, $$"""{"usage":{{usage}}}""");

        Assert.Equal((true, (TokenUsage?)null), (message.IsWhole, message.Usage));
    }

    [Fact]
    public void What_the_beginning_of_a_stream_tells_of_its_answer_is_not_what_it_took()
    {
        var answer = new MessagesEvents(null);
        answer.Push(Events(Start, """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""", Stop), isLast: true);

        Assert.Equal((true, (TokenUsage?)null), (answer.IsWhole, answer.Usage));
    }

    [Fact]
    public void The_last_that_a_stream_tells_counts_and_nothing_is_counted_twice()
    {
        var answer = new MessagesEvents(null);
        answer.Push(Events(
            Start, """{"type":"message_delta","delta":{},"usage":{"output_tokens":20}}""",
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":12,"cache_creation_input_tokens":7,"cache_read_input_tokens":6,"output_tokens":50}}""", Stop), isLast: true);

        Assert.Equal(new TokenUsage(25, 50, 6) { Written = 4, WrittenLong = 3 }, answer.Usage);
    }

    [Fact]
    public void A_call_that_nobody_closes_has_arguments_all_the_same()
    {
        var told = Told(Start, Begin(0, """{"type":"tool_use","id":"t","name":"f","input":{}}"""), Last("tool_use"), Stop);

        Assert.Contains(Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"""), told);
    }

    [Fact]
    public void Half_of_a_character_in_a_name_breaks_nothing()
    {
        var body = new MessagesBody(s_created);
        Told(body, """{"\ud800":1}""");
        Assert.Null(body.Usage);

        var answer = new MessagesEvents(new ChatChunks(s_created, tellsUsage: true));
        answer.Push("data: {\"\\ud800\":1}\n\n"u8.ToArray(), isLast: false);
        answer.Push(Events(Start, Last("end_turn"), Stop), isLast: true);
        Assert.Equal((true, 50L), (answer.IsWhole, answer.Usage!.Value.Answer));
        Assert.Equal("""{"\ud800":1}""", Text(MessagesWords.Retold("""{"\ud800":1}"""u8.ToArray())));
    }

    [Theory]
    [InlineData(Overloaded, """{"error":{"message":"Overloaded","type":"overloaded_error","param":null,"code":"overloaded_error"}}""")]
    [InlineData("""{"error":{"message":"x","code":"cloud_moved","type":"y"}}""", """{"error":{"message":"x","code":"cloud_moved","type":"y"}}""")]
    [InlineData("no json", "no json")]
    public void Its_errors_are_told_in_OpenAIs_shape(string words, string told) => Assert.Equal(told, Text(MessagesWords.Retold(Encoding.UTF8.GetBytes(words))));

    private static readonly Gen<(int, string[])> s_block = Gen.Select(Gen.Int[0, 2], Gen.String[Gen.Char["ab{}\"\\é漢\n "], 0, 6].Array[0, 4]);

    private static string Begin(int index, string block) => $$"""{"type":"content_block_start","index":{{index}},"content_block":{{block}}}""";

    private static string Delta(int index, string delta) => $$"""{"type":"content_block_delta","index":{{index}},"delta":{{delta}}}""";

    private static string End(int index) => $$"""{"type":"content_block_stop","index":{{index}}}""";

    private static string Last(string reason) => $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{reason}}}","stop_sequence":null},"usage":{"output_tokens":50}}""";

    private static string Chunk(string delta, string finish = "null") =>
        $$"""{"id":"msg_1","object":"chat.completion.chunk","created":1800000000,"model":"claude","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}""";

    private static byte[] Events(params string[] events) => Encoding.UTF8.GetBytes(string.Concat(events.Select(data => $"event: {(string?)JsonNode.Parse(data)!["type"]}\ndata: {data}\n\n")));

    private static List<string> Told(params string[] events)
    {
        var answer = new MessagesEvents(new ChatChunks(s_created, tellsUsage: true));
        return [.. EventData.Of(answer.Push(Events(events), isLast: true).Span).Select(data => Encoding.UTF8.GetString(data))];
    }

    private static string Told(MessagesBody answer, string body)
    {
        foreach (var part in Encoding.UTF8.GetBytes(body).Chunk(7)) Assert.True(answer.Push(part, isLast: false).IsEmpty);
        return Text(answer.Push(default, isLast: true));
    }

    private static JsonObject Whole(string message) => JsonNode.Parse(Told(new MessagesBody(s_created), message))!.AsObject();

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
