using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts Anthropic's messages, whose content is a list of blocks, into OpenAI's.</summary>
internal static class AnthropicMessages
{
    /// <summary>The system prompt, which stands beside the messages there and before them here.</summary>
    public static void WriteSystem(Utf8JsonWriter json, JsonElement root)
    {
        var text = root.Any("system") switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } words => Fields.Read(words, "system"),
            { ValueKind: JsonValueKind.Array } blocks => TextOf(blocks, "system"),
            _ => throw DialectFault.Wrong("system", "a string or an array of text blocks"),
        };
        if (string.IsNullOrEmpty(text)) return;
        json.WriteStartObject();
        json.WriteString("role"u8, "system"u8);
        json.WriteString("content"u8, text);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, JsonElement message, string path)
    {
        if (message.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
        var role = message.Text("role", $"{path}.role");
        var content = message.Any("content") ?? throw DialectFault.Missing($"{path}.content", "a string or an array of blocks");
        if (content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array)) throw DialectFault.Wrong($"{path}.content", "a string or an array of blocks");
        switch (role)
        {
            case "user" or "system": WriteUser(json, role, content, path); break;
            case "assistant": WriteAssistant(json, content, path); break;
            default: throw DialectFault.Wrong($"{path}.role", "user or assistant");
        }
    }

    /// <summary>Results of tools are messages of their own there, and stand right behind the calls.</summary>
    private static void WriteUser(Utf8JsonWriter json, string role, JsonElement content, string path)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            WriteText(json, role, Fields.Read(content, $"{path}.content"));
            return;
        }

        var others = new List<(JsonElement Block, string Path)>();
        foreach (var (block, at) in Blocks(content, path))
        {
            if (block.Text("type", $"{at}.type") != "tool_result")
            {
                others.Add((block, at));
                continue;
            }

            json.WriteStartObject();
            json.WriteString("role"u8, "tool"u8);
            json.WriteString("tool_call_id"u8, block.Text("tool_use_id", $"{at}.tool_use_id") ?? throw DialectFault.Missing($"{at}.tool_use_id", "the id of the call"));
            json.WriteString("content"u8, ResultOf(block, at, others));
            json.WriteEndObject();
        }

        if (others.Count == 0) return;
        if (others.TrueForAll(each => each.Block.Text("type", $"{each.Path}.type") == "text"))
        {
            WriteText(json, role, string.Join('\n', others.Select(each => each.Block.Text("text", $"{each.Path}.text"))));
            return;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteStartArray("content"u8);
        foreach (var (block, at) in others) WritePart(json, block, at);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <param name="others">Images, which a tool's message cannot hold, are said by the user after it.</param>
    private static string ResultOf(JsonElement block, string path, List<(JsonElement Block, string Path)> others)
    {
        switch (block.Any("content"))
        {
            case null: return "";
            case { ValueKind: JsonValueKind.String } words: return Fields.Read(words, $"{path}.content");
            case { ValueKind: JsonValueKind.Array } parts:
                var text = new StringBuilder();
                foreach (var (part, at) in Blocks(parts, path))
                {
                    if (part.Text("type", $"{at}.type") == "text") text.Append(text.Length > 0 ? "\n" : "").Append(part.Text("text", $"{at}.text"));
                    else others.Add((part, at));
                }

                return text.ToString();
            default: throw DialectFault.Wrong($"{path}.content", "a string or an array of blocks");
        }
    }

    private static void WriteAssistant(Utf8JsonWriter json, JsonElement content, string path)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            WriteText(json, "assistant", Fields.Read(content, $"{path}.content"));
            return;
        }

        StringBuilder text = new(), thoughts = new();
        var calls = new List<(JsonElement Block, string Path)>();
        foreach (var (block, at) in Blocks(content, path))
        {
            switch (block.Text("type", $"{at}.type"))
            {
                case "text": text.Append(block.Text("text", $"{at}.text")); break;
                case "thinking": thoughts.Append(block.Text("thinking", $"{at}.thinking")); break;
                case "redacted_thinking": break;
                case "tool_use": calls.Add((block, at)); break;
                case { } other: throw DialectFault.Beyond($"{at}.type", $"no engine here knows blocks of the type '{other}'");
                case null: throw DialectFault.Missing($"{at}.type", "the type of the block");
            }
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        if (text.Length > 0 || calls.Count == 0) json.WriteString("content"u8, text.ToString());
        else json.WriteNull("content"u8);
        if (thoughts.Length > 0) json.WriteString("reasoning_content"u8, thoughts.ToString());
        if (calls.Count > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var (call, at) in calls) WriteCall(json, call, at);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, JsonElement call, string path)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, call.Text("id", $"{path}.id") ?? throw DialectFault.Missing($"{path}.id", "the id of the call"));
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, call.Text("name", $"{path}.name") ?? throw DialectFault.Missing($"{path}.name", "the name of the tool"));
        json.WriteString("arguments"u8, call.Object("input", $"{path}.input") is { } input ? input.Raw() : "{}");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, JsonElement block, string path)
    {
        switch (block.Text("type", $"{path}.type"))
        {
            case "text":
                WriteTextPart(json, block.Text("text", $"{path}.text") ?? "");
                break;
            case "image":
                json.WriteStartObject();
                json.WriteString("type"u8, "image_url"u8);
                json.WriteStartObject("image_url"u8);
                json.WriteString("url"u8, AddressOf(block.Object("source", $"{path}.source") ?? throw DialectFault.Missing($"{path}.source", "where the image is"), $"{path}.source"));
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case "document" when block.Object("source", $"{path}.source") is { } source && source.Text("type", $"{path}.source.type") == "text":
                WriteTextPart(json, source.Text("data", $"{path}.source.data") ?? "");
                break;
            case { } other: throw DialectFault.Beyond($"{path}.type", $"no engine here can read a block of the type '{other}'; send its text");
            case null: throw DialectFault.Missing($"{path}.type", "the type of the block");
        }
    }

    private static string AddressOf(JsonElement source, string path) => source.Text("type", $"{path}.type") switch
    {
        "base64" => $"data:{source.Text("media_type", $"{path}.media_type") ?? throw DialectFault.Missing($"{path}.media_type", "the kind of image")};base64,{source.Text("data", $"{path}.data") ?? throw DialectFault.Missing($"{path}.data", "the image")}",
        "url" => source.Text("url", $"{path}.url") ?? throw DialectFault.Missing($"{path}.url", "where the image is"),
        _ => throw DialectFault.Wrong($"{path}.type", "base64 or url"),
    };

    private static string TextOf(JsonElement blocks, string path) => string.Join('\n', blocks.EnumerateArray().Select((block, at) =>
        block.ValueKind == JsonValueKind.Object && block.Text("type", $"{path}.{at}.type") == "text"
            ? block.Text("text", $"{path}.{at}.text")
            : throw DialectFault.Wrong($"{path}.{at}", "a text block")));

    private static IEnumerable<(JsonElement Block, string Path)> Blocks(JsonElement content, string path) => content.EnumerateArray().Select((block, at) =>
        block.ValueKind == JsonValueKind.Object ? (block, $"{path}.content.{at}") : throw DialectFault.Wrong($"{path}.content.{at}", "an object"));

    private static void WriteText(Utf8JsonWriter json, string role, string text)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteString("content"u8, text);
        json.WriteEndObject();
    }

    private static void WriteTextPart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }
}
