using Helix.Gateway.Lane;

namespace Helix.Tests.Gateway.Lane;

/// <summary>Arrays that a loop uses again.</summary>
public sealed class LaneRoomsTests
{
    private readonly LaneRooms _rooms = new();

    [Theory]
    [InlineData(0, 512)]
    [InlineData(1, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 1024)]
    [InlineData(16 << 10, 16 << 10)]
    [InlineData(32 << 10, 32 << 10)]
    [InlineData((32 << 10) + 1, 64 << 10)]
    public void A_room_is_as_long_as_asked_for_up_to_the_next_power_of_two(int asked, int length)
    {
        var room = _rooms.Take(asked);
        Assert.Equal(length, room.Length);
        _rooms.Put(room);
    }

    [Fact]
    public void What_was_put_last_is_taken_first_by_whoever_asks_for_its_length()
    {
        var (one, other, longer) = (new byte[1024], new byte[1024], new byte[2048]);
        _rooms.Put(one);
        _rooms.Put(other);
        _rooms.Put(longer);

        Assert.Same(other, _rooms.Take(600));
        Assert.Same(one, _rooms.Take(1024));
        Assert.Same(longer, _rooms.Take(1025));
    }

    [Theory]
    [InlineData(512, 512)]
    [InlineData(4096, 64)]
    [InlineData(32 << 10, 32)]
    public void No_more_are_kept_than_a_loop_can_use_at_once(int length, int most)
    {
        byte[][] all = [.. Enumerable.Range(0, most + 8).Select(_ => new byte[length])];
        foreach (var room in all) _rooms.Put(room);

        Assert.Same(all[most - 1], _rooms.Take(length));
    }

    [Fact]
    public void What_nobody_took_between_two_looks_is_let_go()
    {
        byte[][] all = [.. Enumerable.Range(0, 3).Select(_ => new byte[8192])];
        foreach (var room in all) _rooms.Put(room);
        // all of them came since the look before
        _rooms.LetGo();
        Assert.Same(all[2], _rooms.Take(8192));
        _rooms.Put(all[2]);
        _rooms.LetGo();

        Assert.Same(all[0], _rooms.Take(8192));
    }
}
