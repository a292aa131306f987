using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class ReturnTimeTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0.2, 1)]
    [InlineData(3.01, 4)]
    [InlineData(-5, 1)]
    [InlineData(9999, 120)]
    public void A_moment_is_told_in_whole_seconds_and_never_too_early(double seconds, int told) => Assert.Equal(told, ReturnTime.Until(s_now.AddSeconds(seconds), s_now));

    [Fact]
    public void One_that_waits_to_be_started_again_comes_after_its_wait_and_its_start() =>
        Assert.Equal(37, UntilReady(Instance(ProviderState.Critical) with { NextStart = s_now.AddSeconds(30), TookToStart = TimeSpan.FromSeconds(7) }));

    [Fact]
    public void One_that_is_starting_takes_as_long_as_the_last_time() =>
        Assert.Equal(5, UntilReady(Instance(ProviderState.Starting, since: 4) with { Pid = 7, TookToStart = TimeSpan.FromSeconds(9) }));

    [Theory]
    [InlineData(null)]
    [InlineData(9.0)]
    public void One_that_has_been_starting_for_longer_than_is_known_takes_as_long_again(double? took) =>
        Assert.Equal(25, UntilReady(Instance(ProviderState.Starting, since: 25) with { Pid = 7, TookToStart = took is { } seconds ? TimeSpan.FromSeconds(seconds) : null }));

    [Fact]
    public void One_without_a_place_comes_when_the_first_answer_of_another_ends_and_it_has_started() =>
        Assert.Equal(7, UntilReady(Instance(ProviderState.Standby) with { TookToStart = TimeSpan.FromSeconds(4) }, 12, 3));

    [Fact]
    public void Where_nothing_is_known_it_is_as_long_again_as_was_waited() => Assert.Equal(20, UntilReady(null));

    private static int UntilReady(InstanceStatus? instance, params double[] places) =>
        ReturnTime.UntilReady(instance, places.Select(TimeSpan.FromSeconds), TimeSpan.FromSeconds(20), s_now);

    private static InstanceStatus Instance(ProviderState state, double since = 0) => new("builtin-m", "builtin", "m", state, "so", null, 0, s_now.AddSeconds(-since));
}
