using System.Globalization;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>What is said when an engine does not come or does not stay.</summary>
internal static class EngineErrors
{
    public static GatewayError DiedWhileAnswering { get; } = new(
        502, "engine_died", "The engine ended while it was answering. It is started again by itself; send the request once more.");

    public static GatewayError DiedTwice { get; } = new(
        502, "engine_died", "The engine ended twice on this request before it answered. `helix local-llm logs` tells why; a shorter or simpler request may pass.");

    public static GatewayError NotReady(string model, string progress, int deadlineSeconds) => new(
        503,
        "model_not_ready",
        string.Create(CultureInfo.InvariantCulture, $"The model '{model}' was not ready within {deadlineSeconds} s: {progress}. Try again later; gateway.model_deadline sets how long a request waits."),
        RetryAfter: 10);
}
