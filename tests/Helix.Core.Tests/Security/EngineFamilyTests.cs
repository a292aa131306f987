using System.Collections.Immutable;
using Helix.Core.Processes;
using Helix.Core.Security;

namespace Helix.Core.Tests.Security;

/// <summary>Which processes count as an engine's.</summary>
public class EngineFamilyTests
{
    private const int Leader = 10, Daemon = 5;

    [Fact]
    public void All_of_the_session_are_known_by_their_depth() =>
        Assert.Equal([(10, 0), (11, 1), (12, 2)], Of([Process(10, Daemon, Leader), Process(11, 10, Leader), Process(12, 11, Leader), Process(20, Daemon, 20)]));

    [Fact]
    public void Who_begins_a_session_of_his_own_and_what_he_starts_stay_the_engines() =>
        Assert.Equal([(10, 0), (11, 1), (12, 2)], Of([Process(12, 11, 11), Process(10, Daemon, Leader), Process(11, 10, 11)]));

    [Fact]
    public void Who_leaves_his_parents_too_is_found_in_the_control_group_with_what_he_starts() =>
        Assert.Equal([(10, 0), (30, EngineFamily.Apart), (31, EngineFamily.Apart)], Of([Process(10, Daemon, Leader), Process(30, 1, 30), Process(31, 30, 31), Process(40, 1, 40)], 10, 30));

    [Fact]
    public void Who_is_of_the_session_and_not_below_its_first_process_counts_as_inside() =>
        Assert.Equal([(10, 0), (30, EngineFamily.Apart)], Of([Process(30, 1, Leader), Process(10, Daemon, Leader)]));

    [Fact]
    public void An_engine_that_is_gone_has_no_family() => Assert.Empty(Of([Process(20, Daemon, 20)]));

    private static (int Pid, int Depth)[] Of(ProcStat[] all, params int[] group) => [.. EngineFamily.Of(all, Leader, group.ToImmutableHashSet()).Select(member => (member.Process.Pid, member.Depth))];

    private static ProcStat Process(int pid, int parent, int session) => new(pid, 'S', parent, session, session, 1, 0, pid);
}
