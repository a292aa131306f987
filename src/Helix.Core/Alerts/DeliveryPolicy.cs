namespace Helix.Core.Alerts;

/// <summary>When a channel that did not take a message is tried again.</summary>
internal static class DeliveryPolicy
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(2);

    /// <summary>No channel may ask for more.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromHours(1);

    /// <summary>Nobody wants to hear after so long; the list has it still.</summary>
    public static TimeSpan GivenUp { get; } = TimeSpan.FromDays(7);

    /// <summary>A message that somebody began to send and did not end is free again: he died.</summary>
    public static TimeSpan Claimed { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Less than <see cref="Claimed"/>: who is cut off has not sent it afterwards.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Failing for so long, a channel is told of on the others.</summary>
    public static TimeSpan Down { get; } = TimeSpan.FromMinutes(5);

    /// <param name="failures">In a row, at least 1.</param>
    /// <param name="draw">From 0 to 1: many daemons that were cut off together do not come back together.</param>
    public static TimeSpan Delay(int failures, double draw)
    {
        var grown = s_first * Math.Pow(2, Math.Min(failures, 20) - 1);
        return (grown < s_longest ? grown : s_longest) * (0.75 + draw / 2);
    }
}
