namespace Helix.Core.Fleet;

/// <summary>How patient a supervisor is. All waits are of one instance.</summary>
/// <param name="CheckInterval">Between two looks at a healthy instance.</param>
/// <param name="StrikesAllowed">Bad looks in a row before it is restarted; one never is enough.</param>
/// <param name="StartPatience">From start to ready.</param>
/// <param name="StopPatience">From the polite signal to the hard one.</param>
internal sealed record LifecyclePolicy(
    RestartPolicy Restart,
    bool AutoRecovery,
    TimeSpan CheckInterval,
    int StrikesAllowed,
    TimeSpan StartPatience,
    TimeSpan StopPatience)
{
    public static readonly TimeSpan StartingLook = TimeSpan.FromMilliseconds(25);
    public static readonly TimeSpan WorriedLook = TimeSpan.FromSeconds(2);

    /// <param name="modelBytes">Large files take long to read: one minute and one second per 50 MB.</param>
    public static LifecyclePolicy For(Configuration.HealthConfig health, long modelBytes) => new(
        new RestartPolicy(TimeSpan.FromSeconds(health.RetryDelay), TimeSpan.FromMinutes(5), health.MaxRetries),
        health.AutoRecovery,
        TimeSpan.FromSeconds(health.CheckInterval),
        StrikesAllowed: 3,
        StartPatience: TimeSpan.FromSeconds(60 + modelBytes / 50_000_000),
        StopPatience: TimeSpan.FromSeconds(5));

    public TimeSpan Worried => CheckInterval < WorriedLook ? CheckInterval : WorriedLook;
}
