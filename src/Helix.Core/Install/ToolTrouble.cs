using System.Collections.Immutable;

namespace Helix.Core.Install;

/// <summary>Why a package client or a build failed, as far as callers treat it differently.</summary>
internal enum ToolTrouble
{
    /// <summary>Nothing that waiting would mend.</summary>
    Other,

    /// <summary>It could not reach where it had to, or was not answered.</summary>
    Network,

    NoSpace,

    /// <summary>What arrived has another digest than it should.</summary>
    Tampered,

    /// <summary>Nothing may be fetched, and it is not cached.</summary>
    NotCached,
}

/// <summary>Reads the trouble out of what npm, pip, uv, git and cmake say.</summary>
internal static class ToolWords
{
    private const int Shown = 3;
    private const int Longest = 300;
    private const string Npm = "npm error ";
    private static readonly string[] s_pipFoundNone = ["(from versions: none)", "No matching distribution found"];
    private const string Retrying = "after connection broken by";

    private static readonly ImmutableArray<(ToolTrouble Trouble, string[] Words)> s_signs =
    [
        (ToolTrouble.NoSpace, ["ENOSPC", "No space left on device", "os error 28", "EDQUOT", "Disk quota exceeded"]),
        (ToolTrouble.Tampered, ["EINTEGRITY", "DO NOT MATCH THE HASHES", "Hash mismatch"]),
        (ToolTrouble.NotCached, ["ENOTCACHED", "network was disabled", "network connectivity is disabled"]),
        (ToolTrouble.Network,
        [
            "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ERR_SOCKET_TIMEOUT", "EPIPE",
            "Could not resolve host", "Failed to connect", "Connection refused", "Connection reset", "Connection timed out", "Operation timed out", "Operation too slow",
            "Failed to establish a new connection", "Name or service not known", "Temporary failure in name resolution", "ConnectTimeoutError", "Read timed out", "ReadTimeoutError", "ProtocolError", "ProxyError",
            "Network is unreachable", "No route to host", "dns error", "error sending request", "early EOF", "unexpected disconnect", "RPC failed", "tunneling socket", "CONNECT tunnel failed",
            "code E429", "code E500", "code E502", "code E503", "code E504", "500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway", "too many 5", "(from versions: none)", "returned error: 5",
            // an answer that broke off, in the words of each client
            "JSONDecodeError", "IncompleteRead", "Unexpected end of JSON input", "invalid json response body", "Premature close", "ERR_STREAM_PREMATURE_CLOSE", "unexpected EOF", "unexpected end of file",
        ]),
    ];

    /// <summary>Lines that tell what went wrong stand among many that do not.</summary>
    private static readonly ImmutableArray<string> s_marks = ["error", "fatal", "failed", "cannot", "no such", "not found"];

    private static readonly ImmutableArray<string> s_noise = ["npm error A complete log", "npm error code", "[notice]", "npm warn", "warning:", "hint:"];

    public static ToolTrouble TroubleIn(IReadOnlyCollection<string> lines) =>
        s_signs.FirstOrDefault(sign => lines.Any(line => sign.Words.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase)))).Trouble;

    /// <summary>From the sign of trouble to the end of what is quoted; null where there is none.</summary>
    private static string? CauseIn(string line)
    {
        var from = s_signs.SelectMany(sign => sign.Words).Select(word => line.IndexOf(word, StringComparison.OrdinalIgnoreCase)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (from < 0) return null;
        var end = line.AsSpan(from).IndexOfAny("'\")");
        return end < 0 ? line[from..] : line[from..(from + end)];
    }

    /// <summary>The few lines that say most about a failure, on one line.</summary>
    public static string Last(IReadOnlyCollection<string> lines)
    {
        string[] said = [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0 && !s_noise.Any(noise => line.StartsWith(noise, StringComparison.OrdinalIgnoreCase)))];
        // npm says the reason first, and then what it thinks of it; all others say it last
        string[] npm = [.. said.Where(line => line.StartsWith(Npm, StringComparison.Ordinal))];
        string[] telling = [.. said.Where(line => s_marks.Any(mark => line.Contains(mark, StringComparison.OrdinalIgnoreCase)))];
        // what pip gives up on last ("from versions: none") is not why; that stands in the warnings before
        if (said is [.., var last] && s_pipFoundNone.Any(sign => last.Contains(sign, StringComparison.Ordinal)) && lines.Where(line => line.Contains(Retrying, StringComparison.Ordinal)).Select(CauseIn).LastOrDefault(cause => cause is not null) is { } why) return why;
        var chosen = npm.Length > 0 ? npm.Take(Shown) : telling.Length > 0 ? telling.TakeLast(Shown) : said.TakeLast(Shown);
        var words = string.Join("; ", chosen.Select(line => line.StartsWith(Npm, StringComparison.Ordinal) ? line[Npm.Length..] : line));
        return words.Length switch { 0 => "it said nothing", > Longest => words[..Longest] + " …", _ => words };
    }
}
