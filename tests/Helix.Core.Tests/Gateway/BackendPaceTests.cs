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
}
