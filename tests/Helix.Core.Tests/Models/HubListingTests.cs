using System.Text;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class HubListingTests
{
    private const string Digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void Files_come_with_length_and_with_a_digest_where_they_are_large()
    {
        var listing = Read($$$"""{"sha": "abc123", "siblings": [{"rfilename": "config.json", "size": 7}, {"rfilename": "model.safetensors", "size": 9000, "lfs": {"sha256": "{{{Digest}}}", "size": 9000}}, {"rfilename": "1_Pooling/config.json"}]}""");

        Assert.Equal("abc123", listing!.Commit);
        Assert.Equal([new HubFile("config.json", 7, null), new("model.safetensors", 9000, Digest), new("1_Pooling/config.json", 0, null)], listing.Files);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"siblings": []}""")]
    [InlineData("""{"sha": "../x", "siblings": []}""")]
    [InlineData("""{"sha": "abc", "siblings": [{"rfilename": "../config.json"}]}""")]
    [InlineData("""{"sha": "abc", "siblings": [{"rfilename": "/etc/passwd"}]}""")]
    [InlineData("""{"sha": "abc", "siblings": [{"rfilename": "a//b"}]}""")]
    [InlineData("""{"sha": "abc", "siblings": [{"rfilename": "a\\b"}]}""")]
    [InlineData("""{"sha": "abc", "siblings": [{"rfilename": 7}]}""")]
    [InlineData("""{"sha": "abc", "siblings": [{"size": 7}]}""")]
    [InlineData("""{"sha": "abc", "siblings": [{"rfilename": "a", "size": 1e99}]}""")]
    public void What_is_no_listing_or_leads_elsewhere_is_refused(string json) => Assert.Null(Read(json));

    [Fact]
    public void A_repository_is_a_model_in_many_files() =>
        Assert.Equal(new ModelSource.HubFolder("Qwen/Qwen3-0.6B", "abc"), ModelSource.Parse("hf:Qwen/Qwen3-0.6B@abc", new("https://hub.example/")));

    private static HubListing? Read(string json) => HubListing.Read(Encoding.UTF8.GetBytes(json));
}
