using Helix.Core.Fleet;

namespace Helix.Core.Tests.Fleet;

public sealed class FleetViewTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(nameof(ProviderState.Ready), true, true)]
    [InlineData(nameof(ProviderState.Critical), false, true)]
    [InlineData(nameof(ProviderState.Degraded), true, true)]
    [InlineData(nameof(ProviderState.Standby), false, true)]
    [InlineData(nameof(ProviderState.Standby), true, false)]
    [InlineData(nameof(ProviderState.Starting), true, false)]
    [InlineData(nameof(ProviderState.Recovering), false, false)]
    public void It_is_quiet_when_no_instance_comes_or_goes(string state, bool hasProcess, bool isQuiet) =>
        Assert.Equal(isQuiet, FleetView.IsQuiet(FleetSnapshot.Empty with { Instances = [new("a-m", "a", "m", Enum.Parse<ProviderState>(state), "so", hasProcess ? 7 : null, 0, s_now)] }));

    [Fact]
    public void It_is_not_quiet_while_a_model_is_about_to_start_somewhere()
    {
        var model = new ServedModel("m", ModelAbilities.Chat, new ModelAvailability.Ready(), [], 10, false, s_now);

        Assert.False(FleetView.IsQuiet(FleetSnapshot.Empty with { Models = [model with { Seats = [new("a", new ModelAvailability.Coming("about to start"), null)] }] }));
        Assert.True(FleetView.IsQuiet(FleetSnapshot.Empty with { Models = [model with { Seats = [new("a", new ModelAvailability.Asleep(), null)] }] }));
    }
}
