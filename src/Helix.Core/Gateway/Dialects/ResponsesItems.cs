using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts the input of a response, which is a text or a list of items, into messages. What an assistant thought, said and called are items there and one message here.</summary>
internal static class ResponsesItems
{
    /// <summary>What an assistant did between two items of somebody else.</summary>
    private sealed class Turn
    {
        public StringBuilder Thought { get; } = new();

        public StringBuilder Text { get; } = new();

        public List<(string Id, string Name, string Arguments)> Calls { get; } = [];

        public bool IsEmpty => Thought.Length == 0 && Text.Length == 0 && Calls.Count == 0;
    }

    public static void Write(Utf8JsonWriter json, JsonElement root)
    {
        switch (root.Any("input"))
        {
            case null: throw DialectFault.Missing("input", "a text or an array of items");
            case { ValueKind: JsonValueKind.String } text: WriteText(json, "user", Fields.Read(text, "input")); break;
            case { ValueKind: JsonValueKind.Array } items: WriteAll(json, items); break;
            default: throw DialectFault.Wrong("input", "a text or an array of items");
        }
    }

    public static void WriteText(Utf8JsonWriter json, string role, string text)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteString("content"u8, text);
        json.WriteEndObject();
    }

    private static void WriteAll(Utf8JsonWriter json, JsonElement items)
    {
        var (turn, number) = (new Turn(), 0);
        foreach (var item in items.EnumerateArray())
        {
            var path = $"input[{number++}]";
            if (item.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
            if (Take(turn, item, path)) continue;
            turn = Flushed(json, turn);
            if (item.Text("type", $"{path}.type") == "function_call_output") WriteResult(json, item, path);
            else WriteMessage(json, item, path);
        }

        Flushed(json, turn);
    }

    /// <returns>Whether it belongs to what the assistant does.</returns>
    private static bool Take(Turn turn, JsonElement item, string path)
    {
        switch (item.Text("type", $"{path}.type"))
        {
            case null or "message":
                if (item.Text("role", $"{path}.role") != "assistant") return false;
                turn.Text.Append(turn.Text.Length > 0 ? "\n\n" : "").Append(TextOf(item, path));
                return true;
            case "reasoning":
                foreach (var part in item.Items("content", $"{path}.content")) turn.Thought.Append(part.Text("text", $"{path}.content.text"));
                return true;
            case "function_call":
                turn.Calls.Add((
                    item.Text("call_id", $"{path}.call_id") ?? throw DialectFault.Missing($"{path}.call_id", "the id of the call"),
                    item.Text("name", $"{path}.name") ?? throw DialectFault.Missing($"{path}.name", "the name of the function"),
                    item.Text("arguments", $"{path}.arguments") ?? "{}"));
                return true;
            case "function_call_output": return false;
            case { } other: throw DialectFault.Beyond($"{path}.type", $"no engine here knows items of the type '{other}'");
        }
    }

    private static Turn Flushed(Utf8JsonWriter json, Turn turn)
    {
        if (turn.IsEmpty) return turn;
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        if (turn.Text.Length > 0 || turn.Calls.Count == 0) json.WriteString("content"u8, turn.Text.ToString());
        else json.WriteNull("content"u8);
        if (turn.Thought.Length > 0) json.WriteString("reasoning_content"u8, turn.Thought.ToString());
        if (turn.Calls.Count > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var (id, name, arguments) in turn.Calls)
            {
                json.WriteStartObject();
                json.WriteString("id"u8, id);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, name);
                json.WriteString("arguments"u8, arguments);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        return new Turn();
    }

    private static void WriteResult(Utf8JsonWriter json, JsonElement item, string path)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "tool"u8);
        json.WriteString("tool_call_id"u8, item.Text("call_id", $"{path}.call_id") ?? throw DialectFault.Missing($"{path}.call_id", "the id of the call"));
        json.WriteString("content"u8, item.Any("output") switch
        {
            null => "",
            { ValueKind: JsonValueKind.String } text => Fields.Read(text, $"{path}.output"),
            { ValueKind: JsonValueKind.Array } parts => PartsOf(parts, $"{path}.output"),
            _ => throw DialectFault.Wrong($"{path}.output", "a text or an array of texts"),
        });
        json.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter json, JsonElement item, string path)
    {
        var role = item.Text("role", $"{path}.role") switch
        {
            "user" => "user",
            // engines' templates know the older word
            "system" or "developer" => "system",
            _ => throw DialectFault.Wrong($"{path}.role", "user, system, developer or assistant"),
        };
        if (item.Any("content") is { ValueKind: JsonValueKind.Array } parts && parts.EnumerateArray().Any(part => part.Any("type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals("input_image"u8)))
        {
            json.WriteStartObject();
            json.WriteString("role"u8, role);
            json.WriteStartArray("content"u8);
            var number = 0;
            foreach (var part in parts.EnumerateArray()) WritePart(json, part, $"{path}.content[{number++}]");
            json.WriteEndArray();
            json.WriteEndObject();
        }
        else WriteText(json, role, TextOf(item, path));
    }

    private static void WritePart(Utf8JsonWriter json, JsonElement part, string path)
    {
        json.WriteStartObject();
        if (part.Text("type", $"{path}.type") == "input_image")
        {
            json.WriteString("type"u8, "image_url"u8);
            json.WriteStartObject("image_url"u8);
            json.WriteString("url"u8, part.Text("image_url", $"{path}.image_url") ?? throw DialectFault.Beyond(path, "helix keeps no files; send the image as a data: URL in 'image_url'"));
            if (part.Text("detail", $"{path}.detail") is { } detail) json.WriteString("detail"u8, detail);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, TextOfPart(part, path));
        }

        json.WriteEndObject();
    }

    private static string TextOf(JsonElement item, string path) => item.Any("content") switch
    {
        null => throw DialectFault.Missing($"{path}.content", "a text or an array of parts"),
        { ValueKind: JsonValueKind.String } text => Fields.Read(text, $"{path}.content"),
        { ValueKind: JsonValueKind.Array } parts => PartsOf(parts, $"{path}.content"),
        _ => throw DialectFault.Wrong($"{path}.content", "a text or an array of parts"),
    };

    private static string PartsOf(JsonElement parts, string path) => string.Concat(parts.EnumerateArray().Select((part, at) => TextOfPart(part, $"{path}[{at}]")));

    private static string TextOfPart(JsonElement part, string path)
    {
        if (part.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
        return part.Text("type", $"{path}.type") switch
        {
            "input_text" or "output_text" or "text" => part.Text("text", $"{path}.text") ?? throw DialectFault.Missing($"{path}.text", "the text"),
            "refusal" => part.Text("refusal", $"{path}.refusal") ?? "",
            { } other => throw DialectFault.Beyond($"{path}.type", $"no engine here can read a part of the type '{other}'; send its text"),
            null => throw DialectFault.Missing($"{path}.type", "the type of the part"),
        };
    }
}
