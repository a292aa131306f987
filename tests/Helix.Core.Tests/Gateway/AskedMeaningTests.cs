using System.Text;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class AskedMeaningTests
{
    private const string Ask = """{"model":"m","temperature":0,"messages":[{"role":"system","content":"be short"},{"role":"user","content":"How are you?"}]}""";

    [Fact]
    public void Only_what_the_user_says_last_may_be_other()
    {
        var other = Of("""{"messages":[{"content":"be short","role":"system"},{"role":"user","content":"Are you well?"}],"temperature":0,"stream":false,"user":"me","tools":[],"tool_choice":null,"n":1,"model":"name"}""");

        // what only says what is so anyway is told apart all the same, as where the same is looked for
        var plain = Of("""{"messages":[{"content":"be short","role":"system"},{"role":"user","content":"Are you well?"}],"temperature":0,"stream":false,"user":"me","model":"name"}""");
        Assert.Equal(("Are you well?", "How are you?"), (plain!.Text, Of(Ask)!.Text));
        Assert.Equal(Of(Ask)!.Around, plain.Around);
        Assert.NotEqual(plain.Around, other!.Around);
    }

    [Theory]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"system","content":"be long"},{"role":"user","content":"How are you?"}]}""")]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"user","content":"be short"},{"role":"user","content":"How are you?"}]}""")]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"user","content":"How are you?"}]}""")]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"system","content":"be short"},{"role":"user","content":"How are you?","name":"ann"}]}""")]
    [InlineData("""{"model":"m","temperature":1,"messages":[{"role":"system","content":"be short"},{"role":"user","content":"How are you?"}]}""")]
    [InlineData("""{"model":"m","temperature":0,"max_tokens":9,"messages":[{"role":"system","content":"be short"},{"role":"user","content":"How are you?"}]}""")]
    [InlineData("""{"model":"m","temperature":0,"stop":"x","messages":[{"role":"system","content":"be short"},{"role":"user","content":"How are you?"}]}""")]
    [InlineData("""{"model":"m","temperature":0,"stream":true,"messages":[{"role":"system","content":"be short"},{"role":"user","content":"How are you?"}]}""")]
    public void All_else_has_to_be_the_same(string body) => Assert.NotEqual(Of(Ask)!.Around, Of(body)!.Around);

    [Fact]
    public void Who_asks_and_who_answers_matter() => Assert.Equal(3, new[] { Of(Ask), Of(Ask, key: "team"), Of(Ask, model: "n") }.Select(each => each!.Around).Distinct().Count());

    [Fact]
    public void One_text_is_the_same_alone_or_in_a_list()
    {
        var listed = Of("""{"model":"m","temperature":0,"messages":[{"role":"system","content":"be short"},{"role":"user","content":[{"type":"text","text":"How are you?"}]}]}""");

        Assert.Equal((Of(Ask)!.Around, "How are you?"), (listed!.Around, listed.Text));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"}],"tools":[{"type":"function","function":{"name":"f"}}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"}],"functions":[{"name":"f"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"}],"tool_choice":"required"}""")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[]},{"role":"user","content":"How are you?"}]}""")]
    [InlineData("""{"messages":[{"role":"tool","content":"r","tool_call_id":"1"},{"role":"user","content":"How are you?"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"How are you?"},{"type":"image_url","image_url":{"url":"data:x"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"file","file":{}}]},{"role":"user","content":"How are you?"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"How are you?"},{"type":"text","text":"Are you well?"}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"How are you?","cache_control":{}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"},{"role":"assistant","content":"so"}]}""")]
    [InlineData("""{"messages":[{"role":"system","content":"How are you?"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"            \n"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":null}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""")]
    [InlineData("""{"messages":["x"]}""")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":"x"}""")]
    [InlineData("""{"prompt":"x"}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"}],"messages":[{"role":"user","content":"Are you well?"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?","content":"Are you well?"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"}],"response_format":{"type":"json_object"}}""")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"}],"response_format":{"type":"json_schema","json_schema":{}}}""")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"}],"n":2}""")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"}],"logprobs":true}""")]
    [InlineData("""{"messages":[{"role":"user","content":"How are you?"}],"grammar":"root ::= x"}""")]
    public void What_has_more_to_it_is_not_compared(string body) => Assert.Null(Of(body));

    [Fact]
    public void Only_chats_are_and_only_texts_that_are_short_and_not_a_mere_word()
    {
        Assert.Null(AskedMeaning.Of("", InferenceRoute.Completion, "m", Encoding.UTF8.GetBytes(Ask)));
        Assert.Null(AskedMeaning.Of("", InferenceRoute.Embeddings, "m", Encoding.UTF8.GetBytes(Ask)));
        Assert.NotNull(Of(Saying(new string('x', AskedMeaning.LongestText))));
        Assert.Null(Of(Saying(new string('x', AskedMeaning.LongestText - 1) + "é")));
        Assert.NotNull(Of(Saying("the red one?")));
        Assert.Null(Of(Saying("the red one")));

        static string Saying(string text) => $$"""{"messages":[{"role":"user","content":"{{text}}"}]}""";
    }

    [Fact]
    public void No_body_that_is_JSON_breaks_it()
    {
        for (var round = 0; round < 1500; round++)
        {
            var body = HostileJson.Of(Ask, new Random(round));
            if (BodyPeek.Look(body) is not BodyLook.Good) continue;
            var asked = AskedMeaning.Of("", InferenceRoute.Chat, "m", body);
            if (asked is not null) Assert.InRange(Encoding.UTF8.GetByteCount(asked.Text), AskedMeaning.ShortestText, AskedMeaning.LongestText);
        }
    }

    private static AskedMeaning? Of(string body, string key = "", string model = "m") => AskedMeaning.Of(key, InferenceRoute.Chat, model, Encoding.UTF8.GetBytes(body));
}
