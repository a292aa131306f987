using System.Text;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class AnswerKeyTests
{
    private const string Ask = """{"model":"m","temperature":0,"messages":[{"role":"user","content":"x"}],"stop":["a","b"]}""";

    [Theory]
    [InlineData(Ask)]
    [InlineData("""{ "stop":["a","b"], "messages":[{"content":"\u0078","role":"user"}], "temperature":0, "model":"other name" }""")]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"user","content":"x"}],"stop":["a","b"],"user":"me","metadata":{"a":"b"},"stream":false,"seed":null}""")]
    public void What_says_the_same_has_one_key(string body) => Assert.Equal(Of(Ask), Of(body));

    [Theory]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"user","content":"y"}],"stop":["a","b"]}""")]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"user","content":"x"}],"stop":["b","a"]}""")]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"user","content":"x"}],"stop":["a","b"],"stream":true}""")]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"user","content":"x","user":"me"}],"stop":["a","b"]}""")]
    [InlineData("""{"model":"m","temperature":0,"messages":[{"role":"user","content":"x"}],"stop":["a","b"],"seed":1}""")]
    public void What_says_something_else_has_another(string body) => Assert.NotEqual(Of(Ask), Of(body));

    [Fact]
    public void Who_asks_and_who_answers_matter()
    {
        string[] keys = [Of(Ask), Of(Ask, key: "team"), Of(Ask, model: "n"), Of(Ask, route: InferenceRoute.Completion)];
        Assert.Equal(4, keys.Distinct().Count());
    }

    private static string Of(string body, string key = "", string model = "m", InferenceRoute? route = null) => AnswerKey.Of(key, route ?? InferenceRoute.Chat, model, Encoding.UTF8.GetBytes(body));
}
