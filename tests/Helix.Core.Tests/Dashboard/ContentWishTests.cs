using Helix.Core.Dashboard;

namespace Helix.Core.Tests.Dashboard;

public class ContentWishTests
{
    [Theory]
    [InlineData(null, ContentForm.Plain)]
    [InlineData("", ContentForm.Plain)]
    [InlineData("identity", ContentForm.Plain)]
    [InlineData("gzip, deflate", ContentForm.Gzip)]
    [InlineData("gzip, deflate, br, zstd", ContentForm.Brotli)]
    [InlineData("BR;q=1.0, gzip;q=0.5", ContentForm.Brotli)]
    [InlineData("br;q=0, gzip", ContentForm.Gzip)]
    [InlineData("br; q=0.0,gzip ;q=0", ContentForm.Plain)]
    [InlineData("brotli", ContentForm.Plain)]
    public void The_smallest_form_that_is_taken_is_sent(string? accepted, object form) => Assert.Equal(form, ContentWish.FormOf(accepted));

    [Theory]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true)]
    [InlineData("*/*", false)]
    [InlineData("application/json", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_who_names_it_wants_a_page(string? accept, bool isForPage) => Assert.Equal(isForPage, ContentWish.IsForPage(accept));

    [Theory]
    [InlineData("\"a\"", true)]
    [InlineData("W/\"a\"", true)]
    [InlineData("\"b\", \"a\"", true)]
    [InlineData("*", true)]
    [InlineData("\"b\"", false)]
    [InlineData("a", false)]
    [InlineData(null, false)]
    public void What_a_client_has_is_known_by_its_tag(string? sent, bool has) => Assert.Equal(has, ContentWish.Has(sent, "\"a\""));
}
