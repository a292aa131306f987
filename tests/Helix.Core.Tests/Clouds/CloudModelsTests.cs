using Helix.Core.Clouds;
using Helix.Core.Fleet;

namespace Helix.Core.Tests.Clouds;

public class CloudModelsTests
{
    [Fact]
    public void A_list_is_read_in_order_without_prefixes_and_without_what_nobody_can_chat_with() => Assert.Equal(
        ["gemini-2.5-flash", "gpt-4o", "text-embedding-3-small"],
        Names("""{"data":[{"id":"gpt-4o"},{"id":"models/gemini-2.5-flash"},{"id":"text-embedding-3-small"},{"id":"whisper-1"},{"id":"gpt-4o-realtime-preview"},{"id":"gpt-image-1"},{"id":"gpt-4o"},{"id":"two words"},{"id":"models/"},{"id":"auto"},{"id":"auto:latest"},{"id":"openrouter/auto"},{"id":7},{}]}"""));

    [Fact]
    public void Anthropics_own_list_is_read_the_same() => Assert.Equal(
        ["claude-haiku-4-5", "claude-sonnet-5-5"],
        Names("""{"data":[{"type":"model","id":"claude-sonnet-5-5","display_name":"Claude Sonnet 5.5"},{"type":"model","id":"claude-haiku-4-5"}],"has_more":false}"""));

    [Theory]
    [InlineData("""{"models":[]}""", 200)]
    [InlineData("<html>", 200)]
    [InlineData("""{"data":[{"id":"gpt-4o"},{"id":"\ud800"}]}""", 200)]
    [InlineData("""{"data":[{"id":"gpt-4o"}]}""", 500)]
    public void What_is_no_list_is_none(string text, int status) => Assert.Null(CloudModels.NamesIn(new Heard(status, text)));

    [Fact]
    public void What_says_that_it_makes_vectors_is_asked_for_those_only()
    {
        var models = CloudModels.Of(["text-embedding-3-small", "gpt-4o"]);

        Assert.Equal([ModelAbilities.Embeddings, ModelAbilities.Everything], models.Select(model => model.Abilities));
    }

    [Fact]
    public void In_Anthropics_words_there_are_chats_only() =>
        Assert.Equal([ModelAbilities.Chat | ModelAbilities.Tools | ModelAbilities.JsonSchema], CloudModels.Of(["claude-embed"], CloudWords.Anthropic).Select(model => model.Abilities));

    [Fact]
    public void Pages_of_a_list_become_one()
    {
        var first = new Heard(200, """{"data":[{"id":"b"}],"has_more":true,"last_id":"b"}""");
        var second = new Heard(200, """{"data":[{"id":"a"}],"has_more":false,"last_id":"a"}""");
        var joined = ModelPages.Joined(first, second);

        Assert.Equal(("b", (string?)null, (string?)null), (ModelPages.After(first), ModelPages.After(second), ModelPages.After(joined)));
        Assert.Equal(["a", "b"], CloudModels.NamesIn(joined)!.Value);
    }

    [Theory]
    [InlineData("""{"data":[],"has_more":true}""", 200)]
    [InlineData("""{"data":[],"has_more":"yes","last_id":"b"}""", 200)]
    [InlineData("""{"data":[],"has_more":true,"last_id":"\ud800"}""", 200)]
    [InlineData("""{"data":[],"has_more":true,"last_id":"b"}""", 500)]
    [InlineData("<html>", 200)]
    [InlineData("[]", 200)]
    public void What_names_no_next_page_is_the_last(string text, int status) => Assert.Null(ModelPages.After(new Heard(status, text)));

    [Theory]
    [InlineData("<html>")]
    [InlineData("""{"data":7}""")]
    [InlineData("""{"data":[{"id":"\ud800"}]}""")]
    public void A_page_that_is_none_makes_no_list(string page)
    {
        Assert.Null(CloudModels.NamesIn(ModelPages.Joined(new Heard(200, """{"data":[{"id":"a"}]}"""), new Heard(200, page))));
        Assert.Null(CloudModels.NamesIn(ModelPages.Joined(new Heard(200, page), new Heard(200, """{"data":[{"id":"a"}]}"""))));
    }

    private static IEnumerable<string> Names(string text) => CloudModels.NamesIn(new Heard(200, text))!.Value;
}
