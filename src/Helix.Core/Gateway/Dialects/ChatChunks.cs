using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts the events of Anthropic's stream into OpenAI's chunks.</summary>
/// <param name="created">Of the answer.</param>
/// <param name="tellsUsage">Its client wants to be told what it took.</param>
internal sealed class ChatChunks(DateTimeOffset created, bool tellsUsage)
{
    /// <summary>A call of a tool.</summary>
    /// <param name="number">Among the calls of the answer.</param>
    /// <param name="input">What was told of its arguments where it began; null for nothing.</param>
    private sealed class Call(int number, string? input)
    {
        public int Number => number;

        public string? Input => input;

        /// <summary>A piece of its arguments was told.</summary>
        public bool IsArgued { get; set; }
    }

    private readonly MemoryStream _out = new();

    /// <summary>By the numbers of their blocks.</summary>
    private readonly Dictionary<int, Call> _calls = [];
    private string _id = "";
    private string _model = "";
    private string? _finish;
    private int _made;

    /// <returns>The chunks that were not taken yet.</returns>
    public ReadOnlyMemory<byte> Taken()
    {
        var bytes = _out.ToArray();
        _out.SetLength(0);
        return bytes;
    }

    /// <param name="type">Of the event.</param>
    /// <param name="usage">What the answer took so far, as far as it was told.</param>
    public void Take(string type, JsonElement root, TokenUsage? usage)
    {
        switch (type)
        {
            case "message_start":
                Begin(root.Any("message") ?? default);
                break;
            case "content_block_start":
                Open(NumberOf(root), root.Any("content_block") ?? default);
                break;
            case "content_block_delta":
                Say(NumberOf(root), root.Any("delta") ?? default);
                break;
            case "content_block_stop":
                Close(NumberOf(root));
                break;
            case "message_delta":
                _finish = MessagesWords.Finish(root.Any("delta") ?? default) ?? _finish;
                break;
            case "message_stop":
                End(usage);
                break;
        }
    }

    private static int NumberOf(JsonElement root) => root.Any("index") is { ValueKind: JsonValueKind.Number } index && index.TryGetInt32(out var number) ? number : 0;

    private void Begin(JsonElement message)
    {
        (_id, _model) = (MessagesWords.Text(message, "id") ?? "", MessagesWords.Text(message, "model") ?? "");
        Chunk(static json =>
        {
            json.WriteString("role"u8, "assistant"u8);
            json.WriteString("content"u8, ""u8);
        });
    }

    private void Open(int block, JsonElement content)
    {
        switch (MessagesWords.Text(content, "type"))
        {
            case "text":
                Say("content", MessagesWords.Text(content, "text"));
                break;
            case "thinking":
                Say("reasoning_content", MessagesWords.Text(content, "thinking"));
                break;
            case "tool_use":
                // Anthropic begins each with an empty object; others may tell all of it here
                var input = content.Any("input") is { ValueKind: JsonValueKind.Object } its && its.EnumerateObject().Any() ? LooseText.Json(its) : null;
                var call = _calls[block] = new(_made++, input);
                var (id, name) = (MessagesWords.Text(content, "id") ?? "", MessagesWords.Text(content, "name") ?? "");
                Argue(call, "", json =>
                {
                    json.WriteString("id"u8, id);
                    json.WriteString("type"u8, "function"u8);
                }, name);
                break;
        }
    }

    private void Say(int block, JsonElement delta)
    {
        switch (MessagesWords.Text(delta, "type"))
        {
            case "text_delta":
                Say("content", MessagesWords.Text(delta, "text"));
                break;
            case "thinking_delta":
                Say("reasoning_content", MessagesWords.Text(delta, "thinking"));
                break;
            case "input_json_delta" when _calls.TryGetValue(block, out var call) && MessagesWords.Text(delta, "partial_json") is { Length: > 0 } arguments:
                call.IsArgued = true;
                Argue(call, arguments);
                break;
        }
    }

    private void Close(int block)
    {
        // a tool without parameters is called with nothing, which no client takes for JSON
        if (_calls.Remove(block, out var call) && !call.IsArgued) Argue(call, call.Input ?? "{}");
    }

    private void End(TokenUsage? usage)
    {
        // whoever speaks these words without being Anthropic may not close them
        foreach (var block in _calls.Keys.Order().ToArray()) Close(block);
        Chunk(static _ => { }, _finish ?? "stop");
        if (tellsUsage && usage is { } told)
        {
            Write(json =>
            {
                json.WriteStartArray("choices"u8);
                json.WriteEndArray();
                MessagesWords.WriteUsage(json, told);
            });
        }

        _out.Write(SseEvents.Done);
        _out.Write("\n\n"u8);
    }

    private void Say(string member, string? words)
    {
        if (!string.IsNullOrEmpty(words)) Chunk(json => json.WriteString(member, words));
    }

    /// <param name="head">Writes what only the first piece of a call has; null for any other.</param>
    private void Argue(Call call, string arguments, Action<Utf8JsonWriter>? head = null, string? name = null) => Chunk(json =>
    {
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, call.Number);
        head?.Invoke(json);
        json.WriteStartObject("function"u8);
        if (name is not null) json.WriteString("name"u8, name);
        json.WriteString("arguments"u8, arguments);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private void Chunk(Action<Utf8JsonWriter> delta, string? finish = null) => Write(json =>
    {
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        json.WriteStartObject("delta"u8);
        delta(json);
        json.WriteEndObject();
        json.WriteString("finish_reason"u8, finish);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private void Write(Action<Utf8JsonWriter> rest)
    {
        _out.Write("data: "u8);
        _out.Write(DialectJson.Object(json =>
        {
            json.WriteString("id"u8, _id);
            json.WriteString("object"u8, "chat.completion.chunk"u8);
            json.WriteNumber("created"u8, created.ToUnixTimeSeconds());
            json.WriteString("model"u8, _model);
            rest(json);
        }));
        _out.Write("\n\n"u8);
    }
}
