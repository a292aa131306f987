namespace Helix.Core.Tuning;

/// <summary>
/// The rank-sum test of Wilcoxon, Mann and Whitney, exact and one-sided: how likely it is that the values of one side are as small as they are, beside those
/// of the other, by chance alone. It asks nothing of how times are distributed; equal values count a half.
/// </summary>
internal static class RankTest
{
    /// <summary>More of each side are not counted out.</summary>
    public const int Most = 30;

    /// <returns>From 0 to 1; 1 where a side is empty.</returns>
    public static double ProbabilityOfLess(IReadOnlyCollection<double> smaller, IReadOnlyCollection<double> larger)
    {
        var (n, m) = (smaller.Count, larger.Count);
        if (n == 0 || m == 0) return 1;
        if (n > Most || m > Most) throw new ArgumentException($"at most {Most} of each side");
        // pairs in which the small side is not smaller; a tie rounds up, against the claim
        var twice = smaller.Sum(a => larger.Sum(b => a > b ? 2 : a == b ? 1 : 0));
        var pairs = (twice + 1) / 2;
        var ways = Ways(n, m);
        return ways.Take(pairs + 1).Sum() / ways.Sum();
    }

    /// <summary>In how many ways n and m values can lie so that, of all pairs, exactly so many are the wrong way round.</summary>
    private static double[] Ways(int n, int m)
    {
        // of[a][u]: with a of the one side and, by rows, ever more of the other
        var of = new double[n + 1][];
        for (var a = 0; a <= n; a++) of[a] = [1];
        for (var b = 1; b <= m; b++)
        {
            var next = new double[n + 1][];
            next[0] = [1];
            for (var a = 1; a <= n; a++)
            {
                next[a] = new double[a * b + 1];
                // the largest is of the first side: it is wrong with all b others; or of the second
                for (var u = 0; u < next[a - 1].Length; u++) next[a][u + b] += next[a - 1][u];
                for (var u = 0; u < of[a].Length; u++) next[a][u] += of[a][u];
            }

            of = next;
        }

        return of[n];
    }
}
