namespace Helix.Core.Updates;

/// <summary>What the gateway saw of the answers of an engine.</summary>
/// <param name="Requests">That were sent to it.</param>
/// <param name="Faults">Of these: answered with a status of 500 or above, broken off, or not answered.</param>
internal sealed record ErrorCount(long Requests, long Faults)
{
    /// <summary>One fault is chance. Before the watch is over, more of them are needed.</summary>
    private const int Least = 2, LeastEarly = 5;

    /// <summary>A share of faults that says nothing.</summary>
    private const double Tolerated = 0.05;

    public static ErrorCount None { get; } = new(0, 0);

    public string Words => Requests == 0 ? "no request" : $"{Requests} {(Requests == 1 ? "request" : "requests")}, of which {Faults} failed";

    private double Share => Requests == 0 ? 0 : (double)Faults / Requests;

    public ErrorCount Plus(ErrorCount other) => new(Requests + other.Requests, Faults + other.Faults);

    public ErrorCount Since(ErrorCount earlier) => new(Requests - earlier.Requests, Faults - earlier.Faults);

    /// <summary>Whether a release fails those who ask it more often than the one before did.</summary>
    /// <param name="isOver">Nothing is counted after this.</param>
    /// <returns>Null where it does not, or too little was seen; else what is wrong.</returns>
    public static string? Fault(ErrorCount before, ErrorCount after, bool isOver) =>
        after.Faults >= (isOver ? Least : LeastEarly) && after.Share > Math.Max(Tolerated, 2 * before.Share)
            ? $"since the switch it had {after.Words}; the release before had {before.Words}"
            : null;
}
