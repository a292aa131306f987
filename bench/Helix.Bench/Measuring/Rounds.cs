using System.Diagnostics;

namespace Helix.Bench.Measuring;

/// <summary>Measures in turn, so that whatever the machine does meets all alike. A turn that other programs disturbed is measured again.</summary>
/// <param name="count">Rounds that are kept.</param>
/// <param name="quiet">CPUs that other programs may use during a turn.</param>
/// <param name="patience">How often a disturbed turn is measured again; then the quietest counts.</param>
internal sealed class Rounds(int count, double quiet = 0.1, int patience = 3)
{
    public int Count => count;

    /// <summary>Values of each turn, a row a round; every other round goes backwards.</summary>
    /// <param name="own">Processes that live through the measurement and belong to it, besides this one and the children it has waited for.</param>
    public Series Take(IReadOnlyCollection<int> own, params IReadOnlyList<Func<double[]>> turns)
    {
        var series = new Series(turns.Count);
        for (var round = 0; round < count; round++)
        {
            var row = new double[turns.Count][];
            for (var i = 0; i < turns.Count; i++)
            {
                var turn = round % 2 == 0 ? i : turns.Count - 1 - i;
                (row[turn], var other) = Quietly(turns[turn], own);
                series.Disturbed(other);
            }

            series.Add(row);
        }

        return series;
    }

    private (double[] Values, double Other) Quietly(Func<double[]> turn, IReadOnlyCollection<int> own)
    {
        var best = Once(turn, own);
        for (var again = 0; again < patience && best.Other > quiet; again++)
        {
            var next = Once(turn, own);
            if (next.Other < best.Other) best = next;
        }

        return best;
    }

    private static (double[] Values, double Other) Once(Func<double[]> turn, IReadOnlyCollection<int> own)
    {
        var begun = Stopwatch.GetTimestamp();
        var (busy, mine) = (ProcFile.BusySeconds(), Mine(own));
        var values = turn();
        var other = ProcFile.BusySeconds() - busy - (Mine(own) - mine);
        return (values, Math.Max(0, other / Stopwatch.GetElapsedTime(begun).TotalSeconds));
    }

    private static double Mine(IReadOnlyCollection<int> own) => Environment.CpuUsage.TotalTime.TotalSeconds + ProcFile.EndedChildrenSeconds() + CpuClock.Of(own).TotalSeconds;
}

/// <summary>Values by round, turn and quantity.</summary>
internal sealed class Series(int turns)
{
    private readonly List<double[][]> _rows = [];
    private readonly List<double> _other = [];

    public void Add(double[][] row) => _rows.Add(row.Length == turns ? row : throw new ArgumentException("a round has a value of each turn", nameof(row)));

    public void Disturbed(double other) => _other.Add(other);

    /// <summary>CPUs that other programs used, in the middle of all turns.</summary>
    public double OtherWork => Median(_other);

    public Finding Judge(string group, string what, string unit, Target target, int turn, int? peer = null, int quantity = 0) =>
        Judge(group, what, unit, target, row => row[turn][quantity], peer is { } other ? row => row[other][quantity] : null);

    /// <summary>The same of what is reckoned from all turns of a round.</summary>
    public Finding Judge(string group, string what, string unit, Target target, Func<double[][], double> own, Func<double[][], double>? peer)
    {
        var measured = Median(_rows.Select(own));
        double? other = peer is null ? null : Median(_rows.Select(peer));
        double? ratio = peer is null ? null : Median(_rows.Select(row => own(row) / peer(row)));
        return new Finding(group, what, unit, measured, other, ratio, target.Words, target.Holds(measured, other, ratio), _rows.Count, OtherWork);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The value below which this share of them lies, itself one of them.</summary>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    /// <summary>Of the straight line that lies nearest to these points.</summary>
    public static double Slope(IReadOnlyList<(double At, double Value)> points)
    {
        var (at, value) = (points.Average(point => point.At), points.Average(point => point.Value));
        return points.Sum(point => (point.At - at) * (point.Value - value)) / points.Sum(point => (point.At - at) * (point.At - at));
    }
}
