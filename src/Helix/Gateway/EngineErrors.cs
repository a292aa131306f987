using System.Globalization;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>What is said when an engine does not come or does not stay.</summary>
internal static class EngineErrors
{
    public static GatewayError DiedWhileAnswering { get; } = new(
        502, "engine_died", "The engine ended while it was answering. It is started again by itself; send the request once more.");

    public static GatewayError TooManyBodies { get; } = new(
        503, "overloaded", "Requests with too large bodies are being answered at this moment. Try again later, or send less.", RetryAfter: 5);

    private static readonly GatewayError s_restarting = new(
        503, "restarting", "helix is being restarted while this request waited for its model. Send it again: the next daemon answers already.", RetryAfter: 1);

    public static GatewayError Stalled { get; } = new(
        504, "engine_stalled", "The engine began to answer, and then nothing came for longer than gateway.stall_deadline allows. Send the request once more.");

    public static GatewayError AnsweredOtherwise { get; } = new(
        502, "engine_died", "The engine ended while it was answering, and the one that was to go on answered in other words. Send the request once more.");

    public static GatewayError NobodyGoesOn { get; } = new(
        502, "engine_died", "The engine ended while it was answering, and no other went on from what was said. Send the request once more.");

    public static GatewayError TooLate { get; } = new(
        504, "timeout", "The time for which this request's client waits is over (x-helix-timeout, or its own).");

    public static GatewayError NotCached { get; } = new(
        504, "not_cached", "Only an answer from memory was wanted (cache-control: only-if-cached), and there is none.");

    /// <summary>What is waited for where no engine that is ready knows a parameter of the request.</summary>
    public static string UnknownAwaited(string model) => $"an engine of {model} that knows what is asked for is not ready yet";

    /// <param name="limit">Bytes.</param>
    public static GatewayError TooLarge(long limit) => new(
        413, "body_too_large", $"The body is larger than {limit >> 20} MiB. Send less, or raise gateway.max_body_megabytes.");

    /// <summary>Nobody of its model answered; others were asked.</summary>
    public static GatewayError Gone(string model) => new(
        502, "engine_died", $"The engine of the model '{model}' ended, took no connections, or did not begin in time, and the other models that were asked did not answer either. Send the request once more.");

    public static GatewayError DiedAgain { get; } = new(
        502, "engine_died", "The engine ended again and again on this request before it answered. `helix local-llm logs` tells why; a shorter or simpler request may pass.");

    /// <param name="wait">How long it would have waited, about; null where nobody knows.</param>
    /// <param name="retryAfter">Seconds.</param>
    public static GatewayError TooManyWait(string model, int waiting, TimeSpan? wait, int retryAfter) => new(
        429,
        "too_many_requests",
        string.Create(CultureInfo.InvariantCulture, $"{waiting} {(waiting == 1 ? "request waits" : "requests wait")} for the model '{model}' already{(wait is { } time ? $", and this one would wait for about {time.TotalSeconds:0} s" : "")}: that is more than gateway.queue_deadline, gateway.max_waiting or its own patience allow. Try again in {retryAfter} s."),
        RetryAfter: retryAfter);

    /// <summary>It waited, and others had waited for less.</summary>
    public static GatewayError Displaced(string model) => new(
        429, "too_many_requests", $"Too many requests wait for the model '{model}', most of them of this key: the last of them made room for another key's. Send fewer at once.", RetryAfter: 1);

    /// <summary>After a wait that ended otherwise than well.</summary>
    /// <param name="retryAfter">Seconds.</param>
    public static GatewayError NotReady(WaitEnd end, string model, string progress, TimeSpan deadline, int retryAfter) => end == WaitEnd.Leaving ? s_restarting : new(
        503,
        "model_not_ready",
        string.Create(CultureInfo.InvariantCulture, $"The model '{model}' was not ready within {deadline.TotalSeconds:0.#} s: {progress}. Try again later; gateway.model_deadline sets how long a request waits."),
        RetryAfter: retryAfter);
}
