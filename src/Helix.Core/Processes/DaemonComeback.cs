namespace Helix.Core.Processes;

/// <summary>How soon a daemon that died is started again.</summary>
/// <param name="Misses">Deaths in a row of a daemon that never came to work.</param>
/// <param name="Brief">Deaths in a row of a daemon that worked, but only for a moment.</param>
internal readonly record struct DaemonComeback(int Misses, int Brief)
{
    /// <summary>So many quick deaths of a working daemon are bad luck; beyond that it is ill, and waits as well.</summary>
    public const int ForgivenBriefLives = 32;

    public static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    /// <param name="worked">It had begun to watch its engines.</param>
    /// <param name="lived">From its start to its death.</param>
    public DaemonComeback After(bool worked, TimeSpan lived) =>
        !worked ? this with { Misses = Misses + 1 }
        : lived < LongEnough ? new(0, Brief + 1)
        : default;

    public TimeSpan Delay => Misses > 0 ? Backoff(Misses - 1) : Brief > ForgivenBriefLives ? Backoff(Brief - ForgivenBriefLives - 1) : TimeSpan.Zero;

    private static TimeSpan Backoff(int doublings)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(doublings, 20));
        return delay < LongestDelay ? delay : LongestDelay;
    }
}
