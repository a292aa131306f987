using Helix.Core.Dashboard;
using Helix.Core.Fleet;

namespace Helix.Core.Tests.Dashboard;

public class ProviderActionsTests
{
    private static readonly ActionFacts s_run = new(ProviderState.Ready, false, false, true, false, false, false, true, false);

    [Fact]
    public void What_runs_can_be_stopped_and_what_is_stopped_started()
    {
        Assert.Equal(["stop", "update", "remove", "logs"], ProviderActions.Of(s_run));
        Assert.Equal(["start", "update", "remove", "logs"], ProviderActions.Of(s_run with { State = ProviderState.Standby }));
        Assert.Equal(["start", "stop", "update", "remove", "logs"], ProviderActions.Of(s_run with { State = ProviderState.Critical }));
    }

    [Fact]
    public void What_is_not_here_can_be_installed_where_nothing_stands_in_the_way()
    {
        var absent = s_run with { State = ProviderState.Available, IsRun = false, HasLogs = false };

        Assert.Empty(ProviderActions.Of(absent));
        Assert.Equal(["install"], ProviderActions.Of(absent with { CanBeInstalled = true }));
        Assert.Equal(["remove", "logs"], ProviderActions.Of(absent with { CanBeInstalled = true, IsWorking = true, HasLogs = true }));
    }

    [Fact]
    public void There_is_a_way_back_only_where_there_is_something_to_go_back_to() =>
        Assert.Equal(["stop", "update", "rollback", "remove", "logs", "open"], ProviderActions.Of(s_run with { HasPrevious = true, HasInterface = true }));

    [Fact]
    public void What_comes_with_helix_is_neither_updated_nor_removed() => Assert.Equal(["stop", "logs"], ProviderActions.Of(s_run with { IsBuiltin = true }));

    [Fact]
    public void What_somebody_else_runs_is_left_to_him()
    {
        Assert.Empty(ProviderActions.Of(s_run with { IsAttached = true, State = ProviderState.Attached }));
        Assert.Equal(["open"], ProviderActions.Of(s_run with { IsAttached = true, State = ProviderState.Attached, HasInterface = true }));
    }
}
