using Helix.Core.Alerts;
using Helix.Core.Fleet;
using Helix.Core.History;

namespace Helix.Core.Tests.Fleet;

public class FleetEventsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_engine_that_goes_down_raises_an_alert_with_its_cause()
    {
        var alert = Assert.Single(Events(ProviderState.Ready, Status(ProviderState.Recovering, "crashed")), each => each.Kind == HistoryKind.Alert);

        Assert.Equal(("unhealthy", Severity.Warning, "vllm-m went down, and is being brought back: crashed"), (alert.What, alert.Severity, alert.Words));
    }

    [Fact]
    public void One_that_cannot_be_brought_back_raises_a_critical_alert_with_its_remedy()
    {
        var alert = Assert.Single(Events(ProviderState.Recovering, Status(ProviderState.Critical, "no such file") with { Remedy = "see its log", NextStart = s_now }), each => each.Kind == HistoryKind.Alert);

        Assert.Equal((Severity.Critical, "vllm-m cannot be brought back for now: no such file"), (alert.Severity, alert.Words));
        Assert.Equal("see its log", Occurrence.Of(alert).Left);
    }

    [Fact]
    public void One_that_nobody_brings_back_is_not_said_to_be_tried_again()
    {
        var alert = Assert.Single(Events(ProviderState.Ready, Status(ProviderState.Critical, "killed") with { Remedy = "start it" }), each => each.Kind == HistoryKind.Alert);

        Assert.Equal(("critical", "vllm-m is down, and nothing brings it back by itself: killed"), (alert.What, alert.Words));
        Assert.Equal("start it", Occurrence.Of(alert).Left);
    }

    [Fact]
    public void One_that_serves_again_says_how_long_after_the_fault()
    {
        var healed = Assert.Single(Events(ProviderState.Recovering, Status(ProviderState.Ready, "answers") with { Fault = "crashed", TookToRecover = TimeSpan.FromSeconds(1.25) }), each => each.Kind == HistoryKind.Healing);

        Assert.Equal("serves again 1.25 s after the fault: crashed", healed.Words);
        Assert.Contains("\"seconds\":1.25", healed.Data, StringComparison.Ordinal);
    }

    [Fact]
    public void A_first_start_raises_no_alert() =>
        Assert.Equal([HistoryKind.State], Events(ProviderState.Standby, Status(ProviderState.Starting, "about to start")).Select(each => each.Kind));

    private static IEnumerable<HistoryEvent> Events(ProviderState from, InstanceStatus after) => FleetEvents.Of(after with { State = from }, after, s_now);

    private static InstanceStatus Status(ProviderState state, string reason) => new("vllm-m", "vllm", "m", state, reason, 1, 0, s_now);
}
