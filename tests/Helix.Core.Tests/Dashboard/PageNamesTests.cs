using Helix.Core.Dashboard;

namespace Helix.Core.Tests.Dashboard;

public class PageNamesTests
{
    [Theory]
    [InlineData("index.html", false)]
    [InlineData("app.js", false)]
    [InlineData("service-worker.js", false)]
    [InlineData("some-interesting.js", false)]
    [InlineData("app-3F9A0C1B2D.js", true)]
    [InlineData("app.3f9a0c1b.css", true)]
    [InlineData("fonts/inter-12345678.woff2", true)]
    [InlineData("-12345678.js", false)]
    [InlineData("app-1234567.js", false)]
    public void Only_a_file_with_a_digest_in_its_name_is_kept_for_ever(string name, bool forEver) =>
        Assert.Equal(forEver ? PageNames.ForEver : PageNames.AskAgain, PageNames.CachingOf(name));

    [Theory]
    [InlineData("index.html", "text/html; charset=utf-8", true)]
    [InlineData("a/b.JS", "text/javascript; charset=utf-8", true)]
    [InlineData("icon.svg", "image/svg+xml", true)]
    [InlineData("photo.png", "image/png", false)]
    [InlineData("font.woff2", "font/woff2", false)]
    [InlineData("who.knows", "application/octet-stream", false)]
    [InlineData("none", "application/octet-stream", false)]
    public void Its_name_says_what_it_is(string name, string type, bool isText) => Assert.Equal((type, isText), (PageNames.TypeOf(name), PageNames.IsText(name)));

    [Fact]
    public void Nothing_runs_and_nothing_is_asked_but_what_is_its_own()
    {
        Assert.Contains("default-src 'none'", PageHeaders.Policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", PageHeaders.Policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", PageHeaders.Policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", PageHeaders.Policy, StringComparison.Ordinal);
        Assert.DoesNotContain('*', PageHeaders.Policy);
    }
}
