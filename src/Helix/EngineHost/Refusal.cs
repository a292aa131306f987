using System.Text.Json;

namespace Helix.EngineHost;

/// <summary>Why a request is not answered, in the shape of OpenAI's errors.</summary>
/// <param name="Type">For example <c>invalid_request_error</c>.</param>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Parameter">The part of the request that is to blame.</param>
/// <param name="RetryAfter">Seconds after which it may be worth to try again.</param>
internal sealed record Refusal(int Status, string Message, string Type, string Code, string? Parameter = null, int? RetryAfter = null)
{
    /// <summary>Faults of one request that are looked for: a body of nothing but faults has millions.</summary>
    public const int Most = 20;

    public const string InvalidRequest = "invalid_request_error";
    public const string ServerError = "server_error";

    public static Refusal Invalid(string code, string? parameter, string message) => new(400, message, InvalidRequest, code, parameter);

    public static Refusal ContextExceeded(int promptTokens, int limit, string parameter) =>
        Invalid("context_length_exceeded", parameter, $"The prompt has {promptTokens} tokens, but the context has room for {limit}, the answer included. Shorten the prompt, or give the model more context.");

    /// <summary>For a text that is so long that its tokens are not even counted.</summary>
    public static Refusal FarTooLong(int limit, string parameter) =>
        Invalid("context_length_exceeded", parameter, $"The prompt has more than twice the {limit} tokens that the context has room for. Shorten the prompt, or give the model more context.");

    public static Refusal Busy(int queue) =>
        new(429, $"Every slot is busy and {queue} requests wait already. Try again in a moment.", "rate_limit_error", "queue_full", RetryAfter: 1);

    /// <param name="retryAfter">Null where this engine will not come back by itself.</param>
    public static Refusal Unavailable(string code, string message, int? retryAfter = null) => new(503, message, ServerError, code, RetryAfter: retryAfter);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", Message);
        json.WriteString("type", Type);
        json.WriteString("param", Parameter);
        json.WriteString("code", Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
