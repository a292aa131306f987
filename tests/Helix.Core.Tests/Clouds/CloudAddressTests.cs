using Helix.Core.Clouds;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Clouds;

public class CloudAddressTests
{
    [Theory]
    [InlineData("https://api.example.com/v1", "https://api.example.com/v1", "api.example.com", "/v1/chat/completions")]
    [InlineData("https://api.example.com/openai/v1/", "https://api.example.com/openai/v1", "api.example.com", "/openai/v1/chat/completions")]
    [InlineData("https://example.com:8443", "https://example.com:8443/v1", "example.com:8443", "/v1/chat/completions")]
    [InlineData("https://[::1]:9/x", "https://[::1]:9/x", "[::1]:9", "/x/chat/completions")]
    public void What_a_user_types_says_where_it_is_asked(string text, string url, string authority, string path)
    {
        var address = CloudAddress.Parse(text).Address!;

        Assert.Equal((url, authority, path), (address.Url, address.Authority, address.PathOf(InferenceRoute.Chat)));
        Assert.Equal(address, CloudAddress.Parse(address.Url).Address);
    }

    [Theory]
    [InlineData("http://api.example.com/v1", "https only")]
    [InlineData("ftp://api.example.com", "does not speak ftp")]
    [InlineData("https://me:secret@example.com/v1", "name or password")]
    [InlineData("https://example.com/v1?key=1", "cannot be part")]
    [InlineData("example", "is no address")]
    [InlineData("", "is no address")]
    public void What_is_no_such_address_is_refused_with_a_way_out(string text, string reason)
    {
        var (address, why, remedy) = CloudAddress.Parse(text);

        Assert.Null(address);
        Assert.Contains(reason, why, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(remedy));
    }

    [Fact]
    public void A_password_in_an_address_is_not_repeated() =>
        Assert.DoesNotContain("secret", $"{CloudAddress.Parse("https://me:secret@example.com/v1")}", StringComparison.Ordinal);

    [Fact]
    public void The_known_ones_are_asked_at_their_addresses()
    {
        Assert.Equal("https://api.openai.com/v1", CloudProduct.Find("openai")!.Address.Url);
        Assert.Equal("https://api.anthropic.com/v1", CloudProduct.Find("anthropic")!.Address.Url);
        Assert.Equal("/v1beta/openai/embeddings", CloudProduct.Find("gemini")!.Address.PathOf(InferenceRoute.Embeddings));
        Assert.All(CloudProduct.All, product => Assert.Equal(product, CloudProduct.At(CloudAddress.Parse(product.Address.Url).Address!)));
        Assert.Null(CloudProduct.Find("opnai"));
    }

    [Fact]
    public void The_line_that_gives_another_key_names_what_has_to_be_named()
    {
        Assert.Equal("helix cloud add openai", CloudProduct.LineFor("openai", CloudProduct.Find("openai")!.Address, CloudWords.OpenAi));
        Assert.Equal("helix cloud add openai --name work", CloudProduct.LineFor("work", CloudProduct.Find("openai")!.Address, CloudWords.OpenAi));
        Assert.Equal("helix cloud add https://x.example/v1 --name x", CloudProduct.LineFor("x", new("x.example", 443, "/v1"), CloudWords.OpenAi));
        Assert.Equal("helix cloud add https://x.example/v1 --name x --speaks anthropic", CloudProduct.LineFor("x", new("x.example", 443, "/v1"), CloudWords.Anthropic));
        Assert.Equal("helix cloud add anthropic", CloudProduct.LineFor("anthropic", CloudProduct.Find("anthropic")!.Address, CloudWords.Anthropic));
        Assert.Equal("helix cloud add anthropic --speaks openai", CloudProduct.LineFor("anthropic", CloudProduct.Find("anthropic")!.Address, CloudWords.OpenAi));
    }

    [Theory]
    [InlineData("openai", "/v1/chat/completions")]
    [InlineData("anthropic", "/v1/messages")]
    public void Where_it_is_asked_is_a_matter_of_its_words(string words, string path) =>
        Assert.Equal(path, new CloudTarget("a", CloudProduct.Find("anthropic")!.Address, new("sk")) { Words = SpokenWords.Of(words)!.Value }.PathOf(InferenceRoute.Chat));

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public void Words_are_named_as_they_are_read(string name) => Assert.Equal(name, SpokenWords.Name(SpokenWords.Of(name)!.Value));

    [Fact]
    public void A_secret_does_not_show_itself()
    {
        var target = new CloudTarget("openai", new("api.openai.com", 443, "/v1"), new("sk-1234"));

        Assert.DoesNotContain("sk-1234", $"{target}", StringComparison.Ordinal);
        Assert.Equal("sk-1234", target.Key.Reveal());
        Assert.Equal(target, target with { Key = new("sk-1234") });
        Assert.NotEqual(target, target with { Key = new("sk-12345") });
    }
}
