using Helix.Core.Access;

namespace Helix.Core.Tests.Access;

public class OpenLinksTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_link_works_once()
    {
        var (left, was) = OpenLinks.None.With(KeyHash.Of("a"), s_now).With(KeyHash.Of("b"), s_now).Take(KeyHash.Of("a"), s_now);

        Assert.True(was);
        Assert.False(left.Take(KeyHash.Of("a"), s_now).WasOpen);
        Assert.True(left.Take(KeyHash.Of("b"), s_now).WasOpen);
    }

    [Fact]
    public void A_link_works_for_ten_minutes()
    {
        var open = OpenLinks.None.With(KeyHash.Of("a"), s_now);

        Assert.True(open.Take(KeyHash.Of("a"), s_now.AddMinutes(10).AddTicks(-1)).WasOpen);
        Assert.False(open.Take(KeyHash.Of("a"), s_now.AddMinutes(10)).WasOpen);
    }

    [Fact]
    public void What_was_never_made_does_not_work() => Assert.False(OpenLinks.None.With(KeyHash.Of("a"), s_now).Take(KeyHash.Of("b"), s_now).WasOpen);

    [Fact]
    public void Who_makes_many_takes_the_oldest_back()
    {
        var open = Enumerable.Range(0, OpenLinks.Most + 1).Aggregate(OpenLinks.None, (links, number) => links.With(KeyHash.Of($"{number}"), s_now));

        Assert.Equal(OpenLinks.Most, open.All.Length);
        Assert.False(open.Take(KeyHash.Of("0"), s_now).WasOpen);
        Assert.True(open.Take(KeyHash.Of("1"), s_now).WasOpen);
    }
}
