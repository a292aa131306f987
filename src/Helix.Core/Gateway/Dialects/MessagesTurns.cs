using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>
/// Puts OpenAI's messages into Anthropic's, whose content is a list of blocks. What a system says stands before them there, and what tools answered is said by
/// the user: messages that one side says in a row become one.
/// </summary>
internal static class MessagesTurns
{
    /// <summary>Writes <c>system</c> and <c>messages</c>.</summary>
    /// <param name="dropped">Gets the names of what was left out.</param>
    public static void Write(Utf8JsonWriter json, JsonElement root, List<string> dropped)
    {
        if (root.Any("messages") is null) throw DialectFault.Missing("messages", "an array of messages");
        (JsonElement Message, string Role, string Path)[] messages = [.. root.Items("messages", "messages").Select((message, at) => (message, RoleOf(message, $"messages.{at}"), $"messages.{at}"))];
        WriteSystem(json, messages);
        json.WriteStartArray("messages"u8);
        var turns = new Turns(json);
        foreach (var (message, role, path) in messages)
        {
            if (message.Any("name") is not null) Note(dropped, "messages.name");
            switch (role)
            {
                case "user": WriteContent(turns, message, "user", path, dropped); break;
                case "tool": WriteResult(turns, message, path); break;
                case "assistant":
                    if (message.Any("reasoning_content") is not null || message.Any("reasoning") is not null) Note(dropped, "messages.reasoning_content");
                    WriteAssistant(turns, message, path, dropped);
                    break;
            }
        }

        turns.End();
        json.WriteEndArray();
    }

    public static void Note(List<string> dropped, string name)
    {
        if (!dropped.Contains(name)) dropped.Add(name);
    }

    /// <summary>A turn is begun with its first block: there is none without any.</summary>
    private sealed class Turns(Utf8JsonWriter json)
    {
        private string? _role;

        public Utf8JsonWriter Of(string role)
        {
            if (_role == role) return json;
            End();
            _role = role;
            json.WriteStartObject();
            json.WriteString("role"u8, role);
            json.WriteStartArray("content"u8);
            return json;
        }

        public void End()
        {
            if (_role is null) return;
            json.WriteEndArray();
            json.WriteEndObject();
            _role = null;
        }
    }

    private static string RoleOf(JsonElement message, string path)
    {
        if (message.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
        return message.Text("role", $"{path}.role") switch
        {
            "system" or "developer" => "system",
            "user" => "user",
            "assistant" => "assistant",
            "tool" => "tool",
            "function" => throw DialectFault.Beyond($"{path}.role", "Anthropic's API has results of tools only; say 'tool', with the call's id"),
            _ => throw DialectFault.Wrong($"{path}.role", "system, developer, user, assistant or tool"),
        };
    }

    private static void WriteSystem(Utf8JsonWriter json, (JsonElement Message, string Role, string Path)[] messages)
    {
        (string Text, JsonElement Part)[] texts = [.. messages.Where(each => each.Role == "system").SelectMany(each => Texts(each.Message, each.Path))];
        if (texts.Length == 0) return;
        json.WriteStartArray("system"u8);
        foreach (var (text, part) in texts) WriteText(json, text, part);
        json.WriteEndArray();
    }

    private static void WriteContent(Turns turns, JsonElement message, string role, string path, List<string> dropped)
    {
        if (message.Any("content") is not { ValueKind: JsonValueKind.Array } parts)
        {
            foreach (var (text, part) in Texts(message, path)) WriteText(turns.Of(role), text, part);
            return;
        }

        var number = 0;
        foreach (var part in parts.EnumerateArray())
        {
            var at = $"{path}.content.{number++}";
            if (TypeOf(part, at) == "image_url" && role == "user") WriteImage(turns.Of(role), part, at, dropped);
            else if (TextOf(part, at) is var text && !string.IsNullOrWhiteSpace(text)) WriteText(turns.Of(role), text, part);
        }
    }

    private static void WriteAssistant(Turns turns, JsonElement message, string path, List<string> dropped)
    {
        if (message.Any("function_call") is not null) throw DialectFault.Beyond($"{path}.function_call", "Anthropic's API has calls of tools only; say it in 'tool_calls'");
        WriteContent(turns, message, "assistant", path, dropped);
        if (message.Text("refusal", $"{path}.refusal") is { } refusal && !string.IsNullOrWhiteSpace(refusal)) WriteText(turns.Of("assistant"), refusal, default);
        var number = 0;
        foreach (var call in message.Items("tool_calls", $"{path}.tool_calls")) WriteCall(turns.Of("assistant"), call, $"{path}.tool_calls.{number++}");
    }

    private static void WriteCall(Utf8JsonWriter json, JsonElement call, string path)
    {
        if (call.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
        var function = call.Object("function", $"{path}.function") ?? throw DialectFault.Missing($"{path}.function", "the function that was called");
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_use"u8);
        json.WriteString("id"u8, IdOf(call, "id", path));
        json.WriteString("name"u8, function.Text("name", $"{path}.function.name") ?? throw DialectFault.Missing($"{path}.function.name", "the name of the function"));
        json.WritePropertyName("input"u8);
        DialectJson.WriteArguments(json, function.Text("arguments", $"{path}.function.arguments") ?? "");
        json.WriteEndObject();
    }

    private static void WriteResult(Turns turns, JsonElement message, string path)
    {
        var json = turns.Of("user");
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_result"u8);
        json.WriteString("tool_use_id"u8, IdOf(message, "tool_call_id", path));
        (string Text, JsonElement Part)[] texts = [.. Texts(message, path)];
        if (texts.Length > 0)
        {
            json.WriteStartArray("content"u8);
            foreach (var (text, part) in texts) WriteText(json, text, part);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Of a call. That API takes plain letters, digits, _ and - in it; some engines write others.</summary>
    private static string IdOf(JsonElement holder, string name, string path)
    {
        var id = holder.Text(name, $"{path}.{name}") ?? throw DialectFault.Missing($"{path}.{name}", "the id of the call");
        return string.Concat(id.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-' ? letter : '_'));
    }

    /// <summary>The texts of a message that holds nothing else; one of nothing but spaces is none, for that API refuses it.</summary>
    /// <returns>Each with the part that it stands in, which may ask for its being cached.</returns>
    private static IEnumerable<(string Text, JsonElement Part)> Texts(JsonElement message, string path)
    {
        switch (message.Any("content"))
        {
            case null: break;
            case { ValueKind: JsonValueKind.String } words:
                if (Fields.Read(words, $"{path}.content") is var whole && !string.IsNullOrWhiteSpace(whole)) yield return (whole, default);
                break;
            case { ValueKind: JsonValueKind.Array } parts:
                var number = 0;
                foreach (var part in parts.EnumerateArray())
                    if (TextOf(part, $"{path}.content.{number++}") is var text && !string.IsNullOrWhiteSpace(text)) yield return (text, part);
                break;
            default: throw DialectFault.Wrong($"{path}.content", "a text or an array of parts");
        }
    }

    private static string TypeOf(JsonElement part, string path)
    {
        if (part.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
        return part.Text("type", $"{path}.type") ?? throw DialectFault.Missing($"{path}.type", "the type of the part");
    }

    private static string TextOf(JsonElement part, string path) => TypeOf(part, path) switch
    {
        "text" => part.Text("text", $"{path}.text") ?? "",
        "refusal" => part.Text("refusal", $"{path}.refusal") ?? "",
        var other => throw DialectFault.Beyond($"{path}.type", $"a part of the type '{other}' cannot be said here in Anthropic's API; send its text"),
    };

    /// <param name="part">That the text stands in; undefined where it stands alone.</param>
    private static void WriteText(Utf8JsonWriter json, string text, JsonElement part)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.Copy(part, "cache_control", "cache_control");
        json.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter json, JsonElement part, string path, List<string> dropped)
    {
        const string mark = ";base64,";
        var address = part.Any("image_url") switch
        {
            { ValueKind: JsonValueKind.String } text => Fields.Read(text, $"{path}.image_url"),
            { ValueKind: JsonValueKind.Object } holder => holder.Text("url", $"{path}.image_url.url"),
            _ => null,
        } ?? throw DialectFault.Missing($"{path}.image_url.url", "where the image is");
        if (part.Any("image_url")?.Any("detail") is not null) Note(dropped, "messages.image_url.detail");
        json.WriteStartObject();
        json.WriteString("type"u8, "image"u8);
        json.WriteStartObject("source"u8);
        if (address.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            var cut = address.IndexOf(mark, StringComparison.OrdinalIgnoreCase);
            if (cut < 0) throw DialectFault.Wrong($"{path}.image_url.url", "an address, or a data: URL in base64");
            json.WriteString("type"u8, "base64"u8);
            json.WriteString("media_type"u8, address["data:".Length..cut]);
            json.WriteString("data"u8, address[(cut + mark.Length)..]);
        }
        else
        {
            json.WriteString("type"u8, "url"u8);
            json.WriteString("url"u8, address);
        }

        json.WriteEndObject();
        json.Copy(part, "cache_control", "cache_control");
        json.WriteEndObject();
    }
}
