using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>What Anthropic's answers are called in OpenAI's words.</summary>
internal static class MessagesWords
{
    /// <summary>OpenAI's <c>finish_reason</c> for Anthropic's <c>stop_reason</c>.</summary>
    /// <param name="holder">That may have one.</param>
    /// <returns>Null where it has none.</returns>
    public static string? Finish(JsonElement holder) => Text(holder, "stop_reason") switch
    {
        null => null,
        "max_tokens" or "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        _ => "stop",
    };

    public static void WriteUsage(Utf8JsonWriter json, TokenUsage usage)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, usage.Prompt);
        json.WriteNumber("completion_tokens"u8, usage.Answer);
        json.WriteNumber("total_tokens"u8, usage.Prompt + usage.Answer);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, usage.Cached);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The HTTP status that goes with the <c>type</c> of an error; null for a type that nobody knows.</summary>
    public static int? StatusOf(string? type) => type switch
    {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "api_error" => 500,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => null,
    };

    /// <summary>An error in OpenAI's shape.</summary>
    public static byte[] Error(string message, string type) => DialectJson.Object(json =>
    {
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, message);
        json.WriteString("type"u8, type);
        json.WriteNull("param"u8);
        json.WriteString("code"u8, type);
        json.WriteEndObject();
    });

    /// <summary>An error of Anthropic's in OpenAI's shape; what is none stays as it is.</summary>
    public static ReadOnlyMemory<byte> Retold(ReadOnlyMemory<byte> words)
    {
        try
        {
            using var document = JsonDocument.Parse(words);
            var root = document.RootElement;
            return Text(root, "type") == "error" && root.Any("error") is { } error && Text(error, "type") is { } type && Text(error, "message") is { } message ? Error(message, type) : words;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return words;
        }
    }

    /// <returns>Null where there is no such member, or it is no text.</returns>
    public static string? Text(JsonElement parent, string name) => parent.Any(name) is { ValueKind: JsonValueKind.String } text ? LooseText.Of(text) : null;
}
