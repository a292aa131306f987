using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Tuning;

/// <summary>How a change was compared with what is there.</summary>
/// <param name="Before">Seconds that each round of the same requests took as it is.</param>
/// <param name="After">With the change; in turns with the others, so that what else the machine does meets both.</param>
internal sealed record TuningTrial(ImmutableArray<double> Before, ImmutableArray<double> After)
{
    /// <summary>Rounds of each side.</summary>
    public const int Rounds = 6;

    /// <summary>What is not better by so much is not worth a restart.</summary>
    public const double LeastGain = 0.05;

    /// <summary>The chance at which a change that brings nothing would be kept all the same.</summary>
    public const double Level = 0.02;

    public double SecondsBefore => Median(Before);

    public double SecondsAfter => Median(After);

    /// <summary>Part of the time that is saved; below 0 where it takes longer.</summary>
    public double Gain => SecondsBefore > 0 ? 1 - SecondsAfter / SecondsBefore : 0;

    public double Chance => RankTest.ProbabilityOfLess(After, Before);

    public bool IsBetter => Gain >= LeastGain && Chance <= Level;

    public string Words => string.Create(CultureInfo.InvariantCulture, $"{SecondsAfter:0.000} s instead of {SecondsBefore:0.000} s for the same requests ({Gain * 100:+0.0;-0.0;0.0} %, chance {Chance:0.000})");

    private static double Median(ImmutableArray<double> values)
    {
        if (values.IsEmpty) return 0;
        var sorted = values.Sort();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
