using System.Text;
using Helix.Core.Gateway;

namespace Helix.Core.Clouds;

/// <summary>What a proxy's answer to the wish to be led to a cloud means.</summary>
internal static class ProxyWords
{
    private const int LongestReason = 60;

    /// <summary>It says something before it answers.</summary>
    public static bool IsInterim(ReadOnlySpan<byte> head) => UpstreamHead.Parse(head) is { Status: >= 100 and < 200 and not 101 };

    /// <param name="head">Of its answer, without the blank line.</param>
    /// <param name="proxy">As it may be told: without a name and a password.</param>
    /// <param name="target">The cloud's host and port.</param>
    /// <param name="hasLogin">It was told a name and a password.</param>
    /// <returns>Null where it leads there, else why not.</returns>
    public static string? Refused(ReadOnlySpan<byte> head, string proxy, string target, bool hasLogin) => UpstreamHead.Parse(head)?.Status switch
    {
        >= 200 and < 300 => null,
        null => $"the proxy {proxy} answers with something that is no HTTP: see whether HTTPS_PROXY names an HTTP proxy",
        407 when hasLogin => $"the proxy {proxy} does not accept the name and the password that stand in HTTPS_PROXY (407)",
        407 => $"the proxy {proxy} wants a name and a password (407): write them into HTTPS_PROXY, like http://NAME:PASSWORD@{proxy}",
        403 => $"the proxy {proxy} allows no way to {target} (403{Reason(head)}): ask whoever runs it, or let NO_PROXY name what can be reached without it",
        var status => $"the proxy {proxy} does not lead to {target}: it answers with {status}{Reason(head)}",
    };

    /// <summary>What stands behind the status, as far as it is plain text.</summary>
    private static string Reason(ReadOnlySpan<byte> head)
    {
        const int status = 12;
        var line = head[..(head.IndexOf((byte)'\r') is var end and >= 0 ? end : head.Length)];
        var words = line.Length <= status ? default : line[status..].Trim((byte)' ');
        words = words[..Math.Min(words.Length, LongestReason)];
        return words.IsEmpty || words.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? "" : $" {Encoding.ASCII.GetString(words)}";
    }
}
