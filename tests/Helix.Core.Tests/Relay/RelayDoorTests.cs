using System.Net;
using Helix.Core.Relay;

namespace Helix.Core.Tests.Relay;

public sealed class RelayDoorTests
{
    private static readonly RelaySecrets s_fresh = new("the-link", false, "the-cookie");
    private static readonly RelayQuestion s_page = new("GET", "/", "127.0.0.1:4000", new(IPAddress.Loopback, 4000), null, "same-origin", "the-cookie");

    [Fact]
    public void The_link_lets_in_once()
    {
        var first = s_page with { Path = "/helix-open/the-link", Cookie = null, FetchSite = "none" };

        Assert.IsType<RelayDecision.Enter>(RelayDoor.Decide(first, s_fresh));
        Assert.IsType<RelayDecision.Enter>(RelayDoor.Decide(first with { FetchSite = "cross-site" }, s_fresh));
        Assert.Contains("used already", Refused(first, s_fresh with { LinkIsUsed = true }), StringComparison.Ordinal);
        Assert.Contains("not valid", Refused(first with { Path = "/helix-open/the-link2" }, s_fresh), StringComparison.Ordinal);
        Assert.Contains("not valid", Refused(first with { Path = "/helix-open/" }, s_fresh), StringComparison.Ordinal);
        Assert.Contains("not valid", Refused(first with { Method = "HEAD" }, s_fresh), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("the-link")]
    [InlineData("the-cookie ")]
    public void Nothing_else_goes_without_the_cookie(string? cookie) =>
        Assert.Contains("did not open the link", Refused(s_page with { Cookie = cookie }, s_fresh with { LinkIsUsed = true }), StringComparison.Ordinal);

    [Theory]
    [InlineData(null, null, "127.0.0.1:4000")]
    [InlineData(null, "none", "localhost:4000")]
    [InlineData("http://127.0.0.1:4000", "same-origin", "127.0.0.1:4000")]
    [InlineData("http://localhost:9999", null, "localhost:9999")] // through ssh -L 9999:127.0.0.1:4000
    public void Its_own_pages_pass(string? origin, string? site, string host) =>
        Assert.IsType<RelayDecision.Pass>(RelayDoor.Decide(s_page with { Origin = origin, FetchSite = site, Host = host }, s_fresh));

    [Theory]
    [InlineData("http://evil.example", null, "127.0.0.1:4000")]
    [InlineData("http://127.0.0.1:4001", null, "127.0.0.1:4000")]
    [InlineData("null", null, "127.0.0.1:4000")]
    [InlineData(null, "cross-site", "127.0.0.1:4000")]
    [InlineData(null, "same-site", "127.0.0.1:4000")]
    [InlineData(null, null, "evil.example:4000")]
    [InlineData(null, null, "127.0.0.1.evil.example")]
    [InlineData(null, null, null)]
    [InlineData("http://evil.example:4000", "same-origin", "evil.example:4000")]
    public void Pages_from_elsewhere_and_names_from_elsewhere_do_not(string? origin, string? site, string? host) =>
        Assert.IsType<RelayDecision.Refuse>(RelayDoor.Decide(s_page with { Origin = origin, FetchSite = site, Host = host }, s_fresh));

    [Theory]
    [InlineData("helix-open-1=x", null)]
    [InlineData("a=1; helix-open-1=x; b=2=3", "a=1; b=2=3")]
    [InlineData("helix-open-10=y", "helix-open-10=y")]
    [InlineData("helix-session-4359=x; a=1; __Host-helix-session-4359=y", "a=1")]
    [InlineData("helix-session-4359=x", null)]
    public void The_engine_does_not_see_the_relays_cookie(string sent, string? passed) => Assert.Equal(passed, RelayHeaders.WithoutCookie(sent, "helix-open-1"));

    [Fact]
    public void A_cookie_is_found_among_others()
    {
        Assert.Equal("x", RelayHeaders.Cookie("a=1; helix-open-1=x; helix-open-10=y", "helix-open-1"));
        Assert.Null(RelayHeaders.Cookie("helix-open-10=y", "helix-open-1"));
        Assert.Null(RelayHeaders.Cookie(null, "helix-open-1"));
    }

    private static string Refused(RelayQuestion asked, RelaySecrets secrets) => Assert.IsType<RelayDecision.Refuse>(RelayDoor.Decide(asked, secrets)).Words;
}
