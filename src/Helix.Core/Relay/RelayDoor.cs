using System.Net;
using System.Security.Cryptography;
using System.Text;
using Helix.Core.Access;

namespace Helix.Core.Relay;

/// <summary>What the door of a relay needs to know of a request; all of it stands in the head.</summary>
/// <param name="Host">The <c>Host</c> header as sent.</param>
/// <param name="Local">Address on which the request came in.</param>
/// <param name="Cookie">Value of the relay's own cookie; null for none.</param>
internal readonly record struct RelayQuestion(string Method, string Path, string? Host, IPEndPoint Local, string? Origin, string? FetchSite, string? Cookie);

/// <param name="Link">In the path of the one request that may come in without the cookie.</param>
/// <param name="LinkIsUsed">That request was there.</param>
/// <param name="Cookie">What every other request must bring.</param>
internal readonly record struct RelaySecrets(string Link, bool LinkIsUsed, string Cookie);

internal abstract record RelayDecision
{
    private RelayDecision() { }

    /// <summary>To the engine.</summary>
    internal sealed record Pass : RelayDecision;

    /// <summary>It came with the link: it gets the cookie.</summary>
    internal sealed record Enter : RelayDecision;

    internal sealed record Refuse(int Status, string Words) : RelayDecision;
}

/// <summary>Who may come in to an engine's own web interface: the one browser in which the link was opened, from the interface's own pages.</summary>
internal static class RelayDoor
{
    /// <summary>Before the secret of the link.</summary>
    public const string LinkPath = "/helix-open/";

    private const string Again = "Make a new link with: helix local-llm open";

    public static RelayDecision Decide(in RelayQuestion asked, in RelaySecrets secrets)
    {
        // a name that a stranger's DNS points here would make his page one of ours
        if (!HostCheck.IsOurs(asked.Host, asked.Local, [])) return new RelayDecision.Refuse(403, "This address is not called by this name. Open the link as it was printed.");
        if (asked.Path.StartsWith(LinkPath, StringComparison.Ordinal))
        {
            if (asked.Method != "GET" || !Same(asked.Path[LinkPath.Length..], secrets.Link)) return new RelayDecision.Refuse(403, $"This link is not valid. {Again}");
            return secrets.LinkIsUsed ? new RelayDecision.Refuse(403, $"This link was used already; it works once, in one browser. {Again}") : new RelayDecision.Enter();
        }

        if (asked.Cookie is null || !Same(asked.Cookie, secrets.Cookie)) return new RelayDecision.Refuse(403, $"This browser did not open the link, or the link is an old one. {Again}");
        return asked.Origin is { } origin && origin != $"http://{asked.Host}" || asked.FetchSite is not (null or "same-origin" or "none")
            ? new RelayDecision.Refuse(403, "A web page from elsewhere may not use this.")
            : new RelayDecision.Pass();
    }

    private static bool Same(string given, string secret) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(secret));
}
