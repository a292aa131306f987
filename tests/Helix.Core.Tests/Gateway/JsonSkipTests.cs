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

    [Fact]
    public void It_finds_the_same_end_as_the_reader_that_everybody_uses() => s_text.Sample(
        text =>
        {
            // within brackets, so that what follows a number is looked at by both
            var json = Encoding.UTF8.GetBytes($" [{text}] ,");
            return JsonSkip.Length(json, MaxDepth) == EndOf(json);
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
    public void It_ends_with_the_value(string text, int length) => Assert.Equal(length, JsonSkip.Length(Encoding.UTF8.GetBytes(text), MaxDepth));

    [Fact]
    public void It_goes_as_deep_as_it_may_and_no_deeper()
    {
        Assert.Equal(16, JsonSkip.Length("[[[[[[[[]]]]]]]]"u8, 8));
        Assert.Equal(-1, JsonSkip.Length("[[[[[[[[]]]]]]]]"u8, 7));
        var deepest = Encoding.UTF8.GetBytes($"{new string('[', 32)}{string.Concat(Enumerable.Repeat("{\"a\":", 32))}1{new string('}', 32)}{new string(']', 32)}");
        Assert.Equal(deepest.Length, JsonSkip.Length(deepest, 64));
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
                    Assert.Equal(EndOf(json), JsonSkip.Length(json, MaxDepth, ref isAscii));
                    Assert.Equal(special != "é", isAscii);
                }
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
