using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts a whole answer in OpenAI's words into Anthropic's.</summary>
/// <param name="id">Of the message.</param>
/// <param name="model">As the client named it.</param>
internal sealed class AnthropicWhole(string id, string model) : WholeTranslation
{
    protected override ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> answer)
    {
        if (Read(answer) is not { } said) return default;
        var numbers = new CallNumbers();
        return DialectJson.Object(json =>
        {
            json.WriteString("id"u8, id);
            json.WriteString("type"u8, "message"u8);
            json.WriteString("role"u8, "assistant"u8);
            json.WriteString("model"u8, model);
            json.WriteStartArray("content"u8);
            if (!string.IsNullOrEmpty(said.Thought)) Write(json, "thinking", "thinking", said.Thought);
            if (!string.IsNullOrEmpty(said.Text)) Write(json, "text", "text", said.Text);
            foreach (var call in said.Calls) Write(json, call, $"toolu_{id}_{numbers.Of(call)}");
            json.WriteEndArray();
            json.WriteString("stop_reason"u8, AnthropicWords.StopReason(said.Finish, said.StopWord, said.Calls.Length > 0));
            json.WriteString("stop_sequence"u8, said.Calls.Length > 0 ? null : said.StopWord);
            AnthropicWords.WriteUsage(json, said.Usage);
        });
    }

    private static void Write(Utf8JsonWriter json, string type, string member, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteString(member, text);
        if (type == "thinking") json.WriteString("signature"u8, ""u8);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CallPiece call, string made)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_use"u8);
        json.WriteString("id"u8, string.IsNullOrEmpty(call.Id) ? made : call.Id);
        json.WriteString("name"u8, call.Name ?? "");
        json.WritePropertyName("input"u8);
        DialectJson.WriteArguments(json, call.Arguments);
        json.WriteEndObject();
    }
}
