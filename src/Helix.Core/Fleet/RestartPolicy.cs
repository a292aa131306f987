namespace Helix.Core.Fleet;

/// <summary>How long to wait before an instance is started again.</summary>
/// <param name="RetryDelay">Before the second try after a failed start; it doubles from there.</param>
/// <param name="Cap">No wait is longer.</param>
/// <param name="MaxRetries">Failed starts after which the instance counts as critical. It is tried again all the same.</param>
internal sealed record RestartPolicy(TimeSpan RetryDelay, TimeSpan Cap, int MaxRetries)
{
    /// <summary>Ready for this long: what went wrong before is forgiven.</summary>
    public static readonly TimeSpan ForgivenAfter = TimeSpan.FromMinutes(10);

    /// <summary>For each such stretch of service, one crash is forgiven: what serves far longer than it takes to start is started again at once.</summary>
    public static readonly TimeSpan OneForgivenEach = TimeSpan.FromSeconds(10);

    /// <summary>So many crashes of an instance that did become ready are met with quick restarts, then with slow ones.</summary>
    public const int QuickCrashes = 25;

    /// <summary>Before a start after a fault for which there is a remedy.</summary>
    public static readonly TimeSpan RemedyPause = TimeSpan.FromSeconds(2);

    /// <summary>Whoever wants no wait at all gets this one: a start that fails at once, again and again, must not keep the machine busy.</summary>
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan s_quickFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_quickCap = TimeSpan.FromSeconds(1);

    /// <param name="failedStarts">Ends before ready, this one included.</param>
    /// <param name="crashes">Ends after ready, this one included.</param>
    /// <param name="hopeless">Trying again at once cannot help.</param>
    /// <param name="roll">A draw in [0, 1) that spreads the waits of several instances.</param>
    public TimeSpan DelayBefore(int failedStarts, int crashes, bool hopeless, double roll)
    {
        if (hopeless) return Grown(failedStarts + 3, roll);
        var slow = Math.Max(0, failedStarts - 1) + Math.Max(0, crashes - QuickCrashes);
        if (slow > 0) return Grown(slow - 1, roll);
        return crashes <= 1 ? TimeSpan.Zero : Jittered(Doubled(s_quickFirst, crashes - 2, s_quickCap), roll);
    }

    /// <summary>Crashes that still count after it served for a while.</summary>
    public static int StillCounted(int crashes, TimeSpan served) => served >= ForgivenAfter ? 0 : Math.Max(0, crashes - (int)(served / OneForgivenEach));

    public bool IsCritical(int failedStarts, int crashes) => failedStarts > MaxRetries || crashes > QuickCrashes;

    private TimeSpan Grown(int times, double roll) => Jittered(Doubled(RetryDelay > s_least ? RetryDelay : s_least, times, Cap), roll);

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan cap)
    {
        var grown = first * Math.Pow(2, Math.Min(times, 30));
        return grown < cap ? grown : cap;
    }

    private static TimeSpan Jittered(TimeSpan wait, double roll) => wait * (0.75 + 0.25 * roll);
}
