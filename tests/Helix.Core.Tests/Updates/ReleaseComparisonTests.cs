using Helix.Core.Updates;

namespace Helix.Core.Tests.Updates;

public class ReleaseComparisonTests
{
    [Fact]
    public void As_fast_as_before_is_good() => Assert.Null(Fault(Samples(100, 100), Samples(100, 100)));

    [Fact]
    public void A_little_slower_is_noise_and_half_as_fast_is_not()
    {
        Assert.Null(Fault(Samples(100, 100), Samples(75, 110)));
        Assert.Equal("it gives 50 tokens a second, and the release before gave 100", Fault(Samples(100, 100), Samples(50, 100)));
    }

    [Fact]
    public void A_first_token_that_is_late_for_a_person_counts_and_a_few_milliseconds_do_not()
    {
        Assert.Null(Fault(Samples(100, 10), Samples(100, 60)));
        Assert.Equal("its first token takes 900 ms, and that of the release before took 100 ms", Fault(Samples(100, 100), Samples(100, 900)));
    }

    [Fact]
    public void One_bad_answer_is_one_too_many_and_needs_no_comparison() =>
        Assert.Equal("it answered with no JSON", Fault([], [.. Samples(100, 100), Measurement.Failed("it answered with no JSON")]));

    [Fact]
    public void Where_the_release_before_fails_too_speed_says_nothing() =>
        Assert.Null(Fault([Measurement.Failed("no"), Measurement.Failed("no")], [Measurement.Failed("no"), .. Samples(1, 100)]));

    private static string? Fault(IReadOnlyList<Measurement> before, IReadOnlyList<Measurement> after) => ReleaseComparison.Fault(before, after, 0.3);

    private static IReadOnlyList<Measurement> Samples(double speed, double first) => [.. Enumerable.Range(0, 3).Select(_ => new Measurement(null, TimeSpan.FromMilliseconds(first), speed, 32))];
}
