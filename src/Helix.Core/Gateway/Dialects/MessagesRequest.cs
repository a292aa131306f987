using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts the body of OpenAI's <c>/v1/chat/completions</c> into that of Anthropic's <c>/v1/messages</c>.</summary>
/// <remarks>As the public reference of the Messages API describes it.</remarks>
internal static class MessagesRequest
{
    private const string Unsaid = "there is no word for this in Anthropic's API; leave it out";

    private static readonly string[] s_carried =
    [
        "model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options", "temperature", "top_p", "top_k", "stop", "tools", "tool_choice", "parallel_tool_calls",
        "response_format", "reasoning_effort", "thinking", "user", "n",
    ];

    /// <param name="model">As the cloud names it.</param>
    /// <param name="longest">Tokens that an answer may have where the request does not say: there it has to.</param>
    public static Translated Translate(ReadOnlyMemory<byte> body, string model, int longest)
    {
        try
        {
            using var document = Fields.Parse(body);
            var root = document.RootElement;
            List<string> dropped = [];
            foreach (var member in root.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.Null || (s_carried.Contains(member.Name) && member.Name != "n")) continue;
                if (!ChangesNothing(member.Name, member.Value)) throw DialectFault.Beyond(member.Name, Unsaid);
                if (member.Name != "n") MessagesTurns.Note(dropped, member.Name);
            }

            var told = DialectJson.Object(json => Write(json, root, model, longest, dropped));
            return new Translated.Good(told, [.. dropped]) { TellsUsage = root.Object("stream_options", "stream_options")?.Flag("include_usage", "stream_options.include_usage") == true };
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

    /// <summary>Whether the answer is the same without it, or as good: many programs say what is so anyway.</summary>
    private static bool ChangesNothing(string name, JsonElement value) => name switch
    {
        "seed" or "metadata" or "store" or "service_tier" or "safety_identifier" or "prompt_cache_key" or "verbosity" or "modalities" => true,
        "frequency_penalty" or "presence_penalty" or "min_p" or "top_logprobs" => Is(value, 0),
        "repetition_penalty" or "repeat_penalty" or "n" or "best_of" => Is(value, 1),
        "logprobs" or "echo" => value.ValueKind == JsonValueKind.False,
        "logit_bias" => value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any(),
        "functions" => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0,
        _ => false,
    };

    private static bool Is(JsonElement value, double number) => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var its) && its == number;

    private static void Write(Utf8JsonWriter json, JsonElement root, string model, int longest, List<string> dropped)
    {
        json.WriteString("model"u8, model);
        json.WriteNumber("max_tokens"u8, Limit(root, "max_completion_tokens") ?? Limit(root, "max_tokens") ?? longest);
        MessagesTurns.Write(json, root, dropped);
        if (root.Flag("stream", "stream") == true) json.WriteBoolean("stream"u8, true);
        if (root.Any("temperature") is { } warmth)
        {
            if (warmth.ValueKind != JsonValueKind.Number) throw DialectFault.Wrong("temperature", "a number");
            if (warmth.GetDouble() > 1) throw DialectFault.Beyond("temperature", "Anthropic's API takes 0 to 1");
            json.Copy(root, "temperature", "temperature");
        }

        json.Copy(root, "top_p", "top_p");
        json.Copy(root, "top_k", "top_k");
        json.Copy(root, "thinking", "thinking");
        WriteStop(json, root);
        if (root.Text("user", "user") is { } user)
        {
            json.WriteStartObject("metadata"u8);
            json.WriteString("user_id"u8, user);
            json.WriteEndObject();
        }

        MessagesTools.Write(json, root);
        WriteOutput(json, root);
    }

    private static long? Limit(JsonElement root, string name) => root.Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var tokens) && tokens > 0 => tokens,
        _ => throw DialectFault.Wrong(name, "a whole number above 0"),
    };

    private static void WriteStop(Utf8JsonWriter json, JsonElement root)
    {
        switch (root.Any("stop"))
        {
            case null: break;
            case { ValueKind: JsonValueKind.String } word:
                json.WriteStartArray("stop_sequences"u8);
                json.WriteStringValue(Fields.Read(word, "stop"));
                json.WriteEndArray();
                break;
            case { ValueKind: JsonValueKind.Array }: json.Copy(root, "stop", "stop_sequences"); break;
            default: throw DialectFault.Wrong("stop", "a text or an array of texts");
        }
    }

    /// <summary>How hard the model is to try, and the schema of its answer.</summary>
    private static void WriteOutput(Utf8JsonWriter json, JsonElement root)
    {
        var effort = root.Text("reasoning_effort", "reasoning_effort") switch
        {
            null => null,
            // less there is not
            "none" or "minimal" => "low",
            "low" or "medium" or "high" or "xhigh" or "max" => root.Text("reasoning_effort", "reasoning_effort"),
            _ => throw DialectFault.Wrong("reasoning_effort", "none, minimal, low, medium, high, xhigh or max"),
        };
        var schema = SchemaOf(root);
        if (effort is null && schema is null) return;
        json.WriteStartObject("output_config"u8);
        if (effort is not null) json.WriteString("effort"u8, effort);
        if (schema is { } wanted)
        {
            json.WriteStartObject("format"u8);
            json.WriteString("type"u8, "json_schema"u8);
            json.WritePropertyName("schema"u8);
            wanted.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static JsonElement? SchemaOf(JsonElement root)
    {
        if (root.Object("response_format", "response_format") is not { } format) return null;
        return format.Text("type", "response_format.type") switch
        {
            "text" => null,
            "json_schema" => format.Object("json_schema", "response_format.json_schema")?.Object("schema", "response_format.json_schema.schema") ?? throw DialectFault.Missing("response_format.json_schema.schema", "a JSON schema"),
            "json_object" => throw DialectFault.Beyond("response_format.type", "Anthropic's API has no JSON without a schema; give one with json_schema"),
            _ => throw DialectFault.Wrong("response_format.type", "text, json_object or json_schema"),
        };
    }
}
