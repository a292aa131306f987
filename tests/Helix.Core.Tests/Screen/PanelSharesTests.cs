using CsCheck;
using Helix.Core.Screen;

namespace Helix.Core.Tests.Screen;

public sealed class PanelSharesTests
{
    private static readonly Gen<PanelWish> s_wish = Gen.Select(Gen.Int[1, 4], Gen.Int[0, 20], Gen.Int[0, 7]).Select((fix, rows, least) => new PanelWish(fix, rows, least));

    [Fact]
    public void Nobody_gets_more_than_there_is_or_than_he_wants() => Gen.Select(Gen.Int[0, 60], s_wish.Array[1, 5]).Sample((lines, wishes) =>
    {
        var rows = PanelShares.Of(lines, wishes);

        Assert.All(wishes.Zip(rows), pair => Assert.InRange(pair.Second, -1, pair.First.Rows));
        Assert.True(wishes.Zip(rows).Sum(pair => pair.Second < 0 ? 0 : pair.First.Fixed + pair.Second) <= lines);
    });

    [Fact]
    public void Where_there_is_room_for_all_everybody_gets_all() => s_wish.Array[1, 5].Sample(wishes =>
        Assert.Equal(wishes.Select(wish => wish.Rows), PanelShares.Of(wishes.Sum(wish => wish.Fixed + wish.Rows), wishes)));

    [Fact]
    public void Each_gets_its_least_before_the_first_gets_more() => Assert.Equal([5, 2], PanelShares.Of(11, [new(2, 10, 4), new(2, 9, 2)]));

    [Fact]
    public void Who_has_no_room_for_its_least_is_left_out() => Assert.Equal([7, -1], PanelShares.Of(9, [new(2, 10, 4), new(2, 9, 5)]));
}
