using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class TextVectorsTests
{
    [Fact]
    public void Texts_are_asked_for_in_OpenAIs_words()
    {
        var asked = JsonNode.Parse(TextVectors.Ask("p/m", ["a \"b\"", "漢"]))!;

        Assert.Equal(("p/m", "a \"b\"", "漢"), ((string?)asked["model"], (string?)asked["input"]![0], (string?)asked["input"]![1]));
        Assert.IsType<BodyLook.Good>(BodyPeek.Look(TextVectors.Ask("m", ["x"])));
    }

    [Fact]
    public void Each_text_gets_its_vector_in_whatever_order_they_come()
    {
        var units = Read("""{"data":[{"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4]}]}""", 2)!;

        Assert.Equal([0.6f, 0.8f], units[0]);
        Assert.Equal([0f, 1f], units[1]);
        Assert.Equal([1f], Read("""{"data":[{"embedding":[7]}]}""", 1)![0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"data":7}""")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":[7]}""")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":1,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":-1,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"embedding":"AACAPw=="}]}""")]
    [InlineData("""{"data":[{"embedding":[1,"2"]}]}""")]
    [InlineData("""{"data":[{"embedding":[[1]]}]}""")]
    [InlineData("""{"data":[{"embedding":[]}]}""")]
    [InlineData("""{"data":[{"embedding":[0,0]}]}""")]
    [InlineData("""{"data":[{"embedding":[1e999]}]}""")]
    public void What_is_no_vector_for_each_is_nothing(string answer) => Assert.Null(Read(answer, 1));

    [Fact]
    public void Two_for_one_text_are_nothing() => Assert.Null(Read("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}""", 2));

    private static IReadOnlyList<float[]>? Read(string answer, int count) => TextVectors.Read(Encoding.UTF8.GetBytes(answer), count);
}
