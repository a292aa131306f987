namespace Helix.Core.Gateway;

/// <summary>
/// Leaves a backend alone for a while after its answers failed in a row, then sends it one request as a trial. Times are counted from any fixed moment.
/// </summary>
/// <param name="Failures">In a row.</param>
/// <param name="Openings">How often it was left alone since its last answer.</param>
/// <param name="OpenUntil">When a trial is due.</param>
/// <param name="OnTrial">A trial is under way.</param>
internal readonly record struct Breaker(int Failures, int Openings, TimeSpan OpenUntil, bool OnTrial)
{
    /// <summary>A single failure says more of a request than of a backend.</summary>
    public const int FailuresToOpen = 3;

    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(1);

    public bool IsOpen(TimeSpan now) => OnTrial || now < OpenUntil;

    /// <summary>A request is sent to it.</summary>
    public Breaker Sent(TimeSpan now) => Openings > 0 && !IsOpen(now) ? this with { OnTrial = true } : this;

    /// <summary>Of a backend that answered: all is forgiven.</summary>
    public static Breaker Well => default;

    /// <param name="jitter">From 0 to 1: not everybody is to come back at the same moment.</param>
    /// <param name="isTrial">The request that failed was the trial.</param>
    public Breaker Failed(TimeSpan now, double jitter, bool isTrial = false)
    {
        var failures = Failures + 1;
        // requests that were under way together fail together: that is one trouble; and a trial is judged by itself
        if (failures < FailuresToOpen || now < OpenUntil || (OnTrial && !isTrial)) return this with { Failures = failures, OnTrial = OnTrial && !isTrial };
        var pause = TimeSpan.FromSeconds(Math.Min(s_most.TotalSeconds, s_first.TotalSeconds * Math.Pow(2, Math.Min(Openings, 10))) * (0.75 + 0.5 * jitter));
        return new(failures, Openings + 1, now + pause, OnTrial: false);
    }

    /// <summary>The trial's client left before anything could be told of the backend.</summary>
    public Breaker Untold() => this with { OnTrial = false };
}
