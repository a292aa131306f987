using System.Globalization;
using System.Text;
using CsCheck;
using Helix.Core.Screen;

namespace Helix.Core.Tests.Screen;

public sealed class CellTextTests
{
    private static readonly Gen<string> s_any = Gen.String;

    private static readonly Gen<string> s_letters =
        Gen.Int[0, 0x10FFFF].Where(value => Rune.IsValid(value)).Select(value => new Rune(value).ToString()).Array[0, 12].Select(parts => string.Concat(parts));

    /// <summary>What attacks are made of, and names that are only wide.</summary>
    private static readonly Gen<string> s_odd = Gen.OneOf(
        "\e[31m", "\e]0;title\a", "\e]52;c;aGk=\e\\", "\u009b2J", "\u202Eevil", "\u200Dx", "模型", "👩‍👩‍👧", "e\u0301\u0301\u0301\u0301", "\u0301", "\ud800", "a\tb", "\r\n", "x\u2028y", "\U000E0041", "model").Array[0, 8].Select(parts => string.Concat(parts));

    /// <summary>Letters of all sorts.</summary>
    internal static readonly Gen<string> Words = Gen.OneOf(s_any, s_letters, s_odd);

    [Fact]
    public void Nothing_that_steers_a_terminal_is_left() => Words.Sample(words => AssertHarmless(CellText.Clean(words)));

    [Fact]
    public void What_is_clean_stays_as_it_is() => Words.Sample(words => Assert.Equal(CellText.Clean(words), CellText.Clean(CellText.Clean(words))));

    [Fact]
    public void What_is_cut_has_room() => Gen.Select(Words, Gen.Int[-2, 40]).Sample((words, width) =>
    {
        var fit = CellText.Fit(CellText.Clean(words), width);
        Assert.True(CellText.Width(fit) <= Math.Max(0, width), $"{fit} takes {CellText.Width(fit)} of {width}");
        AssertHarmless(fit);
        Assert.Equal(Math.Max(0, width), CellText.Width(CellText.Pad(CellText.Clean(words), width)));
    });

    [Theory]
    [InlineData("a\e[31mb", "a [31mb")]
    [InlineData("tiny\u202Egguf", "tinygguf")]
    [InlineData("one\r\ntwo", "one  two")]
    [InlineData("\u0301first", "first")]
    [InlineData("e\u0301\u0301\u0301\u0301!", "e\u0301\u0301!")]
    [InlineData("\ue000", "\ufffd")]
    [InlineData("plain – ü 模型", "plain – ü 模型")]
    public void Words_become_harmless(string words, string clean) => Assert.Equal(clean, CellText.Clean(words));

    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("模型", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("👩", 2)]
    [InlineData("ｆ", 2)]
    public void Wide_letters_take_two_cells(string text, int width) => Assert.Equal(width, CellText.Width(text));

    [Theory]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("模型名", 4, "模…")]
    [InlineData("模型名", 1, "…")]
    [InlineData("abc", 0, "")]
    public void What_has_no_room_is_cut_and_says_so(string text, int width, string fit) => Assert.Equal(fit, CellText.Fit(text, width));

    [Fact]
    public void Numbers_stand_at_the_end_of_their_cell()
    {
        Assert.Equal("  42", CellText.Pad("42", 4, right: true));
        Assert.Equal("模…", CellText.Pad("模型", 3));
        Assert.Equal("模型", CellText.Pad("模型", 4));
        Assert.Equal("42  ", CellText.Pad("42", 4));
    }

    internal static void AssertHarmless(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            Assert.False(
                category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse,
                $"U+{rune.Value:X4} is left in {text}");
        }

        Assert.Equal(text, new string(text.EnumerateRunes().SelectMany(rune => rune.ToString()).ToArray()));
    }
}
