using System.Globalization;

namespace Helix.Core.Gateway;

/// <summary>What a client says in headers about how its request is to be treated.</summary>
/// <param name="Patience">It waits no longer for its answer to begin; null for as long as it takes.</param>
/// <param name="Continues">A stream that breaks off goes on at another backend, where that can be done; null where the client does not say.</param>
internal sealed record RequestWishes(RequestPriority Priority, TimeSpan? Patience, bool? Continues = null)
{
    public const string PriorityHeader = "x-helix-priority";
    public const string TimeoutHeader = "x-helix-timeout";

    public const string ContinueHeader = "x-helix-continue";

    /// <summary>How long they wait themselves, in seconds, as the official clients of OpenAI and Anthropic tell.</summary>
    public const string ClientTimeoutHeader = "x-stainless-timeout";

    /// <summary>
    /// Its answer has to have begun by then, or whoever works on it is hung up on; null where the client did not say so to helix. What the official clients tell
    /// by themselves is no such limit: they hang up when it is time, and not always where an answer begins late.
    /// </summary>
    public TimeSpan? Deadline { get; init; }

    public static RequestWishes None { get; } = new(RequestPriority.Normal, null);

    /// <summary>Of the values of the headers; null or empty where there is none.</summary>
    public static (RequestWishes Wishes, GatewayError? Bad) Read(string? priority, string? timeout, string? clientTimeout, string? continues)
    {
        if (string.IsNullOrEmpty(priority) && string.IsNullOrEmpty(timeout) && string.IsNullOrEmpty(clientTimeout) && string.IsNullOrEmpty(continues)) return (None, null);
        RequestPriority? wanted = priority switch
        {
            null or "" or "normal" => RequestPriority.Normal,
            "high" => RequestPriority.High,
            "low" => RequestPriority.Low,
            _ => null,
        };
        if (wanted is null) return (None, Bad(PriorityHeader, "high, normal or low"));
        var own = Seconds(timeout);
        if (own is null && !string.IsNullOrEmpty(timeout)) return (None, Bad(TimeoutHeader, "seconds, such as 30 or 2.5"));
        if (continues is not (null or "" or "safe" or "off")) return (None, Bad(ContinueHeader, "safe or off"));
        // another's header may mean anything: what is no such number is none
        return (new(wanted.Value, own ?? Seconds(clientTimeout), string.IsNullOrEmpty(continues) ? null : continues == "safe") { Deadline = own }, null);
    }

    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e6 ? TimeSpan.FromSeconds(seconds) : null;

    /// <param name="wanted">What it may be.</param>
    public static GatewayError Bad(string header, string wanted) => new(400, "invalid_header", $"The header {header} must be {wanted}.");
}
