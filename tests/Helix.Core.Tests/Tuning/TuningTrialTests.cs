using Helix.Core.Tuning;

namespace Helix.Core.Tests.Tuning;

public sealed class TuningTrialTests
{
    [Fact]
    public void A_change_that_saves_a_fifth_each_time_is_better()
    {
        var trial = new TuningTrial([1.00, 1.02, 0.99, 1.01, 1.00, 1.03], [0.80, 0.82, 0.79, 0.81, 0.80, 0.83]);

        Assert.True(trial.IsBetter);
        Assert.Equal("0.805 s instead of 1.005 s for the same requests (+19.9 %, chance 0.001)", trial.Words);
    }

    [Fact]
    public void A_gain_that_is_clear_but_small_is_not_worth_a_restart() =>
        Assert.False(new TuningTrial([1.00, 1.01, 1.02, 1.00, 1.01, 1.02], [0.97, 0.98, 0.97, 0.98, 0.97, 0.98]).IsBetter);

    [Fact]
    public void A_gain_that_may_be_chance_is_not_believed() =>
        Assert.False(new TuningTrial([1.0, 2.0, 1.0, 2.0, 1.0, 2.0], [0.9, 1.9, 0.9, 1.9, 0.8, 1.0]).IsBetter);

    [Fact]
    public void What_is_the_same_is_kept_in_few_of_many_cases()
    {
        var random = new Random(7);
        const int Runs = 2000;
        var kept = Enumerable.Range(0, Runs).Count(_ => new TuningTrial([.. Rounds()], [.. Rounds()]).IsBetter);

        // the level says 2 %; five standard deviations above it
        Assert.InRange(kept, 0, Runs * TuningTrial.Level + 5 * Math.Sqrt(Runs * TuningTrial.Level));

        IEnumerable<double> Rounds() => Enumerable.Range(0, TuningTrial.Rounds).Select(_ => 1 + random.NextDouble());
    }
}
