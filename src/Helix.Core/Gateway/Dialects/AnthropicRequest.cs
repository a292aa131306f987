using System.Text.Json;
using Helix.Core.Tuning;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts the body of Anthropic's <c>/v1/messages</c> into that of OpenAI's <c>/v1/chat/completions</c>.</summary>
/// <remarks>As the public reference of the Messages API describes it, and as its own client libraries send it.</remarks>
internal static class AnthropicRequest
{
    /// <summary>What asks for a service that only Anthropic has.</summary>
    private static readonly string[] s_beyond = ["container", "mcp_servers"];

    /// <summary>What is carried over, beside what is known to change nothing here.</summary>
    private static readonly string[] s_known =
        ["model", "messages", "system", "max_tokens", "stop_sequences", "stream", "temperature", "top_p", "top_k", "tools", "tool_choice", "metadata", "output_config", "output_format"];

    /// <param name="countOnly">The answer is of no interest, only how long the prompt is.</param>
    /// <param name="contextOf">Tokens of context of the model of this name; 0 where nobody knows.</param>
    public static Translated Translate(ReadOnlyMemory<byte> body, bool countOnly = false, Func<string?, int>? contextOf = null)
    {
        try
        {
            using var document = Fields.Parse(body);
            var root = document.RootElement;
            return new Translated.Good(DialectJson.Object(json => Write(json, root, body.Length, countOnly, contextOf)), [.. root.EnumerateObject().Select(member => member.Name).Except(s_known)]);
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

    private static void Write(Utf8JsonWriter json, JsonElement root, int length, bool countOnly, Func<string?, int>? contextOf)
    {
        foreach (var name in s_beyond)
            if (root.Any(name) is { } value && value.ToString() is not ("" or "[]"))
                throw DialectFault.Beyond(name, "no engine here can do this; leave it out");
        if (root.Any("messages") is null) throw DialectFault.Missing("messages", "an array of messages");
        if (root.Any("max_tokens") is null && !countOnly) throw DialectFault.Missing("max_tokens", "a number of tokens");

        if (root.Text("model", "model") is { } model) json.WriteString("model"u8, model);
        json.WriteStartArray("messages"u8);
        AnthropicMessages.WriteSystem(json, root);
        var number = 0;
        foreach (var message in root.Items("messages", "messages")) AnthropicMessages.Write(json, message, $"messages.{number++}");
        json.WriteEndArray();
        if (countOnly) json.WriteNumber("max_tokens"u8, 1);
        else WriteLimit(json, root, length, contextOf);
        json.Copy(root, "temperature", "temperature");
        json.Copy(root, "top_p", "top_p");
        json.Copy(root, "top_k", "top_k");
        if (!countOnly) json.Copy(root, "stop_sequences", "stop");
        WriteTools(json, root);
        if (root.Object("metadata", "metadata")?.Text("user_id", "metadata.user_id") is { } user) json.WriteString("user"u8, user);
        WriteFormat(json, root);
        if (root.Flag("stream", "stream") == true && !countOnly)
        {
            json.WriteBoolean("stream"u8, true);
            json.WriteStartObject("stream_options"u8);
            json.WriteBoolean("include_usage"u8, true);
            json.WriteEndObject();
        }
    }

    /// <summary>This dialect's clients have to name a limit and name a large one; engines refuse what is larger than their context.</summary>
    private static void WriteLimit(Utf8JsonWriter json, JsonElement root, int length, Func<string?, int>? contextOf)
    {
        var context = contextOf?.Invoke(root.Text("model", "model")) ?? 0;
        if (context > 0 && root.Any("max_tokens") is { ValueKind: JsonValueKind.Number } most && most.TryGetInt64(out var tokens))
            json.WriteNumber("max_tokens"u8, Math.Min(tokens, Math.Max(context - length / RequestShape.BytesPerToken, context / 4)));
        else json.Copy(root, "max_tokens", "max_tokens");
    }

    private static void WriteTools(Utf8JsonWriter json, JsonElement root)
    {
        var tools = root.Items("tools", "tools").ToArray();
        if (tools.Length > 0)
        {
            json.WriteStartArray("tools"u8);
            for (var at = 0; at < tools.Length; at++) WriteTool(json, tools[at], $"tools.{at}");
            json.WriteEndArray();
        }

        if (root.Object("tool_choice", "tool_choice") is not { } choice) return;
        switch (choice.Text("type", "tool_choice.type"))
        {
            case "auto": json.WriteString("tool_choice"u8, "auto"u8); break;
            case "any": json.WriteString("tool_choice"u8, "required"u8); break;
            case "none": json.WriteString("tool_choice"u8, "none"u8); break;
            case "tool":
                json.WriteStartObject("tool_choice"u8);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, choice.Text("name", "tool_choice.name") ?? throw DialectFault.Missing("tool_choice.name", "the name of a tool"));
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            default: throw DialectFault.Wrong("tool_choice.type", "auto, any, tool or none");
        }

        if (choice.Flag("disable_parallel_tool_use", "tool_choice.disable_parallel_tool_use") == true) json.WriteBoolean("parallel_tool_calls"u8, false);
    }

    private static void WriteTool(Utf8JsonWriter json, JsonElement tool, string path)
    {
        if (tool.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
        if (tool.Text("type", $"{path}.type") is { } type and not "custom") throw DialectFault.Beyond($"{path}.type", $"'{type}' runs on Anthropic's servers; no engine here has it");
        json.WriteStartObject();
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, tool.Text("name", $"{path}.name") ?? throw DialectFault.Missing($"{path}.name", "the tool's name"));
        if (tool.Text("description", $"{path}.description") is { } description) json.WriteString("description"u8, description);
        json.WritePropertyName("parameters"u8);
        (tool.Object("input_schema", $"{path}.input_schema") ?? throw DialectFault.Missing($"{path}.input_schema", "a JSON schema")).WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFormat(Utf8JsonWriter json, JsonElement root)
    {
        var format = root.Object("output_format", "output_format") ?? root.Object("output_config", "output_config")?.Object("format", "output_config.format");
        if (format is not { } wanted) return;
        if (wanted.Text("type", "output_format.type") != "json_schema") throw DialectFault.Wrong("output_format.type", "json_schema");
        json.WriteStartObject("response_format"u8);
        json.WriteString("type"u8, "json_schema"u8);
        json.WriteStartObject("json_schema"u8);
        json.WriteString("name"u8, "answer"u8);
        json.WritePropertyName("schema"u8);
        (wanted.Object("schema", "output_format.schema") ?? throw DialectFault.Missing("output_format.schema", "a JSON schema")).WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
