using System.Globalization;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>What is said when an engine does not come or does not stay.</summary>
internal static class EngineErrors
{
    public static GatewayError DiedWhileAnswering { get; } = new(
        502, "engine_died", "The engine ended while it was answering. It is started again by itself; send the request once more.");

    private static readonly GatewayError s_restarting = new(
        503, "restarting", "helix is being restarted while this request waited for its model. Send it again: the next daemon answers already.", RetryAfter: 1);

    public static GatewayError Stalled { get; } = new(
        504, "engine_stalled", "The engine began to answer, and then nothing came for longer than gateway.stall_deadline allows. Send the request once more.");

    public static GatewayError DiedAgain { get; } = new(
        502, "engine_died", "The engine ended again and again on this request before it answered. `helix local-llm logs` tells why; a shorter or simpler request may pass.");

    /// <summary>After a wait that ended otherwise than well.</summary>
    /// <param name="retryAfter">Seconds.</param>
    public static GatewayError NotReady(WaitEnd end, string model, string progress, int deadlineSeconds, int retryAfter) => end == WaitEnd.Leaving ? s_restarting : new(
        503,
        "model_not_ready",
        string.Create(CultureInfo.InvariantCulture, $"The model '{model}' was not ready within {deadlineSeconds} s: {progress}. Try again later; gateway.model_deadline sets how long a request waits."),
        RetryAfter: retryAfter);
}
