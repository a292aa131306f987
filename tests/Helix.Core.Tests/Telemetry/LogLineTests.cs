using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Alerts;
using Helix.Core.Telemetry;

namespace Helix.Core.Tests.Telemetry;

public sealed class LogLineTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 29, 10, 0, 0, 7, TimeSpan.Zero);

    /// <summary>What ends a line somewhere, what a terminal obeys, what JSON and a reader of either take for something else.</summary>
    private static readonly Gen<string> s_hostile = Gen.String[Gen.Char["\n\r\t\0\u001b\u0085\u2028\u2029\u202e\u2066\ud83d\ude00\"\\{}[]:, é漢a"], 0, 30];

    [Fact]
    public void It_is_a_line_of_text_or_an_object()
    {
        var line = new LogLine(s_at, 3, "Helix.Speaker", "vllm failed 3 times", null);

        Assert.Equal("2026-11-29T10:00:00.007Z warn: Helix.Speaker[7] vllm failed 3 times", line.Text(7));
        Assert.Equal(
            """{"time":"2026-11-29T10:00:00.007Z","level":"warning","category":"Helix.Speaker","message":"vllm failed 3 times","fields":{"Engine":"vllm","Times":3,"IsLast":false,"Why":null,"Share":0.5,"Took":"00:00:02","All":"a, b","Odd":"NaN"}}""",
            line.Json(
            [
                new("Engine", "vllm"), new("Times", 3), new("IsLast", false), new("Why", null), new("Share", 0.5), new("Took", TimeSpan.FromSeconds(2)), new("All", (string[])["a", "b"]), new("Odd", double.NaN),
            ]));
    }

    [Fact]
    public void An_exception_stands_in_the_same_line()
    {
        var line = new LogLine(s_at, 4, "Helix.Speaker", "it broke", "System.IO.IOException: no\n   at Some.Method()");

        Assert.Equal("2026-11-29T10:00:00.007Z fail: Helix.Speaker[0] it broke System.IO.IOException: no    at Some.Method()", line.Text(0));
        Assert.Equal("System.IO.IOException: no\n   at Some.Method()", (string?)JsonNode.Parse(line.Json([]))!["exception"]);
        Assert.Equal(line.Text(0).Replace("[0]", "", StringComparison.Ordinal), LogLine.Shown(line.Json([])));
    }

    [Fact]
    public void No_word_breaks_a_line_or_becomes_another_part_of_it() => Gen.Select(s_hostile, s_hostile, s_hostile, Gen.Int[0, 5]).Sample((message, name, value, level) =>
    {
        var line = new LogLine(s_at, level, "Helix.Speaker", message, value);
        var json = line.Json([new(name, value)]);

        Assert.DoesNotContain(json, letter => AlertWords.IsOdd(letter));
        Assert.DoesNotContain(line.Text(0), letter => AlertWords.IsOdd(letter));
        var read = JsonNode.Parse(json)!.AsObject();
        Assert.Equal(["time", "level", "category", "message", "fields", "exception"], read.Select(part => part.Key));
        Assert.Equal(Whole(message), (string?)read["message"]);
        Assert.Equal(Whole(value), (string?)Assert.Single(read["fields"]!.AsObject()).Value);
        // a reader of words has the same line, without letters that do something
        Assert.DoesNotContain(LogLine.Shown(json), letter => AlertWords.IsOdd(letter));
        Assert.StartsWith("2026-11-29T10:00:00.007Z ", LogLine.Shown(json), StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("2026-11-29T10:00:00.007Z info: Helix.Speaker[0] {\"time\":1}")]
    [InlineData("Unhandled exception. System.Exception")]
    [InlineData("{\"time\":\"2026-11-29T10:00:00.007Z\",\"level\":\"info\",\"category\":\"Helix.Spea")]
    [InlineData("{\"time\":\"2026-11-29T10:00:00.007Z\",\"level\":\"loud\",\"category\":\"x\",\"message\":\"y\"}")]
    [InlineData("{\"time\":7,\"level\":\"info\",\"category\":\"x\",\"message\":\"y\"}")]
    [InlineData("{\"time\":\"\\ud800\",\"level\":\"info\",\"category\":\"x\",\"message\":\"y\"}")]
    [InlineData("")]
    public void Any_other_line_is_shown_as_it_is(string line) => Assert.Equal(line, LogLine.Shown(line));

    [Fact]
    public void Lines_of_both_forms_are_shown_in_their_order()
    {
        var line = new LogLine(s_at, 2, "Helix.Speaker", "one\ntwo", null);

        Assert.Equal(
            $"{line.Text(1)}\n2026-11-29T10:00:00.007Z info: Helix.Speaker one two\n{line.Text(2)}\n",
            LogLine.ShownAll($"{line.Text(1)}\n{line.Json([])}\n{line.Text(2)}\n"));
        Assert.Equal("", LogLine.ShownAll(""));
    }

    /// <summary>Half a letter is none: it is written as the mark for that.</summary>
    private static string Whole(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));
}
