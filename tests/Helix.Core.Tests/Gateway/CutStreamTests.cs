using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

/// <summary>The way of a stream from an engine's socket to a client of each dialect: where the network cuts it must not be seen.</summary>
public sealed class CutStreamTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Letters of one to four bytes, and those that JSON and server-sent events use themselves.</summary>
    private static readonly Gen<string> s_words = Gen.String[Gen.Char["ab{}\"\\é漢\n\r: "], 1, 6];

    private static readonly Gen<JsonObject> s_delta = Gen.OneOf(
        s_words.Select(words => new JsonObject { ["content"] = words + "😀" }),
        s_words.Select(words => new JsonObject { ["reasoning_content"] = words }),
        from index in Gen.Int[0, 2]
        from words in s_words
        select new JsonObject
        {
            ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = index, ["id"] = $"c{index}", ["function"] = new JsonObject { ["name"] = $"t{index}", ["arguments"] = words } }),
        },
        Gen.Bool.Select(_ => new JsonObject { ["role"] = "assistant", ["content"] = "" }));

    public static TheoryData<string> Dialects => ["openai", "anthropic", "ollama chat", "ollama generate", "responses"];

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Any_stream_cut_at_any_byte_gives_the_same(string dialect) =>
        Gen.Select(s_delta.Array[0, 8], Gen.Int[1, 40].Array[1, 30], Gen.OneOf("\n", "\r\n"), Gen.OneOf("[DONE]", "{\"error\":{\"message\":\"out of memory\"}}", "")).Sample((deltas, cuts, newline, last) =>
        {
            string[] events =
            [
                .. deltas.Select(delta => new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta.DeepClone() }) }).Select(Plain),
                """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""", """{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}""",
            ];
            var text = string.Concat(events.Select(data => $": ping{newline}{newline}data: {data}{newline}{newline}"));
            var stream = Encoding.UTF8.GetBytes(last.Length == 0 ? text : $"{text}data: {last}{newline}{newline}");

            var whole = Told(dialect, [stream]);
            return Told(dialect, Pieces(stream, cuts)) == whole && Told(dialect, Pieces(stream, [1])) == whole;
        });

    /// <summary>With letters as they are, so that they can be cut.</summary>
    private static string Plain(JsonObject json) => Encoding.UTF8.GetString(DialectJson.Value(to => json.WriteTo(to)));

    private static IEnumerable<byte[]> Pieces(byte[] stream, int[] cuts)
    {
        for (int at = 0, number = 0; at < stream.Length; number++)
        {
            var length = Math.Min(cuts[number % cuts.Length], stream.Length - at);
            yield return stream[at..(at + length)];
            at += length;
        }
    }

    /// <summary>As the gateway does it: whole events only, none before the first content, and then in the client's words.</summary>
    private static string Told(string dialect, IEnumerable<byte[]> pieces)
    {
        var (events, startup, hasBegun, told) = (new HeldEvents(), new HeldStartup(), false, new MemoryStream());
        var translation = Of(dialect);
        foreach (var piece in pieces)
        {
            var content = events.Push(piece);
            if (content.IsEmpty) continue;
            if (!hasBegun)
            {
                switch (startup.Push(content, isLast: false, out content))
                {
                    case EventKind.Startup: continue;
                    case EventKind.Error: return $"refused: {Encoding.UTF8.GetString(content.Span)}";
                }
            }

            hasBegun = true;
            Tell(content);
        }

        Tell(startup.Rest);
        Tell(events.Rest);
        if (translation is not null) told.Write(translation.End().Span);
        return Encoding.UTF8.GetString(told.ToArray());

        void Tell(ReadOnlyMemory<byte> content)
        {
            if (!content.IsEmpty) told.Write(translation is null ? content.Span : translation.Push(content.Span).Span);
        }
    }

    private static AnswerTranslation? Of(string dialect) => dialect switch
    {
        "anthropic" => new AnthropicStream("msg_1", "m", "req_1"),
        "ollama chat" => new OllamaStream(Frame(isChat: true)),
        "ollama generate" => new OllamaStream(Frame(isChat: false)),
        "responses" => new ResponsesStream(new ResponseFrame("resp_1", "m", s_now, JsonElement.Parse("{}"))),
        _ => null,
    };

    private static OllamaFrame Frame(bool isChat) => new("m", isChat, () => s_now, () => (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(9)));
}
