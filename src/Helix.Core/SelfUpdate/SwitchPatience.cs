namespace Helix.Core.SelfUpdate;

/// <summary>How long a new release may take until it answers.</summary>
internal static class SwitchPatience
{
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private const int Times = 3;

    /// <param name="took">What the one that runs took to start: where that was long, the next one gets more than the usual time.</param>
    public static TimeSpan Of(TimeSpan took) => Times * took is var much && much > Longest ? Longest : much > Usual ? much : Usual;
}
