using System.Collections.Immutable;
using System.Text;

namespace Helix.Core.Gateway;

/// <summary>Names of the headers that clients of models send: one string for each, so that no request makes its own.</summary>
internal static class LaneNames
{
    public static ImmutableArray<string> All { get; } =
    [
        "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection", "Content-Encoding", "Content-Language", "Content-Length", "Content-Type",
        "Date", "DNT", "Forwarded", "Host", "Keep-Alive", "Pragma", "Priority", "Referer", "User-Agent", "Via",
        "baggage", "traceparent", "tracestate", "Request-Id", "Correlation-Context", "Idempotency-Key",
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Real-IP", "X-Requested-With", "X-Request-ID",
        "x-api-key", "x-app", "x-title", "HTTP-Referer", "anthropic-version", "anthropic-beta", "anthropic-dangerous-direct-browser-access", "OpenAI-Beta", "OpenAI-Organization", "OpenAI-Project",
        "x-stainless-arch", "x-stainless-async", "x-stainless-helper", "x-stainless-helper-method", "x-stainless-lang", "x-stainless-os", "x-stainless-package-version", "x-stainless-poll-helper",
        "x-stainless-read-timeout", "x-stainless-retry-count", "x-stainless-runtime", "x-stainless-runtime-version", "x-stainless-timeout",
        "x-helix-cache", "x-helix-continue", "x-helix-priority", "x-helix-timeout",
    ];

    /// <summary>At each length the names that have it.</summary>
    private static readonly string[][] s_byLength =
        [.. Enumerable.Range(0, All.Max(name => name.Length) + 1).Select(length => All.Where(name => name.Length == length).ToArray())];

    /// <inheritdoc cref="LaneHead.Known"/>
    public static string? Of(ReadOnlySpan<byte> name)
    {
        if (name.Length >= s_byLength.Length) return null;
        foreach (var known in s_byLength[name.Length])
        {
            if ((known[0] | 0x20) == (name[0] | 0x20) && Ascii.EqualsIgnoreCase(name, known)) return known;
        }

        return null;
    }
}
