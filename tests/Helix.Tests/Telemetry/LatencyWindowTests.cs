using Helix.Core.Telemetry;
using Helix.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Telemetry;

public sealed class LatencyWindowTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Only_what_happened_lately_counts()
    {
        var window = new LatencyWindow(_time, _time.GetTimestamp());
        window.Add(TimeSpan.FromMilliseconds(10));
        Assert.Equal((1, 1), (CountOf(window, 1), CountOf(window, 60)));

        _time.Advance(TimeSpan.FromMinutes(4));
        window.Add(TimeSpan.FromMilliseconds(10));
        Assert.Equal((1, 2, 2), (CountOf(window, 4), CountOf(window, 5), CountOf(window, 60)));

        _time.Advance(TimeSpan.FromMinutes(56));
        Assert.Equal((0, 1), (CountOf(window, 5), CountOf(window, 60)));
        // the minute that takes the place of an old one begins with nothing
        window.Add(TimeSpan.FromMilliseconds(10));
        Assert.Equal((1, 2), (CountOf(window, 1), CountOf(window, 60)));
        _time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(0, CountOf(window, 60));
    }

    [Fact]
    public void Each_minute_is_told_by_itself_until_an_hour_has_gone()
    {
        var window = new LatencyWindow(_time, _time.GetTimestamp());
        window.Add(TimeSpan.FromMilliseconds(10));
        _time.Advance(TimeSpan.FromMinutes(2));
        window.Add(TimeSpan.FromMilliseconds(10));
        window.Add(TimeSpan.FromMilliseconds(10));

        Assert.Equal([1, 0, 2, 0], Enumerable.Range(0, 4).Select(number => MinuteOf(window, number)));
        Assert.Equal(0, MinuteOf(window, -1));
        _time.Advance(TimeSpan.FromMinutes(58));
        // the minute that takes the place of the first
        window.Add(TimeSpan.FromMilliseconds(10));
        Assert.Equal([0, 2, 1], new[] { 0L, 2, 60 }.Select(number => MinuteOf(window, number)));
    }

    [Fact]
    public async Task Nothing_is_lost_where_many_count_at_once()
    {
        var window = new LatencyWindow(_time, _time.GetTimestamp());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var number = 0; number < 10_000; number++) window.Add(TimeSpan.FromMilliseconds(number % 100));
        })));

        Assert.Equal(80_000, CountOf(window, 1));
    }

    private static int MinuteOf(LatencyWindow window, long number)
    {
        var counts = new long[LatencyScale.Steps];
        Assert.Equal(window.AddMinuteTo(counts, number), counts.Sum() > 0);
        return (int)counts.Sum();
    }

    private static int CountOf(LatencyWindow window, int minutes)
    {
        var counts = new long[LatencyScale.Steps];
        window.AddTo(counts, minutes);
        return (int)counts.Sum();
    }
}
