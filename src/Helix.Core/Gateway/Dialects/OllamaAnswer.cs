using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>What an answer of Ollama tells beside its content.</summary>
/// <param name="Model">As the client named it.</param>
/// <param name="IsChat">For <c>/api/chat</c>; else for <c>/api/generate</c>.</param>
/// <param name="Now">The moment at which a piece is told.</param>
/// <param name="Times">Since the request came: until it was sent to an engine, until its first piece came, and until now.</param>
internal sealed record OllamaFrame(string Model, bool IsChat, Func<DateTimeOffset> Now, Func<(TimeSpan Sent, TimeSpan First, TimeSpan Now)> Times)
{
    /// <summary>One object: a piece of an answer, or its end.</summary>
    /// <param name="calls">Told only where they are known whole.</param>
    /// <param name="end">Of the last object; null for any other.</param>
    public byte[] Object(string? text, string? thought, OllamaCalls? calls, OllamaEnd? end) => DialectJson.Object(json =>
    {
        json.WriteString("model"u8, Model);
        json.WriteString("created_at"u8, Now());
        if (IsChat) json.WriteStartObject("message"u8);
        if (IsChat) json.WriteString("role"u8, "assistant"u8);
        json.WriteString(IsChat ? "content"u8 : "response"u8, text ?? "");
        if (!string.IsNullOrEmpty(thought)) json.WriteString("thinking"u8, thought);
        if (IsChat)
        {
            calls?.Write(json);
            json.WriteEndObject();
        }

        json.WriteBoolean("done"u8, end is not null);
        if (end is not null) Write(json, end);
    });

    private void Write(Utf8JsonWriter json, OllamaEnd end)
    {
        var (sent, first, now) = Times();
        json.WriteString("done_reason"u8, end.Finish == "length" ? "length" : "stop");
        json.WriteNumber("total_duration"u8, Nanoseconds(now));
        json.WriteNumber("load_duration"u8, Nanoseconds(sent));
        json.WriteNumber("prompt_eval_count"u8, end.Usage?.Prompt ?? 0);
        json.WriteNumber("prompt_eval_duration"u8, Nanoseconds(first - sent));
        json.WriteNumber("eval_count"u8, end.Usage?.Answer ?? end.Pieces);
        json.WriteNumber("eval_duration"u8, Nanoseconds(now - first));
    }

    public static long Nanoseconds(TimeSpan time) => Math.Max(0, time.Ticks) * TimeSpan.NanosecondsPerTick;
}

/// <param name="Pieces">Of text, counted where the engine does not tell how many tokens there were.</param>
internal sealed record OllamaEnd(string? Finish, TokenUsage? Usage, int Pieces);

/// <summary>Puts a stream in OpenAI's words into Ollama's: one JSON object a line.</summary>
internal sealed class OllamaStream(OllamaFrame frame) : StreamTranslation
{
    public const string LineType = "application/x-ndjson";

    private readonly OllamaCalls _calls = new();
    private int _pieces;

    public override string StreamType => LineType;

    protected override void Close()
    {
        // calls are told whole, as soon as all of them are known
        if (!_calls.IsEmpty) Line(frame.Object(null, null, _calls, null));
        Line(frame.Object(null, null, null, new(Finish, Usage, _pieces)));
    }

    protected override void Say(ChatPiece chunk)
    {
        _calls.Add(chunk.Calls);
        if (string.IsNullOrEmpty(chunk.Text) && string.IsNullOrEmpty(chunk.Thought)) return;
        _pieces++;
        Line(frame.Object(chunk.Text, chunk.Thought, null, null));
    }

    protected override void TellFailure(string words)
    {
        Line(DialectJson.Object(json => json.WriteString("error"u8, words)));
    }

    private void Line(byte[] json) => Emit([.. json, (byte)'\n']);
}

/// <summary>Puts a whole answer in OpenAI's words into Ollama's.</summary>
internal sealed class OllamaWhole(OllamaFrame frame) : WholeTranslation
{
    protected override ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> answer)
    {
        if (Read(answer) is not { } said) return default;
        var calls = new OllamaCalls();
        calls.Add(said.Calls);
        return frame.Object(said.Text, said.Thought, calls, new(said.Finish, said.Usage, 0));
    }
}
