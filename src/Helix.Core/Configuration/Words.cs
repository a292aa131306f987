using System.Globalization;
using System.Net;

namespace Helix.Core.Configuration;

/// <summary>Texts that settings take: each check answers null when the text is allowed, else what may follow "was …".</summary>
internal static class Words
{
    /// <summary>Small letters, digits, <c>_</c> and <c>-</c>, a letter first.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 64 && text[0] is >= 'a' and <= 'z'
        && text.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-');

    private static readonly string[] s_weights = ["cost", "load", "reliability", "response_time", "throughput"];

    /// <summary>Any id may stand in the file: a manifest that it belongs to may come, and go, later. Who looks at the manifests says which ones there are not.</summary>
    public static string? RefuseProvider(string text) => IsName(text) ? null : "; an id has small letters, digits, _ and -, and a letter first";

    public static string? RefuseWeight(string text) => Unknown(text, s_weights);

    private static string? Unknown(string text, string[] known) =>
        known.Contains(text, StringComparer.Ordinal) ? null
        : Nearest.To(text, known) is { } near ? $"; did you mean {near}?"
        : $"; these are known: {string.Join(", ", known)}";

    public static string? RefuseModel(string text) =>
        text.Length is > 0 and <= 200 && !text.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter))
            ? null
            : "; write the id as \"helix models list\" shows it";

    public static string? RefuseAlias(string text) => text is "auto" or "" ? "; that name is taken" : text.EndsWith(Gateway.Routing.Latest, StringComparison.Ordinal) ? "; leave the :latest out" : RefuseModel(text) is null ? null : "; a name has no spaces";

    public static string? RefuseLicence(string text) => Fleet.LicenceRule.IsName(text) ? null : "; a licence has letters, digits, blanks and . - + _ only";

    public static string? RefusePath(string text) => text.StartsWith('/') && !text.Any(char.IsControl) ? null : "; write the whole path, from /";

    public static string? RefuseWord(string text) => text.Length is > 0 and <= 4096 && !text.Any(char.IsControl) ? null : "; a word is not empty, and has no control characters";

    public static string? RefuseAddress(string text) => text switch
    {
        "localhost" => "; write 127.0.0.1",
        "*" or "+" => "; write 0.0.0.0 for every address of this machine",
        _ when IPAddress.TryParse(text, out var address)
            && (text.Contains(':', StringComparison.Ordinal) || address.ToString() == text) => null,
        _ => "",
    };

    public static string? RefuseHost(string text) =>
        Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6
            ? null
            : ": a host name has no scheme, port or path";

    public static string? RefuseHostAndPort(string text) =>
        text.LastIndexOf(':') is > 0 and var colon && RefuseHost(text[..colon].Trim('[', ']')) is null && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? null : "; write it like redis.example:6379";

    public static string? RefuseMirror(string text) =>
        text.Split('=') is [var from, var to] && RefuseEndpoint(from) is null && RefuseEndpoint(to) is null ? null : "; write it like https://huggingface.co/=https://mirror.example/";

    public static string? RefuseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "https" or "http"
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? null
            : "; write it like https://huggingface.co";
}
