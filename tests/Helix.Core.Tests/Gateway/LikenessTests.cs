using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class LikenessTests
{
    private static readonly Gen<string> s_text = Gen.String[Gen.Char["aB1 \n.é中文\ud83d{\""], 0, 12];

    [Theory]
    [InlineData("The sky is blue.", "The sky is blue.", true, 1)]
    [InlineData("The sky\nis  blue.", " The sky is blue.\n", true, 1)]
    [InlineData("""{"a":1,"b":[2]}""", """ { "b" : [2], "a" : 1.0 } """, true, 1)]
    [InlineData("""{"a":1}""", """{"a":2}""", false, 0.5)]
    [InlineData("1", "1.0", false, 2.0 / 3)]
    [InlineData("The sky is blue.", "The sky is grey.", false, 0.75)]
    [InlineData("The sky is blue.", "the sky is blue", false, 1)]
    [InlineData("a a a", "a", false, 0.5)]
    [InlineData("天空是蓝色", "天空是灰色", false, 0.8)]
    [InlineData("one two", "three", false, 0)]
    [InlineData("!", "?", false, 0)]
    [InlineData("""{"a":1e99999999999}""", """{"a":1e99999999998}""", false, 0.5)]
    public void Texts_are_equal_or_share_words(string one, string other, bool isEqual, double share)
    {
        var likeness = Likeness.Of(Says(one), Says(other));

        Assert.Equal(isEqual, likeness.IsEqual);
        Assert.Equal(share, likeness.Share, 1e-9);
    }

    [Theory]
    [InlineData("clock", """{"zone":"UTC","at":1}""", "clock", """{ "at": 1, "zone": "UTC" }""", true)]
    [InlineData("clock", "", "clock", "", true)]
    [InlineData("clock", "{}", "mail", "{}", false)]
    [InlineData("clock", """{"zone":"UTC"}""", "clock", """{"zone":"CET"}""", false)]
    [InlineData("clock", "not json", "clock", "not  json", false)]
    public void Calls_are_equal_by_their_names_and_what_their_arguments_mean(string name, string arguments, string otherName, string otherArguments, bool isEqual) =>
        Assert.Equal(isEqual, Likeness.Of(new("", [new(name, arguments)]), new("", [new(otherName, otherArguments)])).IsEqual);

    /// <summary>Whatever a model writes is compared, and nothing is thrown.</summary>
    [Theory]
    [InlineData("""{"a":"\ud800"}""", """{ "a": "\ud800" }""")]
    [InlineData("""{"a":"\ud800"}""", """{"a":"b"}""")]
    [InlineData("[1e99999999999]", "[2e99999999999]")]
    [InlineData("[[[", "{{{")]
    public void Odd_JSON_is_compared_too(string one, string other) => Assert.InRange(Likeness.Of(Says(one), Says(other)).Share, 0, 1);

    [Fact]
    public void A_call_more_or_another_order_is_another_answer()
    {
        KeptCall clock = new("clock", "{}"), mail = new("mail", "{}");

        Assert.Equal(new Likeness(false, 2.0 / 3), Likeness.Of(new("", [clock]), new("", [clock, mail])));
        Assert.Equal(new Likeness(false, 1), Likeness.Of(new("", [mail, clock]), new("", [clock, mail])));
        Assert.False(Likeness.Of(Says("clock"), new("", [clock])).IsEqual);
    }

    [Fact]
    public void It_is_the_same_both_ways_and_within_its_bounds() => Gen.Select(s_text, s_text).Sample((one, other) =>
    {
        var likeness = Likeness.Of(Says(one), Says(other));
        return likeness == Likeness.Of(Says(other), Says(one)) && likeness.Share is >= 0 and <= 1 && (!likeness.IsEqual || likeness.Share == 1) && Likeness.Of(Says(one), Says(one)).IsEqual;
    });

    [Fact]
    public void An_answer_is_compared_as_it_was_said_in_whatever_pieces() => Gen.Select(Gen.String[Gen.Char['a', 'e'], 1, 30], Gen.Int[1, 9]).Sample((text, length) =>
    {
        var (stream, whole) = (new AnswerText(isStream: true), new AnswerText(isStream: false));
        foreach (var piece in text.Chunk(length)) stream.Push(Encoding.UTF8.GetBytes($"data: {Choices("delta", new string(piece))}\n\n"));
        foreach (var part in Encoding.UTF8.GetBytes(Choices("message", text)).Chunk(length)) whole.Push(part);

        return stream.Said() is { Calls.IsEmpty: true } one && one.Text == text && whole.Said() is { } other && Likeness.Of(one, other).IsEqual;
    });

    [Fact]
    public void What_is_said_is_not_redacted() => Assert.Equal("at 192.168.1.1", Said(Choices("message", "at 192.168.1.1"))?.Text);

    [Fact]
    public void Calls_are_put_together() => Assert.Equal(
        [new KeptCall("clock", "{}")], Said("""{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","function":{"name":"clock","arguments":"{}"}}]}}]}""")!.Calls);

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":""}}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"}},{"index":1,"message":{"content":"b"}}]}""")]
    [InlineData("""{"choices":[{"index":1,"message":{"content":"b"}}]}""")]
    [InlineData("""{"data":[{"embedding":[1]}]}""")]
    [InlineData("""{"content":[{"type":"text","text":"Anthropic's"}]}""")]
    [InlineData("not json")]
    public void What_is_no_one_answer_in_these_words_is_not_compared(string json) => Assert.Null(Said(json));

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void What_is_too_long_is_not_compared(int more, bool isCompared) =>
        Assert.Equal(isCompared, Said(Choices("message", new string('a', AnswerText.LongestCompared + more))) is not null);

    private static SaidAnswer Says(string text) => new(text, []);

    private static SaidAnswer? Said(string json)
    {
        var answer = new AnswerText(isStream: false);
        answer.Push(Encoding.UTF8.GetBytes(json));
        return answer.Said();
    }

    private static string Choices(string where, string text) => new JsonObject { ["choices"] = new JsonArray(new JsonObject { [where] = new JsonObject { ["content"] = text } }) }.ToJsonString();
}
