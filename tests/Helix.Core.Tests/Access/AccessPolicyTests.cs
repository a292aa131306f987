using System.Collections.Immutable;
using System.Net;
using CsCheck;
using Helix.Core.Access;
using Helix.Core.Configuration;

namespace Helix.Core.Tests.Access;

public class AccessPolicyTests
{
    private static readonly IPEndPoint s_local = new(IPAddress.Loopback, 4359);
    private static readonly PresentedKey s_infer = PresentedKey.Known(KeyScopes.Infer, "app");
    private static readonly PresentedKey s_admin = PresentedKey.Known(KeyScopes.Admin, "boss");
    private static readonly PresentedKey s_scraper = PresentedKey.Known(KeyScopes.Metrics, "scraper");

    private static readonly AccessQuestion s_chat = new(
        ListenerKind.Loopback, PathClass.Inference, "POST", "127.0.0.1:4359", s_local, null, null, "application/json", true, PresentedKey.None);

    private static readonly Gen<AccessQuestion> s_asked = Gen.Select(
        Gen.Enum<ListenerKind>(),
        Gen.Enum<PathClass>(),
        Gen.OneOf("GET", "POST", "DELETE", "OPTIONS", "get"),
        Gen.OneOf("127.0.0.1:4359", "localhost:4359", "evil.example:4359", "", "10.0.0.7:4359"),
        Gen.OneOf<string?>(null, "http://127.0.0.1:4359", "http://evil.example", "null"),
        Gen.OneOf<string?>(null, "same-origin", "none", "same-site", "cross-site", "?"),
        Gen.OneOf<string?>(null, "application/json", "text/plain", "multipart/form-data; boundary=x"),
        Gen.OneOf(PresentedKey.None, PresentedKey.Unknown(true), PresentedKey.Unknown(false), s_infer, s_admin, s_scraper),
        Gen.Bool,
        (listener, path, method, host, origin, site, type, key, takesForm) =>
            new AccessQuestion(listener, path, method, host, listener == ListenerKind.UnixSocket ? null : s_local, origin, site, type, method == "POST", key) { TakesForm = takesForm });

    [Fact]
    public void Inference_on_loopback_is_open() => Passes(s_chat);

    [Fact]
    public void Inference_on_loopback_can_be_made_to_need_a_key()
    {
        Refused(401, "missing_api_key", s_chat, requireKey: true);
        Refused(401, "invalid_api_key", s_chat with { Key = PresentedKey.Unknown(false) }, requireKey: true);
        Passes(s_chat with { Key = s_infer }, requireKey: true);
    }

    [Fact]
    public void A_wrong_helix_key_is_refused_even_where_none_is_needed() => Refused(401, "invalid_api_key", s_chat with { Key = PresentedKey.Unknown(true) });

    [Fact]
    public void A_placeholder_that_is_no_helix_key_is_ignored_where_none_is_needed() => Passes(s_chat with { Key = PresentedKey.Unknown(false) });

    [Fact]
    public void The_unix_socket_opens_everything() =>
        Passes(s_chat with { Listener = ListenerKind.UnixSocket, Local = null, Path = PathClass.HelixApi, Host = "x", Origin = "http://evil.example", ContentType = null });

    [Fact]
    public void Helixs_own_api_over_tcp_needs_an_admin_key()
    {
        var asked = s_chat with { Path = PathClass.HelixApi };

        Refused(401, "missing_api_key", asked);
        Refused(403, "insufficient_scope", asked with { Key = s_infer });
        Passes(asked with { Key = s_admin });
    }

    [Fact]
    public void Metrics_are_read_with_a_key_for_them_or_on_an_open_loopback_without_one()
    {
        var asked = s_chat with { Path = PathClass.Metrics, Method = "GET", ContentType = null, HasBody = false };

        Passes(asked);
        Refused(401, "missing_api_key", asked, requireKey: true);
        Refused(401, "missing_api_key", asked with { Listener = ListenerKind.Network });
        Refused(403, "insufficient_scope", asked with { Key = s_infer });
        Passes(asked with { Listener = ListenerKind.Network, Key = s_scraper }, requireKey: true);
        Passes(asked with { Listener = ListenerKind.Network, Key = s_admin }, requireKey: true);
    }

    [Fact]
    public void A_key_for_metrics_opens_nothing_else()
    {
        Refused(403, "insufficient_scope", s_chat with { Key = s_scraper });
        Refused(403, "insufficient_scope", s_chat with { Path = PathClass.HelixApi, Key = s_scraper });
    }

    [Theory]
    [InlineData("localhost:4359", true)]
    [InlineData("LOCALHOST:4359", true)]
    [InlineData("[::1]:4359", true)]
    [InlineData("127.8.8.8:4359", true)]
    [InlineData("box.lan", true)]
    [InlineData("box.lan:9", true)]
    [InlineData("other.lan:77", true)]
    [InlineData("other.lan:78", false)]
    [InlineData("localhost", true)]
    [InlineData("localhost:1", true)]
    [InlineData("127.0.0.1:8000", true)]
    [InlineData("localhost:x", false)]
    [InlineData("localhost:70000", false)]
    [InlineData("localhost:", false)]
    [InlineData("localhost.evil.example:4359", false)]
    [InlineData("evil.example:4359", false)]
    [InlineData("192.168.1.9:4359", false)]
    [InlineData("[::1", false)]
    [InlineData(":4359", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_its_own_names_are_answered_to(string? host, bool ours)
    {
        var asked = s_chat with { Host = host };

        if (ours) Passes(asked, hosts: ["box.lan", "other.lan:77"]);
        else Refused(403, "host_not_allowed", asked, hosts: ["box.lan", "other.lan:77"]);
    }

    [Fact]
    public void The_address_a_request_came_in_on_is_an_own_name()
    {
        var asked = s_chat with { Listener = ListenerKind.Network, Local = new(IPAddress.Parse("::ffff:192.168.1.9"), 4359), Host = "192.168.1.9:4359" };

        Passes(asked with { Key = s_infer });
        Refused(401, "missing_api_key", asked);
    }

    [Theory]
    [InlineData("http://evil.example", null)]
    [InlineData("null", null)]
    [InlineData("http://127.0.0.1:3000", null)]
    [InlineData(null, "cross-site")]
    [InlineData(null, "same-site")]
    [InlineData("http://127.0.0.1:4359", "cross-site")]
    public void Web_pages_from_elsewhere_are_refused_whatever_key_they_bring(string? origin, string? site) =>
        Refused(403, "cross_site", s_chat with { Origin = origin, FetchSite = site, Key = s_admin });

    [Fact]
    public void A_page_of_the_gateway_itself_may_ask() => Passes(s_chat with { Origin = "http://127.0.0.1:4359", FetchSite = "same-origin" });

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonp")]
    public void A_body_that_is_not_json_is_refused(string? type) => Refused(415, "unsupported_content_type", s_chat with { ContentType = type });

    [Fact]
    public void A_json_type_may_name_its_charset() => Passes(s_chat with { ContentType = "Application/JSON; charset=utf-8" });

    [Fact]
    public void A_form_is_taken_where_one_is_and_nowhere_else()
    {
        var form = s_chat with { ContentType = "multipart/form-data; boundary=x" };

        Refused(415, "unsupported_content_type", form);
        Passes(form with { TakesForm = true });
        Passes(s_chat with { TakesForm = true });
        Refused(415, "unsupported_content_type", form with { TakesForm = true, ContentType = "multipart/mixed; boundary=x" });
        Refused(403, "cross_site", form with { TakesForm = true, Origin = "http://evil.example" });
    }

    [Fact]
    public void A_wish_without_a_body_needs_no_content_type() =>
        Passes(s_chat with { Path = PathClass.HelixApi, Key = s_admin, HasBody = false, ContentType = null });

    [Fact]
    public void What_an_engines_own_api_takes_is_its_own_matter() => Passes(s_chat with { Path = PathClass.EngineApi, Key = s_admin, ContentType = "multipart/form-data; boundary=x" });

    [Fact]
    public void Without_a_key_nothing_but_loopback_gets_through() => s_asked.Sample(asked =>
        asked.Listener != ListenerKind.Network || asked.Path is PathClass.Public or PathClass.Page or PathClass.SignIn || asked.Key.Presence == KeyPresence.Known || Decide(asked) is AccessDecision.Refuse);

    [Fact]
    public void The_dashboards_files_and_the_place_to_sign_in_take_only_what_they_are_for() => s_asked.Sample(asked =>
        asked.Listener != ListenerKind.Network || asked.Path is not (PathClass.Page or PathClass.SignIn) || asked.Key.Presence == KeyPresence.Known || asked.Method is "GET" or "HEAD" || (asked is { Path: PathClass.SignIn, Method: "POST" })
        || Decide(asked) is AccessDecision.Refuse);

    [Fact]
    public void Helixs_own_api_and_the_engines_never_open_to_tcp_without_admin() => s_asked.Sample(asked =>
        asked.Listener == ListenerKind.UnixSocket || asked.Path is not (PathClass.HelixApi or PathClass.EngineApi) || asked.Key.Scopes.HasFlag(KeyScopes.Admin) || Decide(asked) is AccessDecision.Refuse);

    [Fact]
    public void A_stranger_name_or_page_never_gets_through_tcp() => s_asked.Sample(asked =>
        asked.Listener == ListenerKind.UnixSocket || asked.Path == PathClass.Public
        || (asked.Host is "127.0.0.1:4359" or "localhost:4359" && asked.Origin is null or "http://127.0.0.1:4359" && asked.FetchSite is null or "none" or "same-origin")
        || Decide(asked) is AccessDecision.Refuse);

    [Fact]
    public void Every_refusal_says_what_to_do() => s_asked.Sample(asked =>
        Decide(asked) is not AccessDecision.Refuse refused || (refused.Message.Length > 0 && refused.Remedy.Length > 0 && refused.Status is 401 or 403 or 415));

    [Theory]
    [InlineData("/v1/models", PathClass.Inference)]
    [InlineData("/V1/x", PathClass.Inference)]
    [InlineData("/helix/v1/keys", PathClass.HelixApi)]
    [InlineData("/HELIX/V1/keys", PathClass.HelixApi)]
    [InlineData("//helix/v1/keys", PathClass.HelixApi)]
    [InlineData("/helix", PathClass.HelixApi)]
    [InlineData("/p/vllm/metrics", PathClass.EngineApi)]
    [InlineData("//P/x", PathClass.EngineApi)]
    [InlineData("/props", PathClass.Dashboard)]
    [InlineData("/metrics", PathClass.Metrics)]
    [InlineData("/METRICS/", PathClass.Metrics)]
    [InlineData("//metrics", PathClass.Metrics)]
    [InlineData("/metricsx", PathClass.Dashboard)]
    [InlineData("/livez", PathClass.Public)]
    [InlineData("/livez/x", PathClass.Dashboard)]
    [InlineData("/", PathClass.Page)]
    [InlineData("/ui/app.js", PathClass.Page)]
    [InlineData("/ui/", PathClass.Page)]
    [InlineData("/ui", PathClass.Dashboard)]
    [InlineData("/UI/app.js", PathClass.Dashboard)]
    [InlineData("//ui/app.js", PathClass.Dashboard)]
    [InlineData("//", PathClass.Dashboard)]
    [InlineData("/helix/v1/session", PathClass.SignIn)]
    [InlineData("/helix/v1/session/", PathClass.HelixApi)]
    [InlineData("/helix/v1/Session", PathClass.HelixApi)]
    [InlineData("//helix/v1/session", PathClass.HelixApi)]
    [InlineData("/helix/v1/sessions", PathClass.HelixApi)]
    [InlineData("", PathClass.Dashboard)]
    public void Paths_fall_into_the_stricter_class(string path, object expected) => Assert.Equal(expected, AccessPaths.Classify(path));

    private static AccessDecision Decide(in AccessQuestion asked, bool requireKey = false, ImmutableArray<string>? hosts = null) => AccessPolicy.Decide(
        asked,
        HelixConfig.Default with { Security = new SecurityConfig(RequireKey: requireKey), Gateway = new GatewayConfig(AllowedHosts: hosts) });

    private static void Passes(in AccessQuestion asked, bool requireKey = false, ImmutableArray<string>? hosts = null) =>
        Assert.IsType<AccessDecision.Allow>(Decide(asked, requireKey, hosts));

    private static void Refused(int status, string code, in AccessQuestion asked, bool requireKey = false, ImmutableArray<string>? hosts = null)
    {
        var refused = Assert.IsType<AccessDecision.Refuse>(Decide(asked, requireKey, hosts));
        Assert.Equal((status, code), (refused.Status, refused.Code));
    }
}
