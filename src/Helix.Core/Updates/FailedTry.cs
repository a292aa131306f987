namespace Helix.Core.Updates;

/// <summary>A version that an update could not bring into use, and that may still be good: it is tried again after one day, two, four, and then each week.</summary>
/// <param name="Times">How often, one after the other.</param>
/// <param name="At">The last time.</param>
internal sealed record FailedTry(string Version, int Times, DateTimeOffset At)
{
    private static readonly int[] s_days = [1, 2, 4, 7];

    public static FailedTry After(FailedTry? before, string version, DateTimeOffset now) => new(version, before?.Version == version ? before.Times + 1 : 1, now);

    /// <summary>When it is tried again.</summary>
    public DateTimeOffset Next() => At.AddDays(s_days[Math.Clamp(Times, 1, s_days.Length) - 1]);
}
