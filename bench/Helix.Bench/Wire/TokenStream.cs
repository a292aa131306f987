using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Helix.Bench.Wire;

/// <summary>What a client saw of one streamed answer.</summary>
/// <param name="FirstByte">From the request sent to the first byte of the body.</param>
/// <param name="FirstToken">From the request sent to the first text.</param>
/// <param name="Last">From the request sent to the event that says why it ended.</param>
/// <param name="Texts">Events with text.</param>
/// <param name="Said">The text of all of them.</param>
internal sealed record TokenStream(TimeSpan FirstByte, TimeSpan FirstToken, TimeSpan Last, int Texts, int PromptTokens, int Tokens, string Said)
{
    /// <summary>Tokens a second after the first one.</summary>
    public double DecodeRate => (Tokens - 1) / (Last - FirstToken).TotalSeconds;

    /// <summary>Tokens of the prompt a second, until the first token came of it.</summary>
    public double PrefillRate => PromptTokens / FirstToken.TotalSeconds;

    /// <exception cref="IOException">The server refused, or the stream is not what was asked for.</exception>
    public static TokenStream Read(Answer answer)
    {
        if (answer.Status != 200) throw new IOException($"Refused with {answer.Status}: {answer.Text}");
        TimeSpan? first = null, last = null;
        var (texts, prompt, tokens, piece) = (0, 0, 0, 0);
        var body = answer.Body;
        var said = new StringBuilder();
        for (var at = 0; at < body.Length;)
        {
            var length = body[at..].IndexOf((byte)'\n');
            if (length < 0) break;
            var line = body.Slice(at, length);
            at += length + 1;
            while (answer.Pieces[piece].Length < at) piece++;
            if (!line.StartsWith("data: {"u8)) continue;
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(line[6..]));
            var seen = Stopwatch.GetElapsedTime(answer.Asked, answer.Pieces[piece].Ticks);
            if (json.RootElement.TryGetProperty("error", out var error)) throw new IOException($"The stream ended with an error: {error}");
            if (json.RootElement.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
                (prompt, tokens) = (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
            foreach (var choice in json.RootElement.GetProperty("choices").EnumerateArray())
            {
                if (TextOf(choice) is { Length: > 0 } text)
                {
                    first ??= seen;
                    texts++;
                    said.Append(text);
                }

                if (choice.TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String) last = seen;
            }
        }

        if (first is null || last is null || tokens == 0) throw new IOException($"Not a whole stream of tokens: {answer.Text}");
        return new TokenStream(Stopwatch.GetElapsedTime(answer.Asked, answer.Pieces[0].Ticks), first.Value, last.Value, texts, prompt, tokens, said.ToString());
    }

    private static string? TextOf(JsonElement choice) =>
        (choice.TryGetProperty("text", out var text) || (choice.TryGetProperty("delta", out var delta) && delta.TryGetProperty("content", out text))) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;
}
