using Helix.Gateway;

namespace Helix.Tests.Gateway;

public sealed class WallClockTests
{
    private static readonly DateTimeOffset s_begin = new(2026, 11, 29, 10, 30, 0, TimeSpan.Zero);

    private readonly SetClock _time = new(s_begin);
    private readonly WallClock _clock;

    public WallClockTests() => _clock = new(_time);

    [Fact]
    public void What_passes_between_two_looks_is_told_to_the_tick_by_one_look()
    {
        var began = _time.GetTimestamp();
        Assert.Equal(s_begin, _clock.At(began));
        _time.Pass(TimeSpan.FromTicks(9_999_999));

        Assert.Equal(s_begin.AddTicks(9_999_999), _clock.At(_time.GetTimestamp()));
        Assert.Equal(s_begin, _clock.At(began));
        Assert.Equal(1, _time.Looks);
    }

    [Fact]
    public void A_clock_that_is_set_is_followed_within_a_second()
    {
        _clock.At(_time.GetTimestamp());
        _time.Set(TimeSpan.FromHours(-1));
        Assert.Equal(s_begin, _clock.At(_time.GetTimestamp()));

        _time.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(s_begin.AddHours(-1).AddSeconds(1), _clock.At(_time.GetTimestamp()));
    }

    [Fact]
    public void A_moment_long_ago_is_told_by_the_clock_as_it_goes_now()
    {
        var began = _time.GetTimestamp();
        _time.Pass(TimeSpan.FromMinutes(10));

        Assert.Equal(s_begin, _clock.At(began));
        Assert.Equal(s_begin.AddMinutes(10), _clock.At(_time.GetTimestamp()));
    }

    /// <summary>A clock on the wall that can be set, beside one that only goes on.</summary>
    private sealed class SetClock(DateTimeOffset begin) : TimeProvider
    {
        private TimeSpan _passed;
        private TimeSpan _set;

        /// <summary>At the wall.</summary>
        public int Looks { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => 7 + _passed.Ticks;

        public override DateTimeOffset GetUtcNow()
        {
            Looks++;
            return begin + _passed + _set;
        }

        public void Pass(TimeSpan by) => _passed += by;

        public void Set(TimeSpan by) => _set += by;
    }
}
