using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>What Anthropic's answers are made of.</summary>
internal static class AnthropicWords
{
    /// <summary>Anthropic's <c>stop_reason</c> for OpenAI's <c>finish_reason</c>.</summary>
    public static string StopReason(string? finish, string? stopWord, bool calls) => finish switch
    {
        "length" => "max_tokens",
        "content_filter" => "refusal",
        _ when calls => "tool_use",
        _ when stopWord is not null => "stop_sequence",
        _ => "end_turn",
    };

    public static string ErrorType(int status) => status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 or 529 => "overloaded_error",
        504 => "timeout_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    public static byte[] Error(int status, string message, string requestId) => DialectJson.Object(json =>
    {
        json.WriteString("type"u8, "error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, ErrorType(status));
        json.WriteString("message"u8, message);
        json.WriteEndObject();
        json.WriteString("request_id"u8, requestId);
    });

    public static byte[] Event(ReadOnlySpan<byte> name, byte[] data) => [.. "event: "u8, .. name, .. "\ndata: "u8, .. data, .. "\n\n"u8];

    public static void WriteUsage(Utf8JsonWriter json, TokenUsage? usage)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, usage is { } told ? Math.Max(0, told.Prompt - told.Cached) : 0);
        json.WriteNumber("cache_creation_input_tokens"u8, 0);
        json.WriteNumber("cache_read_input_tokens"u8, usage?.Cached ?? 0);
        json.WriteNumber("output_tokens"u8, usage?.Answer ?? 0);
        json.WriteEndObject();
    }
}
