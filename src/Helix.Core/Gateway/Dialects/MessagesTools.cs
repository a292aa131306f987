using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts OpenAI's functions, and which of them is to be called, into Anthropic's words.</summary>
internal static class MessagesTools
{
    public static void Write(Utf8JsonWriter json, JsonElement root)
    {
        var tools = root.Items("tools", "tools").ToArray();
        if (tools.Length > 0)
        {
            json.WriteStartArray("tools"u8);
            for (var at = 0; at < tools.Length; at++) WriteTool(json, tools[at], $"tools.{at}");
            json.WriteEndArray();
        }

        var (type, name) = ChoiceOf(root);
        var isSingle = root.Flag("parallel_tool_calls", "parallel_tool_calls") == false;
        if (tools.Length == 0)
        {
            // where there is nothing to choose from, that it may be chosen says nothing
            if (type is "any" or "tool") throw DialectFault.Missing("tools", "an array of tools, since 'tool_choice' asks for one of them");
            return;
        }

        if (type is null && !isSingle) return;
        json.WriteStartObject("tool_choice"u8);
        json.WriteString("type"u8, type ?? "auto");
        if (name is not null) json.WriteString("name"u8, name);
        if (isSingle && type != "none") json.WriteBoolean("disable_parallel_tool_use"u8, true);
        json.WriteEndObject();
    }

    private static void WriteTool(Utf8JsonWriter json, JsonElement tool, string path)
    {
        if (tool.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
        if (tool.Text("type", $"{path}.type") is { } type and not "function") throw DialectFault.Beyond($"{path}.type", $"Anthropic's API knows functions, and no tools of the type '{type}'");
        var function = tool.Object("function", $"{path}.function") ?? throw DialectFault.Missing($"{path}.function", "the function");
        json.WriteStartObject();
        json.WriteString("name"u8, function.Text("name", $"{path}.function.name") ?? throw DialectFault.Missing($"{path}.function.name", "the function's name"));
        if (function.Text("description", $"{path}.function.description") is { } description) json.WriteString("description"u8, description);
        json.WriteStartObject("input_schema"u8);
        var schema = function.Object("parameters", $"{path}.function.parameters");
        // there a schema has to say that it is one of an object
        if (schema?.Any("type") is null) json.WriteString("type"u8, "object"u8);
        if (schema is { } parameters)
        {
            foreach (var member in parameters.EnumerateObject())
                if (member.Value.ValueKind != JsonValueKind.Null || member.Name != "type") member.WriteTo(json);
        }

        json.WriteEndObject();
        if (function.Flag("strict", $"{path}.function.strict") == true) json.WriteBoolean("strict"u8, true);
        json.Copy(tool, "cache_control", "cache_control");
        json.WriteEndObject();
    }

    /// <returns>Anthropic's type of choice, null where nothing is said; and the tool's name where one is named.</returns>
    private static (string? Type, string? Name) ChoiceOf(JsonElement root)
    {
        switch (root.Any("tool_choice"))
        {
            case null: return (null, null);
            case { ValueKind: JsonValueKind.String } word:
                return (Fields.Read(word, "tool_choice") switch
                {
                    "auto" => "auto",
                    "none" => "none",
                    "required" => "any",
                    _ => throw DialectFault.Wrong("tool_choice", "none, auto, required or a function"),
                }, null);
            case { ValueKind: JsonValueKind.Object } choice when choice.Text("type", "tool_choice.type") == "function":
                return ("tool", choice.Object("function", "tool_choice.function")?.Text("name", "tool_choice.function.name") ?? throw DialectFault.Missing("tool_choice.function.name", "the name of a function"));
            default: throw DialectFault.Wrong("tool_choice", "none, auto, required or a function");
        }
    }
}
