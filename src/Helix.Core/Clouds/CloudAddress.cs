using System.Globalization;
using Helix.Core.Gateway;

namespace Helix.Core.Clouds;

/// <summary>Where a cloud is asked: always over TLS, below a path of its own.</summary>
/// <param name="Host">A name or an address, without brackets.</param>
/// <param name="BasePath">Begins with a slash and does not end with one, for example <c>/v1</c>.</param>
internal sealed record CloudAddress(string Host, int Port, string BasePath)
{
    public const int LongestUrl = 300;

    private const int UsualPort = 443;
    private const string UsualPath = "/v1";

    /// <summary>Of the <c>Host</c> header.</summary>
    public string Authority
    {
        get
        {
            var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
            return Port == UsualPort ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
        }
    }

    public string Url => $"https://{Authority}{BasePath}";

    /// <summary>Under which its connections are kept; no engine has such an endpoint.</summary>
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"https://{Host}:{Port}");

    /// <summary>Where it takes what is asked of engines under this route.</summary>
    public string PathOf(InferenceRoute route) => BasePath + route.Path[UsualPath.Length..];

    /// <summary>Where one that speaks Anthropic's words takes messages.</summary>
    public string MessagesPath => BasePath + "/messages";

    public override string ToString() => Url;

    /// <summary>The address in what a user typed, or why it is none, and what to do.</summary>
    public static (CloudAddress? Address, string? Reason, string? Remedy) Parse(string text)
    {
        const string example = "write it like https://api.example.com/v1";
        if (text.Length > LongestUrl) return (null, "the address is too long", example);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0) return (null, $"\"{text}\" is no address", example);
        if (url.Scheme == Uri.UriSchemeHttp)
            return (null, "a cloud is asked over https only: over http, your key and all that is asked could be read on the way", "an engine of your own without https is used with: helix local-llm attach URL");
        if (url.Scheme != Uri.UriSchemeHttps) return (null, $"helix does not speak {url.Scheme} to clouds", example);
        if (url.UserInfo.Length > 0) return (null, "an address with a name or password in it is not taken", "give the key when it is asked for, or with --key-file FILE");
        if (url.Query.Length > 0 || url.Fragment.Length > 0) return (null, $"\"{url.Query}{url.Fragment}\" cannot be part of the address", example);
        var path = url.AbsolutePath.TrimEnd('/');
        return (new(url.IdnHost.Trim('[', ']'), url.Port, path.Length == 0 ? UsualPath : path), null, null);
    }
}
