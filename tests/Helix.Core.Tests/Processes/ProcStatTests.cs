using CsCheck;
using Helix.Core.Processes;

namespace Helix.Core.Tests.Processes;

public sealed class ProcStatTests
{
    [Fact]
    public void The_kernels_own_line_is_read()
    {
        var stat = ProcStat.Parse("42 (sleep) S 7 42 42 0 -1 4194304 105 0 0 0 1 2 3 4 20 0 1 0 987654 2600960 199 18446744073709551615 1 1 0 0 0");

        Assert.Equal(new ProcStat(42, 'S', 7, 42, 42, 1, 10, 987654) { ResidentPages = 199 }, stat);
        Assert.True(stat!.IsAlive);
    }

    [Fact]
    public void Whatever_a_program_calls_itself_the_fields_stay_right() =>
        Gen.String.Sample(name =>
            ProcStat.Parse($"1 ({name}) Z 2 3 4 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 55 0 0") is { Pid: 1, State: 'Z', Parent: 2, Group: 3, Session: 4, StartTicks: 55, IsAlive: false });

    [Theory]
    [InlineData('R', 1, true)]
    [InlineData('Z', 1, false)]
    [InlineData('Z', 3, true)]
    [InlineData('X', 0, false)]
    public void A_zombie_is_dead_unless_threads_of_it_live_on(char state, int threads, bool alive) =>
        Assert.Equal(alive, ProcStat.Parse($"1 (a) {state} 2 3 4 0 -1 0 0 0 0 0 0 0 0 0 20 0 {threads} 0 55 0 0")!.IsAlive);

    [Fact]
    public void Any_other_text_is_refused_without_an_exception() =>
        Gen.String[Gen.Char["() 0123456789SZ-\n"], 0, 80].Sample(text => ProcStat.Parse(text) is null or { StartTicks: >= 0 });
}
