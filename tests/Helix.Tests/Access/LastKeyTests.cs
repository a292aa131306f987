using Helix.Access;
using Helix.Core.Access;

namespace Helix.Tests.Access;

public sealed class LastKeyTests
{
    private readonly LastKey _last = new();

    [Fact]
    public void Each_key_has_its_own_hash_however_often_and_in_whatever_order_they_come()
    {
        var (one, two) = ("hx_one", "hx_two");
        foreach (var key in new[] { one, one, two, two, one, new string(one), two }) Assert.Equal(KeyHash.Of(key), _last.HashOf(key.AsMemory()));
    }

    [Fact]
    public void Another_piece_of_the_same_string_is_another_key()
    {
        const string text = "Bearer hx_one ";
        foreach (var (start, length) in new[] { (7, 6), (0, 13), (7, 6), (7, 7), (6, 7) })
            Assert.Equal(KeyHash.Of(text.AsSpan(start, length)), _last.HashOf(text.AsMemory(start, length)));
    }
}
