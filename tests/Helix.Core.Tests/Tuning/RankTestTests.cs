using Helix.Core.Tuning;

namespace Helix.Core.Tests.Tuning;

public sealed class RankTestTests
{
    [Theory]
    // tables of the exact one-sided test
    [InlineData(6, 0, 0.00108)]
    [InlineData(6, 3, 0.00758)]
    [InlineData(6, 5, 0.02056)]
    [InlineData(6, 7, 0.04654)]
    [InlineData(4, 1, 0.02857)]
    public void It_gives_the_probabilities_of_the_tables(int each, int wrongPairs, double expected)
    {
        var larger = Enumerable.Range(1, each).Select(value => value * 100.0).ToArray();
        // one value of the small side moved up by as many places as pairs are to be wrong
        var smaller = Enumerable.Range(1, each).Select(value => (double)value).ToArray();
        for (var (left, one) = (wrongPairs, each - 1); left > 0; one--)
        {
            var places = Math.Min(left, each);
            smaller[one] = larger[places - 1] + 50 + one;
            left -= places;
        }

        Assert.Equal(expected, RankTest.ProbabilityOfLess(smaller, larger), 5);
    }

    [Fact]
    public void It_counts_as_many_ways_as_counting_them_one_by_one_does()
    {
        var random = new Random(7);
        for (var run = 0; run < 50; run++)
        {
            var (n, m) = (random.Next(1, 5), random.Next(1, 5));
            var values = Enumerable.Range(0, n + m).Select(value => (double)value).ToArray();
            var smaller = values.OrderBy(_ => random.Next()).Take(n).ToArray();
            var larger = values.Except(smaller).ToArray();
            var wrong = Wrong(smaller, larger);
            var all = Subsets(values, n).ToArray();

            Assert.Equal((double)all.Count(subset => Wrong(subset, [.. values.Except(subset)]) <= wrong) / all.Length, RankTest.ProbabilityOfLess(smaller, larger), 9);
        }
    }

    [Fact]
    public void Values_that_are_all_equal_prove_nothing() => Assert.True(RankTest.ProbabilityOfLess([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]) > 0.4);

    [Fact]
    public void What_is_larger_is_not_smaller() => Assert.True(RankTest.ProbabilityOfLess([4, 5, 6, 7], [1, 2, 3]) > 0.99);

    [Fact]
    public void Nothing_proves_nothing() => Assert.Equal(1, RankTest.ProbabilityOfLess([], [1, 2]));

    private static int Wrong(double[] smaller, double[] larger) => smaller.Sum(a => larger.Count(b => a > b));

    private static IEnumerable<double[]> Subsets(double[] of, int size) => size == 0 ? [[]]
        : of.SelectMany((value, index) => Subsets(of[(index + 1)..], size - 1).Select(rest => (double[])[value, .. rest]));
}
