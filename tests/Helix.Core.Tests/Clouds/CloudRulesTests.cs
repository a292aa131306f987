using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Clouds;

public class CloudRulesTests
{
    private static readonly CloudTarget s_cloud = new("openai", new("api.openai.com", 443, "/v1"), new("sk"));
    private static readonly CloudConfig s_rules = new(Instead: ["small=openai/gpt", "big-7b=openai/gpt", "llamacpp/diary=openai/gpt", "auto=anthropic/claude"], AfterSeconds: 10, PrivateModels: ["diary", "openai/o1", "notes:7b"]);

    [Theory]
    [InlineData("gpt", "gpt", false, null)]
    [InlineData("gpt", "openai/gpt", false, null)]
    [InlineData("gpt", "openai/gpt", true, "private_key")]
    [InlineData("diary", "openai/diary", false, "private_model")]
    [InlineData("gpt", "diary", false, "private_model")]
    [InlineData("gpt", "diary:latest", false, "private_model")]
    [InlineData("gpt", "llamacpp/diary", false, "private_model")]
    [InlineData("gpt", "llamacpp/diary:latest", false, "private_model")]
    [InlineData("gpt", "notes:7b", false, "private_model")]
    [InlineData("gpt", "notes-7b:latest", false, "private_model")]
    [InlineData("notes-7b", null, false, "private_model")]
    [InlineData("o1", "o1", false, "private_model")]
    [InlineData("o1", null, false, "private_model")]
    [InlineData("o1-mini", "openai/o1-mini", false, null)]
    public void What_is_private_does_not_go_there_whatever_it_is_called(string model, string? asked, bool isPrivateKey, string? code) =>
        Assert.Equal(code, CloudRules.Forbidden(s_cloud, model, asked, "laptop", isPrivateKey, s_rules)?.Code);

    [Fact]
    public void A_model_that_is_private_at_one_cloud_may_be_asked_of_another() =>
        Assert.Null(CloudRules.Forbidden(new("other", new("api.example.com", 443, "/v1"), new("sk")), "o1", "other/o1", "", false, s_rules));

    [Theory]
    [InlineData("small", "openai/gpt")]
    [InlineData("small:latest", "openai/gpt")]
    [InlineData("big:7b", "openai/gpt")]
    [InlineData("auto", "anthropic/claude")]
    [InlineData(null, "anthropic/claude")]
    [InlineData("large", null)]
    [InlineData("llamacpp/diary", null)]
    public void A_chat_has_the_stand_in_that_is_named_for_its_model(string? asked, string? standIn) =>
        Assert.Equal(standIn, StandIn(InferenceRoute.Chat, asked, s_rules));

    [Fact]
    public void Nothing_stands_in_without_a_time_for_what_is_private_or_for_what_is_no_chat()
    {
        Assert.Null(StandIn(InferenceRoute.Chat, "small", s_rules with { AfterSeconds = null }));
        Assert.Null(StandIn(InferenceRoute.Chat, "small", s_rules with { PrivateModels = ["small"] }));
        Assert.Null(StandIn(InferenceRoute.Completion, "small", s_rules));
        Assert.Null(StandIn(InferenceRoute.Embeddings, "small", s_rules));
    }

    [Fact]
    public void Several_may_stand_in_for_one()
    {
        var rules = s_rules with { Instead = ["big-7b=openai/gpt", "small=openai/gpt", "big:7b=anthropic/claude", "big-7b:latest=openai/gpt"] };

        Assert.Equal("openai/gpt anthropic/claude", string.Join(' ', CloudRules.StandIns(InferenceRoute.Chat, "big:7b", CloudRules.Lines(rules), rules)));
    }

    private static string? StandIn(InferenceRoute route, string? asked, CloudConfig config) =>
        CloudRules.StandIns(route, asked, CloudRules.Lines(config), config) is [var only] ? only : null;

    [Theory]
    [InlineData("small=openai/gpt", true)]
    [InlineData("auto=openrouter/meta/llama", true)]
    [InlineData("llamacpp/small=openai/gpt", true)]
    [InlineData("small", false)]
    [InlineData("=openai/gpt", false)]
    [InlineData("small=gpt", false)]
    [InlineData("small=/gpt", false)]
    [InlineData("small=openai/", false)]
    [InlineData("small=openai/auto", false)]
    [InlineData("small=openai/a=b", false)]
    [InlineData("my model=openai/gpt", false)]
    public void It_is_said_which_lines_are_understood(string text, bool isGood) => Assert.Equal(isGood, CloudRules.Refuse(text) is null);
}
