using Helix.Core.Fleet;
using Helix.Core.History;

namespace Helix.Core.Tests.History;

public class UptimeMeterTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly DateOnly s_day = new(2026, 11, 29);

    [Theory]
    [InlineData(ProviderState.Ready, true)]
    [InlineData(ProviderState.Degraded, false)]
    [InlineData(ProviderState.Recovering, false)]
    [InlineData(ProviderState.Critical, false)]
    [InlineData(ProviderState.Starting, null)]
    [InlineData(ProviderState.Standby, null)]
    internal void Who_serves_is_up_who_is_being_brought_back_is_down_and_who_rests_counts_as_neither(ProviderState state, bool? up)
    {
        var counted = UptimeMeter.Count(Fleet(("vllm", state)), s_now, s_second);

        Assert.Equal(up is { } isUp ? new UptimeSpan(isUp ? s_second : default, isUp ? default : s_second) : null, counted.TryGetValue(new(s_day, "vllm"), out var span) ? span : (UptimeSpan?)null);
    }

    [Fact]
    public void The_whole_is_up_while_anything_answers()
    {
        var counted = UptimeMeter.Count(Fleet(("vllm", ProviderState.Critical), ("builtin", ProviderState.Ready)), s_now, s_second);

        Assert.Equal(new(s_second, default), counted[new(s_day, UptimeMeter.Whole)]);
        Assert.Equal(0, counted[new(s_day, "vllm")].Share);
    }

    [Fact]
    public void What_was_missed_over_midnight_belongs_to_each_of_its_days()
    {
        var counted = UptimeMeter.Gap(s_now.AddHours(-2), TimeSpan.FromHours(40));

        Assert.Equal(
            [(s_day.AddDays(-2), 6.0), (s_day.AddDays(-1), 24.0), (s_day, 10.0)],
            counted.OrderBy(each => each.Key.Day).Select(each => (each.Key.Day, each.Value.Down.TotalHours)));
        Assert.Equal(TimeSpan.FromHours(12), Assert.Single(UptimeMeter.Gap(s_now.AddHours(-12), TimeSpan.FromHours(12))).Value.Down);
    }

    private static FleetSnapshot Fleet(params (string Provider, ProviderState State)[] instances) =>
        FleetSnapshot.Empty with { Instances = [.. instances.Select(each => new InstanceStatus($"{each.Provider}-m", each.Provider, "m", each.State, "", 1, 0, s_now))] };
}
