using System.Globalization;
using System.Net;

namespace Helix.Core.Fleet;

/// <summary>Where an engine of somebody else answers: plain HTTP, at the root of a host and port.</summary>
/// <param name="Host">A name or an address, without brackets.</param>
internal sealed record AttachAddress(string Host, int Port)
{
    public const int LongestUrl = 200;

    public static AttachAddress Loopback(int port) => new("127.0.0.1", port);

    /// <summary>Requests to it stay on this machine.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    public override string ToString() => Url;

    /// <summary>The address in what a user typed: <c>http://HOST:PORT</c>, with or without <c>/v1</c>; or why it is none, and what to do.</summary>
    public static (AttachAddress? Address, string? Reason, string? Remedy) Parse(string text)
    {
        const string example = "write it like http://127.0.0.1:8080";
        if (text.Length > LongestUrl) return (null, "the address is too long", example);
        if (!text.Contains("://", StringComparison.Ordinal)) text = "http://" + text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0) return (null, $"\"{text}\" is no address", example);
        if (url.Scheme == Uri.UriSchemeHttps)
            return (null, "helix cannot speak https to an engine yet", $"make a tunnel, for example: ssh -L 8000:localhost:{(url.IsDefaultPort ? 8000 : url.Port)} {url.Host}, and attach http://127.0.0.1:8000");
        if (url.Scheme != Uri.UriSchemeHttp) return (null, $"helix does not speak {url.Scheme} to engines", example);
        if (url.UserInfo.Length > 0) return (null, "an address with a name or password in it is not taken", "give a key with --key KEY");
        if (url.AbsolutePath.TrimEnd('/') is not ("" or "/v1") || url.Query.Length > 0 || url.Fragment.Length > 0)
            return (null, $"\"{url.PathAndQuery}\" cannot be part of the address: an engine is asked at /v1 of its host and port", example);
        return (new(url.IdnHost.Trim('[', ']'), url.Port), null, null);
    }
}
