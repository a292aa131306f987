using System.Net;

namespace Helix.Core.Configuration;

/// <summary>Texts that settings take: each check answers null when the text is allowed, else what may follow "was …".</summary>
internal static class Words
{
    /// <summary>Small letters, digits, <c>_</c> and <c>-</c>, a letter first.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 64 && text[0] is >= 'a' and <= 'z'
        && text.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-');

    public static string? RefuseProvider(string text) =>
        IsName(text) ? null : ": an id is made of small letters, digits, _ and -";

    public static string? RefuseModel(string text) =>
        text.Length is > 0 and <= 200 && !text.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter))
            ? null
            : "; write the id as \"helix models list\" shows it";

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

    public static string? RefuseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "https" or "http"
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? null
            : "; write it like https://huggingface.co";
}
