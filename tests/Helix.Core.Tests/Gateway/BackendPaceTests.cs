using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class BackendPaceTests
{
    [Fact]
    public void Of_two_answers_that_end_at_once_the_later_may_be_told_first()
    {
        var pace = new BackendPace();
        var (one, two) = (pace.Begin(TimeSpan.Zero, 10, isStream: false), pace.Begin(TimeSpan.Zero, 10, isStream: false));
        pace.NoteFirst(one, TimeSpan.FromSeconds(1));
        pace.NoteFirst(two, TimeSpan.FromSeconds(1));

        pace.End(two, TimeSpan.FromSeconds(2), 10, isStream: false, slots: 0);
        pace.End(one, TimeSpan.FromSeconds(1), 10, isStream: false, slots: 0);

        Assert.Equal(2 * 0.7, pace.BetweenEnds!.Value, 1e-9);
        Assert.Equal(0, pace.InFlight);
    }

    [Fact]
    public void What_another_engine_gained_is_hoped_of_an_idle_one_until_that_shows_itself()
    {
        var (slow, fast) = (new Speed(9, 0.001, 0.02, 0.4, 0, 0), new Speed(10, 0.0005, 0.01, 0.4, 0, 0));
        var pace = new BackendPace();
        pace.NoteOther(slow, fast);
        Assert.Equal(0, pace.Hoped.Seen);

        for (var answer = 0; answer < 10; answer++) Answer(1);
        Assert.Equal((0.01, 0.01), Times(pace.Speed));
        Assert.NotNull(pace.Hoped.LateFor(new(1, 1), isStream: true));
        pace.NoteOther(slow with { Seen = 4 }, fast);
        pace.NoteOther(fast, slow);
        Assert.Equal((0.01, 0.01), Times(pace.Hoped));
        pace.NoteOther(slow, fast);
        Assert.Equal((0.01, 0.01), Times(pace.Hoped));
        pace.NoteOther(slow, fast);
        Assert.Equal(((0.01, 0.01), (0.005, 0.005)), (Times(pace.Speed), Times(pace.Hoped)));
        Assert.Null(pace.Hoped.LateFor(new(1, 1), isStream: true));
        pace.NoteOther(fast, slow);
        Assert.Equal((0.01, 0.01), Times(pace.Hoped));
        for (var other = 0; other < 9; other++) pace.NoteOther(slow, fast);
        Assert.Equal((0.004, 0.004), Times(pace.Hoped));

        Answer(0.4);
        Assert.Equal((0.004, 0.004), Times(pace.Speed));
        Assert.NotNull(pace.Hoped.LateFor(new(1, 1), isStream: true));
        pace.NoteOther(slow, fast);
        Answer(0.4);
        Assert.Equal(((0.004, 0.004), pace.Speed), (Times(pace.Speed), pace.Hoped));

        // it reads as before, and writes as was hoped
        pace.NoteOther(slow, fast);
        var half = pace.Begin(TimeSpan.Zero, 84, isStream: true);
        pace.NoteFirst(half, TimeSpan.FromSeconds(0.4));
        pace.End(half, TimeSpan.FromSeconds(0.6), 100, isStream: true, slots: 0);
        Assert.Equal((0.004, 0.002), Times(pace.Speed));

        var busy = pace.Begin(TimeSpan.Zero, 84, isStream: true);
        pace.NoteOther(slow, fast);
        Assert.Equal(pace.Speed, pace.Hoped);
        pace.End(busy, TimeSpan.Zero, null, isStream: true, slots: 0);

        // 84 tokens of a prompt and what each request takes besides, then as many of an answer
        void Answer(double seconds)
        {
            var flight = pace.Begin(TimeSpan.Zero, 84, isStream: true);
            pace.NoteFirst(flight, TimeSpan.FromSeconds(seconds));
            pace.End(flight, TimeSpan.FromSeconds(2 * seconds), 100, isStream: true, slots: 0);
        }

        static (double, double) Times(Speed speed) => (Math.Round(speed.PerPromptToken, 9), Math.Round(speed.PerToken, 9));
    }
}
