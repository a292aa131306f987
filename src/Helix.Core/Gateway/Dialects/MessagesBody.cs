using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Hears a whole message of Anthropic's.</summary>
/// <param name="created">Of the answer in OpenAI's words; null where the message is told on byte by byte.</param>
internal sealed class MessagesBody(DateTimeOffset? created) : MessagesAnswer
{
    /// <summary>An answer longer than this is not believed, in bytes.</summary>
    private const int Most = 64 << 20;

    private readonly MemoryStream _message = new();

    public override ReadOnlyMemory<byte> Push(ReadOnlyMemory<byte> piece, bool isLast)
    {
        HasBegun = true;
        if (_message.Length + piece.Length > Most) Failure = MessagesWords.Error("The cloud's answer does not come to an end.", "upstream_error");
        else _message.Write(piece.Span);
        return isLast && Failure is null ? Whole(_message.ToArray()) : default;
    }

    public override UpstreamHead HeadOf(UpstreamHead head, int length) => head with { Framing = BodyFraming.Length, Length = length };

    private ReadOnlyMemory<byte> Whole(byte[] message)
    {
        try
        {
            using var document = JsonDocument.Parse(message);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.Any("error") is null)
            {
                Figures.Hear(root);
                var told = created is { } moment ? Completion(root, moment, Usage) : message;
                IsWhole = true;
                return told;
            }

            Failure = root.ValueKind == JsonValueKind.Object ? message : NoAnswer();
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // cut short; or half of a character stands in a name
            Failure = NoAnswer();
        }

        return default;
    }

    private static byte[] NoAnswer() => MessagesWords.Error("The cloud's answer is not whole, or no JSON object.", "upstream_error");

    private static byte[] Completion(JsonElement message, DateTimeOffset created, TokenUsage? usage)
    {
        StringBuilder text = new(), thought = new();
        List<JsonElement> calls = [];
        if (message.Any("content") is { ValueKind: JsonValueKind.Array } blocks)
        {
            foreach (var block in blocks.EnumerateArray())
            {
                switch (MessagesWords.Text(block, "type"))
                {
                    case "text": text.Append(MessagesWords.Text(block, "text")); break;
                    case "thinking": thought.Append(MessagesWords.Text(block, "thinking")); break;
                    case "tool_use": calls.Add(block); break;
                }
            }
        }

        return DialectJson.Object(json =>
        {
            json.WriteString("id"u8, MessagesWords.Text(message, "id") ?? "");
            json.WriteString("object"u8, "chat.completion"u8);
            json.WriteNumber("created"u8, created.ToUnixTimeSeconds());
            json.WriteString("model"u8, MessagesWords.Text(message, "model") ?? "");
            json.WriteStartArray("choices"u8);
            json.WriteStartObject();
            json.WriteNumber("index"u8, 0);
            json.WriteStartObject("message"u8);
            json.WriteString("role"u8, "assistant"u8);
            if (text.Length > 0 || calls.Count == 0) json.WriteString("content"u8, text.ToString());
            else json.WriteNull("content"u8);
            if (thought.Length > 0) json.WriteString("reasoning_content"u8, thought.ToString());
            if (calls.Count > 0)
            {
                json.WriteStartArray("tool_calls"u8);
                foreach (var call in calls) Write(json, call);
                json.WriteEndArray();
            }

            json.WriteEndObject();
            json.WriteString("finish_reason"u8, MessagesWords.Finish(message) ?? "stop");
            json.WriteEndObject();
            json.WriteEndArray();
            if (usage is { } told) MessagesWords.WriteUsage(json, told);
        });
    }

    private static void Write(Utf8JsonWriter json, JsonElement call)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, MessagesWords.Text(call, "id") ?? "");
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, MessagesWords.Text(call, "name") ?? "");
        json.WriteString("arguments"u8, call.Any("input") is { } input ? LooseText.Json(input) : "{}");
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
