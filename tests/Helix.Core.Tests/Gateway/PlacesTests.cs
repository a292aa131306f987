using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class PlacesTests
{
    private const int Two = 2;
    private const int MostWaiting = 10;
    private readonly Places<string> _places = new();

    [Fact]
    public void As_many_begin_as_there_are_places_and_the_next_when_one_leaves()
    {
        Come("a", "1", "2", "3");
        Assert.Null(_places.Next(Two));

        _places.Leave("a", 0, null);

        Assert.Equal("3", _places.Next(Two));
        Assert.Null(_places.Next(Two));
        Assert.Equal((2, 0), (_places.Running, _places.Waiting));
    }

    [Fact]
    public void More_engines_are_more_places_for_those_that_wait()
    {
        Come("a", "1", "2", "3", "4");

        Assert.Equal("3", _places.Next(4));
        Assert.Equal("4", _places.Next(4));
    }

    [Fact]
    public void Nobody_passes_by_those_that_wait()
    {
        Come("a", "1", "2", "3");

        Assert.False(_places.Begins("a", 1, 100));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(4, 5)]
    [InlineData(16, 20)]
    public void An_engine_gets_some_more_than_it_has_slots(int slots, int places) => Assert.Equal(places, Places<string>.At(slots));

    [Fact]
    public void Who_would_wait_too_long_is_refused_and_told_when_to_come_back()
    {
        Come("a", "1", "2", "3");
        _places.Leave("a", 0, TimeSpan.FromSeconds(20));
        Assert.Equal("3", _places.Next(Two));

        // two places, each held for twenty seconds: one is free every ten
        Assert.IsType<PlaceEntry.Waits>(Queue("a", "4", 25));
        Assert.IsType<PlaceEntry.Waits>(Queue("a", "5", 25));
        var refused = Assert.IsType<PlaceEntry.Refused>(Queue("a", "6", 25));

        Assert.Equal((2, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)), (refused.Waiting, refused.Wait, refused.Until));
        Assert.Equal(TimeSpan.FromSeconds(15), _places.WaitOf("a", RequestPriority.Normal, 4));
    }

    [Fact]
    public void What_is_faster_again_is_seen_to_be_though_nobody_may_wait()
    {
        Come("a", "1", "2");
        _places.Leave("a", 0, TimeSpan.FromSeconds(1000));
        for (var answered = 0; answered < 80; answered++)
        {
            Assert.True(_places.Begins("a", 1, Two));
            Assert.IsType<PlaceEntry.Refused>(Queue("a", "3", 0.1));
            _places.Leave("a", 0, TimeSpan.FromSeconds(0.1));
        }

        Assert.True(_places.Begins("a", 1, Two));
        Assert.IsType<PlaceEntry.Waits>(Queue("a", "3", 0.2));
    }

    [Fact]
    public void What_was_not_answered_tells_nothing()
    {
        Come("a", "1", "2");
        _places.Leave("a", 0, null);

        Assert.Null(_places.WaitOf("a", RequestPriority.Normal, Two));
    }

    [Fact]
    public void Of_a_full_queue_the_key_with_the_most_gives_way_and_never_one_with_as_many()
    {
        Come("greedy", [.. Enumerable.Range(0, 12).Select(number => $"g{number}")]);

        Assert.Equal("g11", Assert.IsType<PlaceEntry.Waits>(Queue("modest", "m0")).Displaced);
        Assert.IsType<PlaceEntry.Refused>(Queue("greedy", "g12"));
        for (var number = 1; number < 5; number++) Assert.NotNull(Assert.IsType<PlaceEntry.Waits>(Queue("modest", $"m{number}")).Displaced);
        Assert.IsType<PlaceEntry.Refused>(Queue("modest", "m5"));
        Assert.Equal(10, _places.Waiting);
    }

    [Fact]
    public void Where_none_may_wait_none_does()
    {
        Come("a", "1", "2");

        Assert.IsType<PlaceEntry.Refused>(_places.Queue("a", RequestPriority.Normal, "3", 1, Two, 0, TimeSpan.MaxValue));
    }

    [Fact]
    public void Who_leaves_the_queue_gives_nobody_a_place()
    {
        Come("a", "1", "2", "3");

        Assert.True(_places.Forget("a", "3"));
        Assert.False(_places.Forget("a", "3"));
        _places.Leave("a", 0, null);
        Assert.Null(_places.Next(Two));
        Assert.Equal((1, 0), (_places.Running, _places.Waiting));
    }

    private void Come(string key, params string[] items)
    {
        foreach (var item in items)
            if (!_places.Begins(key, 1, Two)) Assert.IsType<PlaceEntry.Waits>(Queue(key, item));
    }

    private PlaceEntry Queue(string key, string item, double longest = 1000) => _places.Queue(key, RequestPriority.Normal, item, 1, Two, MostWaiting, TimeSpan.FromSeconds(longest));
}
