using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts the body of OpenAI's <c>/v1/responses</c> into that of its <c>/v1/chat/completions</c>, which engines know.</summary>
/// <remarks>As the public reference of the Responses API describes it, and as its own client libraries send it.</remarks>
internal static class ResponsesRequest
{
    /// <summary>What asks OpenAI to remember.</summary>
    private static readonly string[] s_remembered = ["previous_response_id", "conversation", "prompt"];

    /// <summary>What is carried over, or changes nothing where nothing is stored.</summary>
    private static readonly string[] s_known =
    [
        "model", "input", "instructions", "max_output_tokens", "stream", "stream_options", "temperature", "top_p", "tools", "tool_choice", "parallel_tool_calls", "text", "metadata", "store", "user",
        "background", "truncation", "previous_response_id", "conversation", "prompt",
    ];

    public static Translated Translate(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = Fields.Parse(body);
            var root = document.RootElement;
            return new Translated.Good(DialectJson.Object(json => Write(json, root)), [.. root.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).Select(member => member.Name).Except(s_known)]) { Echoes = ResponseFrame.Echoes(root) };
        }
        catch (DialectFault fault)
        {
            return new Translated.Bad(fault.Error);
        }
        catch (InvalidOperationException)
        {
            return new Translated.Bad(DialectFault.HalfCharacter().Error);
        }
    }

    private static void Write(Utf8JsonWriter json, JsonElement root)
    {
        foreach (var name in s_remembered)
            if (root.Any(name) is not null) throw DialectFault.Beyond(name, "helix keeps no answers; send the whole conversation in 'input'");
        if (root.Flag("background", "background") == true) throw DialectFault.Beyond("background", "helix keeps no answers that could be fetched later; leave it out");

        if (root.Text("model", "model") is { } model) json.WriteString("model"u8, model);
        json.WriteStartArray("messages"u8);
        if (root.Text("instructions", "instructions") is { Length: > 0 } instructions) ResponsesItems.WriteText(json, "system", instructions);
        ResponsesItems.Write(json, root);
        json.WriteEndArray();
        json.Copy(root, "max_output_tokens", "max_tokens");
        json.Copy(root, "temperature", "temperature");
        json.Copy(root, "top_p", "top_p");
        json.Copy(root, "user", "user");
        WriteTools(json, root);
        WriteFormat(json, root);
        if (root.Flag("stream", "stream") != true) return;
        json.WriteBoolean("stream"u8, true);
        json.WriteStartObject("stream_options"u8);
        json.WriteBoolean("include_usage"u8, true);
        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, JsonElement root)
    {
        var tools = root.Items("tools", "tools").ToArray();
        if (tools.Length > 0)
        {
            json.WriteStartArray("tools"u8);
            for (var at = 0; at < tools.Length; at++) WriteTool(json, tools[at], $"tools[{at}]");
            json.WriteEndArray();
            json.Copy(root, "parallel_tool_calls", "parallel_tool_calls");
        }

        switch (root.Any("tool_choice"))
        {
            case null: break;
            // without tools it says nothing, and engines refuse it
            case { ValueKind: JsonValueKind.String } word when tools.Length == 0 && Fields.Read(word, "tool_choice") is "auto" or "none": break;
            case { ValueKind: JsonValueKind.String } word: json.WriteString("tool_choice"u8, Fields.Read(word, "tool_choice")); break;
            case { ValueKind: JsonValueKind.Object } choice when choice.Text("type", "tool_choice.type") == "function":
                json.WriteStartObject("tool_choice"u8);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, choice.Text("name", "tool_choice.name") ?? throw DialectFault.Missing("tool_choice.name", "the name of a function"));
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            default: throw DialectFault.Wrong("tool_choice", "none, auto, required or a function");
        }
    }

    private static void WriteTool(Utf8JsonWriter json, JsonElement tool, string path)
    {
        if (tool.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
        if ((tool.Text("type", $"{path}.type") ?? throw DialectFault.Missing($"{path}.type", "the kind of tool")) is var type && type != "function") throw DialectFault.Beyond($"{path}.type", $"engines here know functions only, and no tools of the type '{type}'");
        json.WriteStartObject();
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, tool.Text("name", $"{path}.name") ?? throw DialectFault.Missing($"{path}.name", "the function's name"));
        if (tool.Text("description", $"{path}.description") is { } description) json.WriteString("description"u8, description);
        json.Copy(tool, "parameters", "parameters");
        json.Copy(tool, "strict", "strict");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFormat(Utf8JsonWriter json, JsonElement root)
    {
        if (root.Object("text", "text")?.Object("format", "text.format") is not { } format) return;
        switch (format.Text("type", "text.format.type"))
        {
            case "text": break;
            case "json_object":
                json.WriteStartObject("response_format"u8);
                json.WriteString("type"u8, "json_object"u8);
                json.WriteEndObject();
                break;
            case "json_schema":
                json.WriteStartObject("response_format"u8);
                json.WriteString("type"u8, "json_schema"u8);
                json.WriteStartObject("json_schema"u8);
                json.WriteString("name"u8, format.Text("name", "text.format.name") ?? "answer");
                json.Copy(format, "schema", "schema");
                json.Copy(format, "strict", "strict");
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            default: throw DialectFault.Wrong("text.format.type", "text, json_object or json_schema");
        }
    }
}
