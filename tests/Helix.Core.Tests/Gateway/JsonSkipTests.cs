using System.Text;
using System.Text.Json;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class JsonSkipTests
{
    private const int MaxDepth = 8;

    private static readonly Gen<string> s_piece = Gen.OneOf(
        Gen.OneOf("[", "]", "{", "}", ",", ":", " ", "\n", "\"a\"", "\"a\":1", "\"\\n\"", "\"\\u00e9\"", "\"\\ud800\"", "\"\\x\"", "\"\\u12\"", "\"é日\"", "\"", "\\", "\t\"\u0001\"").Select(piece => piece),
        Gen.OneOf("0", "-0", "01", "1", "12", "-", "1.5", "1.", ".5", "1e5", "1E+5", "1e", "-1.25e-3", "true", "false", "null", "tru", "nul", "True", "NaN").Select(piece => piece));

    /// <summary>Values, and what is none in the last place.</summary>
    private static readonly Gen<string> s_value = Gen.Recursive<string>((depth, value) => depth > 5
        ? Gen.OneOf("1", "\"a\\\"b\"", "true", "null", "-0.5e1", "\"\"", "{}", "[]")
        : Gen.OneOf(
            Gen.OneOf("1", "\"a\\\"b\"", "true", "null", "-0.5e1", "\"\"", "{ }", "[\r\n]"),
            value.Array[0, 3].Select(items => $"[{string.Join(" ,", items)}]"),
            value.Array[0, 3].Select(items => $"{{{string.Join(", ", items.Select((item, at) => $"\"k{at}\" :\t{item}"))}}}")));

    private static readonly Gen<string> s_text = Gen.OneOf(
        s_value,
        s_piece.Array[0, 10].Select(string.Concat),
        Gen.Select(s_value, Gen.Int[0, 200], s_piece).Select((value, at, piece) => value.Insert(Math.Min(at, value.Length), piece)),
        Gen.Select(s_value, Gen.Int[0, 200]).Select((value, at) => value.Length == 0 ? value : value.Remove(Math.Min(at, value.Length - 1), 1)));

    /// <summary>With escapes about as often as code and talk have them, and now and then what must not be.</summary>
    private static readonly Gen<string> s_letters = Gen.Frequency(
        (30, Gen.Int[0, 40].Select(length => new string('w', length))),
        (20, Gen.OneOf("\\n", "\\\"", "\\\\", "\\t", "\\/", "\\u00e9", "\\uABcd")),
        (5, Gen.OneOf("é", "日本", "😀", "\u007f")),
        (1, Gen.OneOf("\\", "\\x", "\\u12", "\"", "\n", "\u0001")));

    private static readonly Gen<string[]> s_texts = s_letters.Array[0, 12].Select(string.Concat).Array[0, 6];

    [Fact]
    public void It_finds_the_same_end_as_the_reader_that_everybody_uses() => s_text.Sample(
        text =>
        {
            // within brackets, so that what follows a number is looked at by both
            var json = Encoding.UTF8.GetBytes($" [{text}] ,");
            return Length(json, MaxDepth) == EndOf(json);
        },
        iter: 100_000);

    [Theory]
    [InlineData("\"a\" :", 3)]
    [InlineData("  12,", 4)]
    [InlineData("null}", 4)]
    [InlineData("\"a", -1)]
    [InlineData("\"\\", -1)]
    [InlineData("\"\\u00", -1)]
    [InlineData("", -1)]
    [InlineData("  ", -1)]
    [InlineData("[1,]", -1)]
    [InlineData("{\"a\":1,}", -1)]
    [InlineData("[}", -1)]
    [InlineData("// no\n1", -1)]
    public void It_ends_with_the_value(string text, int length) => Assert.Equal(length, Length(Encoding.UTF8.GetBytes(text), MaxDepth));

    [Fact]
    public void It_goes_as_deep_as_it_may_and_no_deeper()
    {
        Assert.Equal(16, Length("[[[[[[[[]]]]]]]]"u8, 8));
        Assert.Equal(-1, Length("[[[[[[[[]]]]]]]]"u8, 7));
        var deepest = Encoding.UTF8.GetBytes($"{new string('[', 32)}{string.Concat(Enumerable.Repeat("{\"a\":", 32))}1{new string('}', 32)}{new string(']', 32)}");
        Assert.Equal(deepest.Length, Length(deepest, 64));
    }

    [Fact]
    public void Wherever_something_stands_in_a_text_it_is_seen()
    {
        foreach (var special in new[] { "", "\"", "\\n", "\\\"", "\\\\", "\\u00e9", "\\x", "\u0001", "\u007f", "é" })
            for (var length = 0; length < 50; length++)
                for (var at = 0; at <= length; at++)
                {
                    var json = Encoding.UTF8.GetBytes($"[\"{new string('a', at)}{special}{new string('b', length - at)}\"] ,");
                    var isAscii = true;
                    Assert.Equal(EndOf(json), JsonSkip.End(json, 0, MaxDepth, ref isAscii));
                    Assert.Equal(special != "é", isAscii);
                }
    }

    [Fact]
    public void Wherever_something_stands_in_a_long_text_it_is_seen()
    {
        string[] specials = ["", "\"", "\\\\", "\\\"", "\\n", "\\/", "\\b\\f\\r\\t", "\\u00e9", "\\uD83D\\uDE00", "\\ud800", "\\u12", "\\u12g4", "\\x", "\\\u00e9", "\u0000", "\u001f", "\u007f", "é", "日本"];
        // blocks have 64 bytes, and the last one is moved back to end where all ends
        foreach (var (special, behind, after) in from special in specials from behind in new[] { 0, 1, 15, 31, 62, 63, 64, 65, 130 } from after in new[] { 0, 70 } select (special, behind, after))
            for (var before = 0; before < 140; before++)
            {
                // the first escape leads to where blocks are looked at
                Check($"[\"\\t{new string('a', before)}{special}{new string('b', behind)}\"] ,{new string(' ', after)}");
                Check($"[\"{new string('a', before)}{special}{new string('b', behind)}\"] ,{new string(' ', after)}");
            }
    }

    [Fact]
    public void However_many_backslashes_stand_wherever_it_is_the_odd_one_that_escapes()
    {
        for (var before = 0; before < 140; before++)
            for (var backslashes = 0; backslashes < 70; backslashes++)
                foreach (var behind in new[] { "\"] ,", "b\"] ,", "n\"] ,", "\"b\"] ,", "u0041\"] ,", "\n\"] ,", "" })
                    Check($"[\"{new string('a', before)}{new string('\\', backslashes)}{behind}");
    }

    [Fact]
    public void A_text_that_breaks_off_has_no_end()
    {
        var whole = Encoding.UTF8.GetBytes($"[\"{string.Concat(Enumerable.Repeat("some \\\"words\\\" of\\ta \\u0074ext\\\\", 8))}\"");
        var isAscii = true;
        for (var length = 0; length <= whole.Length; length++) Assert.Equal(-1, JsonSkip.End(whole.AsSpan(0, length), 0, MaxDepth, ref isAscii));
        Assert.Equal(whole.Length, JsonSkip.End(whole, 1, MaxDepth, ref isAscii));
    }

    [Fact]
    public void Of_texts_as_they_come_it_finds_what_the_reader_finds() => s_texts.Sample(
        texts => Check($"[{string.Join(",", texts.Select((text, at) => at % 2 == 0 ? $"\"{text}\"" : $"{{\"{text}\":\"{text}\"}}"))}] ,"),
        iter: 20_000);

    [Fact]
    public void What_stands_for_itself_ends_where_something_else_begins()
    {
        foreach (var other in new byte[] { (byte)'"', (byte)'\\', 0, 0x1F, 0x80, 0xC3, 0xFF })
            for (var length = 0; length < 50; length++)
                for (var at = 0; at <= length; at++)
                {
                    byte[] text = [.. Enumerable.Repeat((byte)' ', at), other, .. Enumerable.Repeat((byte)0x7F, length - at)];
                    Assert.Equal(at, JsonSkip.Plain(text, 0));
                    Assert.Equal(text.Length, JsonSkip.Plain(text, at + 1));
                }
    }

    /// <summary>The end, and whether all of it is ASCII.</summary>
    private static void Check(string text)
    {
        var json = Encoding.UTF8.GetBytes(text);
        var (end, isAscii) = (EndOf(json), true);
        Assert.Equal(end, JsonSkip.End(json, 0, MaxDepth, ref isAscii));
        // where it stops, what comes then may have been looked at or not
        if (end >= 0) Assert.Equal(Ascii.IsValid(json), isAscii);
    }

    private static int Length(ReadOnlySpan<byte> json, int maxDepth)
    {
        var isAscii = true;
        return JsonSkip.End(json, 0, maxDepth, ref isAscii);
    }

    private static int EndOf(byte[] json)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth }));
        try
        {
            return reader.Read() && reader.TrySkip() ? (int)reader.BytesConsumed : -1;
        }
        catch (JsonException)
        {
            return -1;
        }
    }
}
