namespace Helix.Bench.Measuring;

/// <summary>One line of the report.</summary>
/// <param name="Measured">Median of helix.</param>
/// <param name="Peer">Median of what it is compared with, in the same rounds; null where the target is a number.</param>
/// <param name="Ratio">Median of the ratios of each round: steadier than the ratio of medians on a machine that is never quite still.</param>
/// <param name="Passed">Null where a number is only reported.</param>
internal sealed record Finding(string Group, string What, string Unit, double Measured, double? Peer, double? Ratio, string Target, bool? Passed, int Rounds, double OtherWork);

/// <summary>What must hold.</summary>
internal abstract record Target
{
    private Target()
    {
    }

    public static Target None { get; } = new Reported();

    public abstract string Words { get; }

    public abstract bool? Holds(double measured, double? peer, double? ratio);

    /// <summary>As a share of the peer.</summary>
    public sealed record RatioAtLeast(double Least) : Target
    {
        public override string Words => $"≥ {Least:0.00} ×";

        public override bool? Holds(double measured, double? peer, double? ratio) => ratio >= Least;
    }

    public sealed record RatioAtMost(double Most) : Target
    {
        public override string Words => $"≤ {Most:0.00} ×";

        public override bool? Holds(double measured, double? peer, double? ratio) => ratio <= Most;
    }

    public sealed record AtMost(double Most) : Target
    {
        public override string Words => $"≤ {Most:0.###}";

        public override bool? Holds(double measured, double? peer, double? ratio) => measured <= Most;
    }

    /// <summary>More than the peer by no more than this.</summary>
    public sealed record MoreByAtMost(double Most) : Target
    {
        public override string Words => $"≤ + {Most:0.###}";

        public override bool? Holds(double measured, double? peer, double? ratio) => measured - peer <= Most;
    }

    private sealed record Reported : Target
    {
        public override string Words => "";

        public override bool? Holds(double measured, double? peer, double? ratio) => null;
    }
}
