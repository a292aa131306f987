using System.Net;
using System.Text;
using Helix.Core.Clouds;

namespace Helix.Clouds;

/// <summary>A proxy through which a cloud is asked.</summary>
/// <param name="Authority">Its host and port, as they may be told.</param>
/// <param name="Login">Name and password as the header has them; null for none.</param>
/// <param name="Hindrance">Why helix cannot go through it; null where it can.</param>
internal sealed record CloudProxy(string Host, int Port, string Authority, Secret? Login, string? Hindrance);

/// <summary>Through which proxy a cloud is asked: by the same rules as downloads.</summary>
/// <param name="rules">Null: through none, ever.</param>
internal sealed class CloudProxies(IWebProxy? rules)
{
    private const string LoginKind = "Basic";

    public static CloudProxies None { get; } = new(null);

    /// <summary>What the environment says, in capitals or not (<c>HTTPS_PROXY</c>, <c>ALL_PROXY</c>, <c>NO_PROXY</c>); where it says nothing, what macOS and Windows are set to.</summary>
    public static CloudProxies OfThisMachine => new(HttpClient.DefaultProxy);

    /// <returns>Null where the cloud is asked directly.</returns>
    public CloudProxy? For(CloudAddress address)
    {
        var cloud = new Uri(address.Url);
        if (rules is null || rules.IsBypassed(cloud) || rules.GetProxy(cloud) is not { } proxy || proxy == cloud) return null;
        var hindrance = proxy.Scheme == Uri.UriSchemeHttp ? null
            : $"the proxy {proxy.Authority} is spoken to in {proxy.Scheme}, which helix does not do for clouds: name one with http:// in HTTPS_PROXY, or let NO_PROXY name {address.Host}";
        return new(proxy.IdnHost.Trim('[', ']'), proxy.Port, proxy.Authority, LoginFor(proxy), hindrance);
    }

    private Secret? LoginFor(Uri proxy)
    {
        if (rules?.Credentials?.GetCredential(proxy, LoginKind) is not { UserName.Length: > 0 } login) return null;
        var name = login.Domain.Length > 0 ? $@"{login.Domain}\{login.UserName}" : login.UserName;
        return new($"{LoginKind} {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{login.Password}"))}");
    }
}
