using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Clouds;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Clouds;

public class CloudRefusalTests
{
    private static readonly CloudTarget s_cloud = new("openai", new("api.openai.com", 443, "/v1"), new("sk-proj-1234567890"));

    [Fact]
    public void A_key_that_is_not_accepted_is_helixs_matter_and_no_part_of_it_is_told()
    {
        var (head, words) = Told(401, """{"error":{"message":"Incorrect API key provided: sk-proj-****7890."}}""");

        Assert.Equal(502, head.Status);
        var error = JsonNode.Parse(words)!["error"]!;
        Assert.Equal(CloudRefusal.KeyRefused, (string?)error["code"]);
        Assert.Contains("helix cloud add openai", (string?)error["message"], StringComparison.Ordinal);
        Assert.DoesNotContain("7890", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "no", true)]
    [InlineData(400, """{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}""", true)]
    [InlineData(400, "no", false)]
    [InlineData(403, "API_KEY_INVALID", false)]
    public void Google_says_in_its_own_way_that_a_key_is_wrong(int status, string words, bool isOfKey)
    {
        Assert.Equal(isOfKey, CloudRefusal.IsOfKey(status, Encoding.UTF8.GetBytes(words)));
        Assert.Equal(isOfKey, Told(status, words).Words.Contains(CloudRefusal.KeyRefused, StringComparison.Ordinal));
    }

    [Fact]
    public void Any_other_refusal_is_told_as_it_came_without_the_key() =>
        Assert.Equal((429, """{"error":{"message":"(key) and (key): slow down"}}"""), Plain(Told(429, """{"error":{"message":"sk-proj-1234567890 and sk-proj-1234567890: slow down"}}""")));

    [Fact]
    public void What_does_not_repeat_it_is_not_touched()
    {
        ReadOnlyMemory<byte> words = "no"u8.ToArray();

        Assert.Equal(words, CloudRefusal.Told(s_cloud, Head(400), words).Words);
    }

    private static (UpstreamHead Head, string Words) Told(int status, string words)
    {
        var (head, told) = CloudRefusal.Told(s_cloud, Head(status), Encoding.UTF8.GetBytes(words));
        return (head, Encoding.UTF8.GetString(told.Span));
    }

    private static (int, string) Plain((UpstreamHead Head, string Words) told) => (told.Head.Status, told.Words);

    private static UpstreamHead Head(int status) => new(status, BodyFraming.Length, 0, true, "application/json", null);
}
