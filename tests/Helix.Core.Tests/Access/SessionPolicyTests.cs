using System.Net;
using CsCheck;
using Helix.Core.Access;
using Helix.Core.Configuration;

namespace Helix.Core.Tests.Access;

/// <summary>What a browser may do that has signed in, and what its cookie alone is good for.</summary>
public class SessionPolicyTests
{
    private static readonly IPEndPoint s_local = new(IPAddress.Loopback, 4359);

    /// <summary>From the dashboard's own page.</summary>
    private static readonly AccessQuestion s_read = new(
        ListenerKind.Loopback, PathClass.HelixApi, "GET", "127.0.0.1:4359", s_local, null, "same-origin", null, false, PresentedKey.None) { Session = SessionProof.Cookie };

    private static readonly AccessQuestion s_wish = s_read with { Method = "POST", Origin = "http://127.0.0.1:4359", ContentType = "application/json", HasBody = true, Session = SessionProof.Token };

    private static readonly Gen<AccessQuestion> s_asked = Gen.Select(
        Gen.OneOf(ListenerKind.Network, ListenerKind.Loopback),
        Gen.Enum<PathClass>(),
        Gen.OneOf("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get"),
        Gen.OneOf<string?>(null, "http://127.0.0.1:4359", "http://127.0.0.1:8188", "http://evil.example"),
        Gen.OneOf<string?>(null, "same-origin", "none", "same-site", "cross-site"),
        Gen.Enum<SessionProof>(),
        Gen.Bool,
        Gen.Bool,
        (listener, path, method, origin, site, session, navigates, monitor) => new AccessQuestion(
            listener, path, method, "127.0.0.1:4359", s_local, origin, site, "application/json", method is "POST" or "PUT", PresentedKey.None) { Session = session, IsNavigation = navigates, IsMonitor = monitor });

    [Fact]
    public void The_cookie_alone_reads() => Passes(s_read);

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    public void What_changes_something_needs_the_token_besides(string method)
    {
        Refused(403, "csrf", s_wish with { Method = method, Session = SessionProof.Cookie });
        Passes(s_wish with { Method = method });
    }

    [Theory]
    [InlineData("http://127.0.0.1:8188", "same-site")]
    [InlineData("http://evil.example", "cross-site")]
    [InlineData(null, "same-site")]
    [InlineData("null", null)]
    public void No_other_page_gets_anything_with_both(string? origin, string? site)
    {
        Refused(403, "cross_site", s_wish with { Origin = origin, FetchSite = site });
        Refused(403, "cross_site", s_read with { Origin = origin, FetchSite = site });
    }

    [Fact]
    public void An_engines_own_pages_are_not_opened_by_it() => Refused(401, "missing_api_key", s_wish with { Path = PathClass.EngineApi });

    [Fact]
    public void Where_models_need_a_key_the_playground_asks_with_both_and_nobody_with_the_cookie_alone()
    {
        var chat = s_wish with { Path = PathClass.Inference };

        Passes(chat, requireKey: true);
        Passes(chat with { Listener = ListenerKind.Network });
        Refused(403, "csrf", chat with { Session = SessionProof.Cookie }, requireKey: true);
        Refused(401, "missing_api_key", chat with { Session = SessionProof.None }, requireKey: true);
    }

    [Fact]
    public void Anybody_may_sign_in_and_ask_whether_he_is_and_only_who_is_signs_out()
    {
        var asked = s_wish with { Path = PathClass.SignIn, Session = SessionProof.None };

        Passes(asked);
        Passes(asked with { Listener = ListenerKind.Network });
        Passes(asked with { Method = "GET", HasBody = false, ContentType = null });
        Refused(403, "cross_site", asked with { Origin = "http://evil.example", FetchSite = "cross-site" });
        Refused(415, "unsupported_content_type", asked with { ContentType = "text/plain" });
        Refused(401, "missing_api_key", asked with { Method = "DELETE" });
        Refused(403, "csrf", asked with { Method = "DELETE", Session = SessionProof.Cookie });
        Passes(asked with { Method = "DELETE", HasBody = false, ContentType = null, Session = SessionProof.Token });
    }

    [Fact]
    public void A_link_to_the_dashboard_may_stand_on_any_page_and_nothing_else_may_be_asked_from_there()
    {
        var asked = s_read with { Path = PathClass.Page, FetchSite = "cross-site", IsNavigation = true, Session = SessionProof.None };

        Passes(asked);
        Refused(403, "cross_site", asked with { IsNavigation = false });
        Refused(403, "cross_site", asked with { Method = "POST", HasBody = true, ContentType = "application/json" });
        Refused(403, "cross_site", asked with { Path = PathClass.HelixApi, Session = SessionProof.Cookie });
        Refused(403, "host_not_allowed", asked with { Host = "evil.example" });
    }

    [Fact]
    public void The_dashboards_own_listener_is_no_gateway_but_for_its_playground()
    {
        var asked = s_wish with { IsMonitor = true };

        Passes(asked);
        Passes(asked with { Path = PathClass.Inference });
        Passes(asked with { Path = PathClass.Inference, Method = "GET", HasBody = false, ContentType = null, Session = SessionProof.Cookie });
        Refused(403, "csrf", asked with { Path = PathClass.Inference, Session = SessionProof.Cookie });
        Passes(asked with { Path = PathClass.Page, Method = "GET", HasBody = false, ContentType = null, Session = SessionProof.None });
        foreach (var path in new[] { PathClass.Inference, PathClass.EngineApi, PathClass.Metrics }) Refused(403, "not_here", asked with { Path = path, Session = SessionProof.None, Key = PresentedKey.Known(KeyScopes.Admin, "boss") });
    }

    [Fact]
    public void Nothing_is_changed_without_the_token_a_key_or_the_right_to_do_so_without_both() => s_asked.Sample(asked =>
        asked.Session == SessionProof.Token || asked.Method is "GET" or "HEAD" || asked.Path is not PathClass.HelixApi || Decide(asked, requireKey: false) is AccessDecision.Refuse);

    [Fact]
    public void No_page_of_another_origin_reaches_what_only_a_session_opens() => s_asked.Sample(asked =>
        asked.Path is PathClass.Page or PathClass.Public || (asked.Origin is null or "http://127.0.0.1:4359" && asked.FetchSite is null or "same-origin" or "none") || Decide(asked, requireKey: true) is AccessDecision.Refuse);

    [Fact]
    public void No_session_opens_an_engines_own_api() => s_asked.Sample(asked => asked.Path != PathClass.EngineApi || Decide(asked, requireKey: false) is AccessDecision.Refuse);

    private static AccessDecision Decide(in AccessQuestion asked, bool requireKey) => AccessPolicy.Decide(asked, HelixConfig.Default with { Security = new SecurityConfig(RequireKey: requireKey) });

    private static void Passes(in AccessQuestion asked, bool requireKey = false) => Assert.IsType<AccessDecision.Allow>(Decide(asked, requireKey));

    private static void Refused(int status, string code, in AccessQuestion asked, bool requireKey = false)
    {
        var refused = Assert.IsType<AccessDecision.Refuse>(Decide(asked, requireKey));
        Assert.Equal((status, code), (refused.Status, refused.Code));
    }
}
