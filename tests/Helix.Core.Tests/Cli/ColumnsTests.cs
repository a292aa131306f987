using CsCheck;
using Helix.Core.Cli;

namespace Helix.Core.Tests.Cli;

public sealed class ColumnsTests
{
    [Fact]
    public void Columns_stand_below_each_other_and_nothing_trails() =>
        Assert.Equal("NAME  STATE  WHY\nlong  ok     because\nx\n", Columns.Layout(["NAME", "STATE", "WHY"], [["long", "ok", "because"], ["x", "", ""]]));

    [Fact]
    public void Colour_does_not_move_a_column() =>
        Assert.Equal("A  B\n<x>  y\n", Columns.Layout(["A", "B"], [["x", "y"]], (cell, column) => column == 0 ? $"<{cell}>" : cell));

    [Fact]
    public void A_cell_never_breaks_its_line() => Assert.Equal("A\none two\n", Columns.Layout(["A"], [["one\ntwo"]]));

    [Fact]
    public void Nothing_in_a_cell_steers_a_terminal_and_wide_letters_move_no_column() =>
        Assert.Equal("A           B\n ]0;x 模型  y\nplain       z\n", Columns.Layout(["A", "B"], [["\e]0;x\a模型", "y"], ["plain", "z"]]));

    [Fact]
    public void Every_row_is_one_line() =>
        Gen.String.Array[3].Array[0, 6].Sample(rows => Columns.Layout(["A", "B", "C"], rows).Count(letter => letter == '\n') == rows.Length + 1);
}
