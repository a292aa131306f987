using Helix.Core.Screen;

namespace Helix.Core.Tests.Screen;

public sealed class ScreenPaintTests
{
    private static readonly ScreenLine s_line = new ScreenLine().Add("a ", Ink.Plain).Add("ready", Ink.Good);

    [Fact]
    public void Without_colours_a_line_is_its_text() => Assert.Equal("a ready", ScreenPaint.Line(s_line, colours: false));

    [Fact]
    public void With_colours_each_piece_ends_its_own() => Assert.Equal("a \e[32mready\e[0m", ScreenPaint.Line(s_line, colours: true));

    [Fact]
    public void What_is_chosen_is_reversed() => Assert.Equal("\e[7mx\e[0m\e[7;31my\e[0m", ScreenPaint.Line(new ScreenLine { IsChosen = true }.Add("x").Add("y", Ink.Bad), colours: true));

    [Fact]
    public void Only_lines_that_differ_are_written_and_those_that_are_gone_are_emptied() =>
        Assert.Equal("\e[2;1H\e[2Kx\e[3;1H\e[2K", ScreenPaint.Changes(["a", "b", "c"], ["a", "x"]));

    [Fact]
    public void What_is_the_same_is_not_written_again() => Assert.Equal("", ScreenPaint.Changes(["a"], ["a"]));
}
