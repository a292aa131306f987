using Helix.Core.Processes;

namespace Helix.Core.Tests.Processes;

public class DaemonTrialTests
{
    private static readonly DaemonTrial s_trial = new(TimeSpan.FromSeconds(5));

    [Theory]
    [InlineData(false, 4.9, false)]
    [InlineData(false, 5, true)]
    [InlineData(true, 5000, false)]
    public void It_is_overdue_when_it_has_not_answered_in_time(bool answers, double lived, bool overdue) =>
        Assert.Equal(overdue, (s_trial with { Answers = answers }).IsOverdue(TimeSpan.FromSeconds(lived)));

    [Fact]
    public void One_that_ends_before_its_first_answer_is_given_up() => Assert.Null(s_trial.AfterDeath());

    [Fact]
    public void One_that_had_answered_may_end_once_and_must_answer_again()
    {
        var next = (s_trial with { Answers = true }).AfterDeath();

        Assert.Equal(s_trial with { Deaths = 1 }, next);
        Assert.Null(next!.AfterDeath());
        Assert.Null((next with { Answers = true }).AfterDeath());
    }
}
