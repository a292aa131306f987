using System.Text;
using System.Text.Json;
using Helix.Engine;

namespace Helix.EngineHost;

/// <summary>Body of <c>POST /v1/chat/completions</c>, known to be good.</summary>
internal sealed record ChatRequest(IReadOnlyList<ChatMessage> Messages, AnswerWish Wish)
{
    /// <summary>What the answer begins with, and is to be gone on from; null where it begins itself.</summary>
    public string? Begun { get; init; }

    public static ChatRequest Read(JsonElement body, List<Refusal> faults)
    {
        var fields = new RequestFields(body, "", faults);
        var messages = new List<ChatMessage>();
        if (fields.Array("messages") is { } list)
        {
            if (list.GetArrayLength() == 0)
                fields.Fault("messages", "invalid_value", "must hold at least one message");
            foreach (var (index, message) in list.EnumerateArray().Index().TakeWhile(_ => faults.Count < Refusal.Most))
                ReadMessage(message, $"messages[{index}]", faults, messages);
        }
        else if (fields.Any("messages") is null)
        {
            fields.Missing("messages", "the conversation so far, an array of {role, content}");
        }

        var begun = ReadBegun(fields, faults, messages);
        var wish = AnswerWish.Read(fields, chat: true);
        if (begun is not null && wish.Sampling.JsonOnly)
            fields.Fault("continue_final_message", "invalid_value", "does not go with `response_format` `json_object`: what was begun was not held to it");
        fields.RefuseOthers(AnswerWish.Harmless);
        return new ChatRequest(messages, wish) { Begun = begun };
    }

    /// <summary>As vLLM and llama-server name it: the last message, the assistant's, is the beginning of the answer. It is taken out of the messages.</summary>
    private static string? ReadBegun(RequestFields fields, List<Refusal> faults, List<ChatMessage> messages)
    {
        var opens = fields.Flag("add_generation_prompt");
        if (fields.Flag("continue_final_message") != true)
        {
            if (opens == false)
                fields.Fault("add_generation_prompt", "invalid_value", "must not be false, unless `continue_final_message` is true: an answer has to begin somewhere");
            return null;
        }

        if (opens == true)
            fields.Fault("add_generation_prompt", "invalid_value", "contradicts `continue_final_message`: an answer begins, or it goes on. Send it as false, or not at all");
        if (faults.Count > 0)
            return null;
        if (messages is not [_, .., { Role: "assistant" } last])
        {
            fields.Fault("continue_final_message", "invalid_value", "needs at least two messages, of which the last one is the assistant's");
            return null;
        }

        messages.RemoveAt(messages.Count - 1);
        return last.Content;
    }

    private static void ReadMessage(JsonElement json, string path, List<Refusal> faults, List<ChatMessage> messages)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            faults.Add(Refusal.Invalid("invalid_type", path, $"`{path}` must be an object, not {RequestFields.Words(json)}."));
            return;
        }

        var fields = new RequestFields(json, path, faults);
        var role = ReadRole(fields);
        var content = ReadContent(fields, path, faults, mayBeAbsent: role == "assistant");
        fields.RefuseOthers("name", "reasoning_content", "refusal", "annotations");
        if (role is not null && content is not null)
            messages.Add(new ChatMessage(role, content));
    }

    private static string? ReadRole(RequestFields fields)
    {
        if (fields.Any("role") is null)
        {
            fields.Missing("role", "system, user or assistant");
            return null;
        }

        switch (fields.Text("role"))
        {
            case "system" or "developer": return "system";
            case "user": return "user";
            case "assistant": return "assistant";
            case "tool" or "function": fields.Fault("role", "unsupported_parameter", Beyond.Refuse("a tool's result")); return null;
            case { } other: fields.Fault("role", "invalid_value", $"must be system, user or assistant, not '{other}'"); return null;
            case null: return null;
        }
    }

    private static string? ReadContent(RequestFields fields, string path, List<Refusal> faults, bool mayBeAbsent)
    {
        switch (fields.Any("content"))
        {
            case null when mayBeAbsent: return "";
            case null: fields.Missing("content", "the message's text"); return null;
            case { ValueKind: JsonValueKind.String } text: return fields.TextOf(text, "content");
            case { ValueKind: JsonValueKind.Array } parts: return ReadParts(parts, path, faults);
            case { } other: fields.Fault("content", "invalid_type", $"must be a string or an array of text parts, not {RequestFields.Words(other)}"); return null;
        }
    }

    private static string ReadParts(JsonElement parts, string path, List<Refusal> faults)
    {
        var text = new StringBuilder();
        foreach (var (index, part) in parts.EnumerateArray().Index().TakeWhile(_ => faults.Count < Refusal.Most))
        {
            var fields = new RequestFields(part, $"{path}.content[{index}]", faults);
            if (part.ValueKind != JsonValueKind.Object || fields.Any("type") is not { ValueKind: JsonValueKind.String } type)
                fields.Fault("type", "invalid_value", "must be `text`");
            else if (fields.TextOf(type, "type") is not { } kind)
                continue;
            else if (kind != "text")
                fields.Fault("type", "unsupported_parameter", Beyond.Refuse($"content of type `{kind}`"));
            else if (fields.Text("text") is { } piece)
                text.Append(piece);
            else if (fields.Any("text") is null)
                fields.Missing("text", "the part's text");
        }

        return text.ToString();
    }
}
