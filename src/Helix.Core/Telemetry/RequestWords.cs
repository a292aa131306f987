using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Gateway;

namespace Helix.Core.Telemetry;

/// <summary>How parts of a request are called in labels: few words, whatever clients send and engines answer.</summary>
internal static class RequestWords
{
    /// <summary>The statuses that are told by themselves.</summary>
    private static readonly ImmutableArray<int> s_statuses = [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504];

    /// <summary>By their number as <see cref="RequestOutcome"/>.</summary>
    public static ImmutableArray<string> Outcomes { get; } = ["answered", "refused", "failed", "left"];

    /// <summary>By their number as <see cref="ClientDialect"/>.</summary>
    public static ImmutableArray<string> Dialects { get; } = ["openai", "openai_responses", "anthropic", "ollama"];

    /// <summary>With what a request ended: nothing, a status, or what no status tells.</summary>
    public static ImmutableArray<string> ErrorTypes { get; } = ["", .. s_statuses.Select(status => status.ToString(CultureInfo.InvariantCulture)), "4xx", "5xx", "broken_off", "client_left"];

    /// <returns>Its place among <see cref="ErrorTypes"/>.</returns>
    public static int ErrorOf(in RequestRecord one) => one.Outcome switch
    {
        RequestOutcome.Answered => 0,
        RequestOutcome.Left => ErrorTypes.Length - 1,
        _ when one.Status < 400 => ErrorTypes.Length - 2,
        _ => s_statuses.IndexOf(one.Status) is >= 0 and var at ? at + 1 : ErrorTypes.Length - (one.Status < 500 ? 4 : 3),
    };
}
