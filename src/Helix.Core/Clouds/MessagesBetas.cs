using System.Collections.Immutable;

namespace Helix.Core.Clouds;

/// <summary>
/// Which of Anthropic's betas a client may ask for at a cloud: those that make no token dearer and do nothing beside tokens. What they let a request say is
/// looked at by itself. The others are left out.
/// </summary>
internal static class MessagesBetas
{
    private const int Most = 30;
    private const int LongestName = 64;

    /// <summary>Of a beta's name; it stands at its end.</summary>
    private static readonly char[] s_date = [.. "0123456789-"];

    private static readonly HashSet<string> s_free = new(StringComparer.Ordinal)
    {
        "claude-code", "computer-use", "context-management", "dev-full-thinking", "effort", "extended-cache-ttl", "fine-grained-tool-streaming", "interleaved-thinking",
        "model-context-window-exceeded", "output-128k", "prompt-caching", "prompt-caching-scope", "structured-outputs", "token-efficient-tools",
    };

    /// <param name="header">Names with commas between.</param>
    /// <returns>The header that goes to the cloud, null for none; and the names that do not.</returns>
    public static (string? Passed, ImmutableArray<string> Dropped) Of(string header)
    {
        List<string> passed = [], dropped = [];
        foreach (var name in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal))
            (name.Length <= LongestName && passed.Count < Most && s_free.Contains(name.TrimEnd(s_date)) ? passed : dropped).Add(name);
        return (passed.Count == 0 ? null : string.Join(',', passed), [.. dropped.Select(name => $"anthropic-beta.{name}")]);
    }
}
