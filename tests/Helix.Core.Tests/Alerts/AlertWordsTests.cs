using CsCheck;
using Helix.Core.Alerts;
using Helix.Core.History;
using static Helix.Core.Tests.Alerts.AlertStage;

namespace Helix.Core.Tests.Alerts;

/// <summary>What came from outside steers no terminal, wherever it is shown.</summary>
public sealed class AlertWordsTests
{
    [Theory]
    [InlineData("as it is: ä → 😀", "as it is: ä → 😀")]
    [InlineData("\u001b[2J\u001b]0;mine\u0007", " [2J ]0;mine ")]
    [InlineData("first\r\nsecond\nthird", "first second third")]
    [InlineData("a\u009b31m\u202egpj.exe\u2066", "a 31m gpj.exe ")]
    public void Nothing_of_it_steers_a_terminal(string words, string clean) => Assert.Equal(clean, AlertWords.Clean(words));

    [Fact]
    public void Whatever_it_is_it_is_one_line_with_an_end() => Gen.Char.Array[0, 3 * AlertWords.Most].Sample(letters =>
    {
        var clean = AlertWords.Clean(new string(letters));

        Assert.True(clean.Length <= AlertWords.Most && !clean.Any(char.IsControl));
        Assert.Equal(clean, AlertWords.Clean(clean));
    });

    [Fact]
    public void No_letter_is_torn_apart() => Assert.Equal("a", AlertWords.Begin("a😀", 2));

    [Fact]
    public void A_happening_is_heard_without_it()
    {
        var heard = Occurrence.Of(new(Start, HistoryKind.Alert, Severity.Error, null, "/h/\u001b[1mx", "owner", "one\ntwo") { Data = """{"done": "it was \u001b[0mtaken", "left": "look\n"}""" });

        Assert.Equal(("/h/ [1mx", "one two", "it was  [0mtaken", "look "), (heard.Subject, heard.Words, heard.Done, heard.Left));
    }

    [Fact]
    public void However_often_helix_does_something_about_it_the_newest_of_that_is_kept()
    {
        var stage = new AlertStage();
        stage.Turn(Told("critical", "vllm-m"));
        for (var at = 0; at < 300; at++) stage.Turn(Told("rebuild", "vllm-m") with { Words = $"it was built for the {at}th time" }, Told("rebuild", "vllm-m") with { Words = $"it was built for the {at}th time" });

        var done = Assert.Single(stage.Listed.Values).Done!;
        Assert.InRange(done.Length, 500, AlertWords.MostDone + 3);
        Assert.StartsWith("…; it was built", done, StringComparison.Ordinal);
        Assert.EndsWith("; it was built for the 298th time; it was built for the 299th time", done, StringComparison.Ordinal);
    }
}
