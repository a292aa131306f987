using Helix.Core.Manifests;

namespace Helix.Core.Fleet;

/// <summary>How patient a supervisor is. All waits are of one instance.</summary>
/// <param name="CheckInterval">Between two looks at a healthy instance.</param>
/// <param name="StrikesAllowed">Bad looks in a row before it is restarted; one never is enough.</param>
/// <param name="StartPatience">From start to ready.</param>
/// <param name="StopPatience">From the polite signal to the hard one.</param>
/// <param name="Steps">At each step of a start.</param>
internal sealed record LifecyclePolicy(
    RestartPolicy Restart,
    bool AutoRecovery,
    TimeSpan CheckInterval,
    int StrikesAllowed,
    TimeSpan StartPatience,
    TimeSpan StopPatience,
    StepPatience Steps)
{
    public static readonly TimeSpan StartingLook = TimeSpan.FromMilliseconds(25);
    public static readonly TimeSpan WatchfulLook = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan WorriedLook = TimeSpan.FromSeconds(2);

    /// <summary>From the polite signal to the hard one, at most, where it is ended because it does not work.</summary>
    public static readonly TimeSpan UnwellStopPatience = TimeSpan.FromSeconds(5);

    /// <summary>It is looked at while it serves; its start and its end are seen in any case.</summary>
    public bool Monitors { get; init; } = true;

    /// <summary>In a row, until one that was unwell counts as well.</summary>
    public const int GoodLooksWanted = 2;

    /// <param name="modelBytes">A large model gets more time.</param>
    /// <param name="start">From start to ready, for a small model.</param>
    /// <param name="steps">Null where nothing is known of them.</param>
    public static LifecyclePolicy For(Configuration.HealthConfig health, long modelBytes, TimeSpan start, TimeSpan stop, StepPatience? steps = null) => new(
        new RestartPolicy(TimeSpan.FromSeconds(health.RetryDelay), TimeSpan.FromMinutes(5), health.MaxRetries),
        health.AutoRecovery,
        TimeSpan.FromSeconds(health.CheckInterval),
        StrikesAllowed: 3,
        StartPatience: start + StepPatience.Reading(modelBytes),
        StopPatience: stop,
        Steps: (steps ?? StepPatience.Within(start)).For(modelBytes));

    /// <summary>Between two looks at one that works, and shows nothing of it.</summary>
    public TimeSpan Watchful => CheckInterval < WatchfulLook ? CheckInterval : WatchfulLook;

    public TimeSpan Worried => CheckInterval < WorriedLook ? CheckInterval : WorriedLook;
}
