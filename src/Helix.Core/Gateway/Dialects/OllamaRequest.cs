using System.Collections.Immutable;
using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts the bodies of Ollama's <c>/api/chat</c>, <c>/api/generate</c>, <c>/api/embed</c> and <c>/api/embeddings</c> into OpenAI's.</summary>
/// <remarks>As Ollama's public API reference describes them, and as its own client library sends them.</remarks>
internal static class OllamaRequest
{
    private static readonly ImmutableArray<(string Ollama, string OpenAi)> s_options =
    [
        ("temperature", "temperature"), ("top_p", "top_p"), ("top_k", "top_k"), ("min_p", "min_p"), ("seed", "seed"), ("stop", "stop"),
        ("repeat_penalty", "repeat_penalty"), ("presence_penalty", "presence_penalty"), ("frequency_penalty", "frequency_penalty"),
    ];

    public static Translated Chat(ReadOnlyMemory<byte> body) => OnlyLoads(body, "messages") is { } loads ? loads : Translate(body, InferenceRoute.Chat, ["messages", "tools"], (json, root) =>
    {
        json.WriteStartArray("messages"u8);
        OllamaMessages.Write(json, root);
        json.WriteEndArray();
        if (root.Any("tools") is { } tools)
        {
            json.WritePropertyName("tools"u8);
            tools.WriteTo(json);
        }
    });

    /// <summary>One prompt: said by the user where the model's template is to be used, else continued as it stands.</summary>
    public static Translated Generate(ReadOnlyMemory<byte> body)
    {
        if (OnlyLoads(body, "prompt") is { } loads) return loads;
        try
        {
            using var document = Fields.Parse(body);
            var isRaw = document.RootElement.Flag("raw", "raw") == true || document.RootElement.Text("suffix", "suffix") is { Length: > 0 };
            return isRaw
                ? Translate(body, InferenceRoute.Completion, ["prompt", "suffix", "raw"], (json, root) =>
                {
                    json.WriteString("prompt"u8, root.Text("prompt", "prompt") ?? "");
                    if (root.Text("suffix", "suffix") is { Length: > 0 } suffix) json.WriteString("suffix"u8, suffix);
                })
                : Translate(body, InferenceRoute.Chat, ["prompt", "system", "images", "raw"], (json, root) =>
                {
                    json.WriteStartArray("messages"u8);
                    if (root.Text("system", "system") is { Length: > 0 } system) OllamaMessages.WriteText(json, "system", system);
                    OllamaMessages.WriteContent(json, "user", root.Text("prompt", "prompt") ?? "", root, "images");
                    json.WriteEndArray();
                });
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

    public static Translated Embed(ReadOnlyMemory<byte> body) => Embeddings(body, "input");

    /// <summary>The older path, for one text.</summary>
    public static Translated EmbedOne(ReadOnlyMemory<byte> body) => Embeddings(body, "prompt");

    /// <summary>For a body that names a model and asks nothing. Its clients send what they leave out as an empty text or list.</summary>
    /// <param name="asks">The member that would hold what is asked.</param>
    /// <returns>Null where something is asked, or no model is named.</returns>
    private static Translated.Loads? OnlyLoads(ReadOnlyMemory<byte> body, string asks)
    {
        try
        {
            using var document = Fields.Parse(body);
            var root = document.RootElement;
            var isEmpty = IsEmpty(root.Any(asks)) && IsEmpty(root.Any("images")) && IsEmpty(root.Any("suffix"));
            return isEmpty && root.Text("model", "model") is { Length: > 0 } model ? new(model, Unloads: Is(root.Any("keep_alive"), 0)) : null;
        }
        catch (Exception fault) when (fault is DialectFault or InvalidOperationException)
        {
            // told where the body is translated
            return null;
        }
    }

    private static bool IsEmpty(JsonElement? value) => value switch
    {
        null => true,
        { ValueKind: JsonValueKind.String } text => text.ValueEquals(""),
        { ValueKind: JsonValueKind.Array } list => list.GetArrayLength() == 0,
        _ => false,
    };

    private static bool Is(JsonElement? value, int number) => value switch
    {
        { ValueKind: JsonValueKind.Number } told => told.TryGetInt32(out var its) && its == number,
        { ValueKind: JsonValueKind.String } text => text.ValueEquals("0") || text.ValueEquals("0s"),
        _ => false,
    };

    private static Translated Embeddings(ReadOnlyMemory<byte> body, string input) => Translate(body, InferenceRoute.Embeddings, [input, "truncate", "dimensions"], (json, root) =>
    {
        json.WritePropertyName("input"u8);
        (root.Any(input) ?? throw DialectFault.Missing(input, "the text")).WriteTo(json);
        if (root.Any("dimensions") is { } dimensions)
        {
            json.WritePropertyName("dimensions"u8);
            dimensions.WriteTo(json);
        }
    });

    private static Translated Translate(ReadOnlyMemory<byte> body, InferenceRoute route, string[] own, Action<Utf8JsonWriter, JsonElement> write)
    {
        try
        {
            using var document = Fields.Parse(body);
            var root = document.RootElement;
            var dropped = root.EnumerateObject().Select(member => member.Name).Except([.. own, "model", "stream", "format", "options", "keep_alive"]).ToList();
            var translated = DialectJson.Object(json =>
            {
                if (root.Text("model", "model") is { } model) json.WriteString("model"u8, model);
                write(json, root);
                if (route != InferenceRoute.Embeddings) WriteAnswer(json, root, dropped);
            });
            return new Translated.Good(translated, [.. dropped]) { Route = route };
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

    /// <summary>How the answer is wanted. Streams are what Ollama answers with unless it is told not to.</summary>
    private static void WriteAnswer(Utf8JsonWriter json, JsonElement root, List<string> dropped)
    {
        if (root.Flag("stream", "stream") ?? true)
        {
            json.WriteBoolean("stream"u8, true);
            json.WriteStartObject("stream_options"u8);
            json.WriteBoolean("include_usage"u8, true);
            json.WriteEndObject();
        }

        switch (root.Any("format"))
        {
            case null: break;
            case { ValueKind: JsonValueKind.String } text when text.ValueEquals(""): break;
            case { ValueKind: JsonValueKind.String } text when text.ValueEquals("json"):
                json.WriteStartObject("response_format"u8);
                json.WriteString("type"u8, "json_object"u8);
                json.WriteEndObject();
                break;
            case { ValueKind: JsonValueKind.Object } schema:
                json.WriteStartObject("response_format"u8);
                json.WriteString("type"u8, "json_schema"u8);
                json.WriteStartObject("json_schema"u8);
                json.WriteString("name"u8, "answer"u8);
                json.WritePropertyName("schema"u8);
                schema.WriteTo(json);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            default: throw DialectFault.Wrong("format", "json or a JSON schema");
        }

        if (root.Object("options", "options") is not { } options) return;
        foreach (var (name, target) in s_options)
        {
            if (options.Any(name) is not { } value) continue;
            json.WritePropertyName(target);
            value.WriteTo(json);
        }

        // less than nothing stands for as many as there is room for
        if (options.Any("num_predict") is { } most)
        {
            if (most.ValueKind != JsonValueKind.Number || !most.TryGetInt32(out var tokens)) throw DialectFault.Wrong("options.num_predict", "a whole number");
            if (tokens > 0) json.WriteNumber("max_tokens"u8, tokens);
        }

        dropped.AddRange(options.EnumerateObject().Select(option => option.Name).Except([.. s_options.Select(each => each.Ollama), "num_predict"]).Select(name => $"options.{name}"));
    }
}
