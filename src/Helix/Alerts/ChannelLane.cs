using Helix.Core.Alerts;

namespace Helix.Alerts;

/// <summary>How it goes with one channel. Only its lane changes it; others read a copy.</summary>
/// <param name="Failures">In a row.</param>
/// <param name="FailsSince">Null while it works.</param>
/// <param name="NextTry">Not before; null: at once.</param>
/// <param name="Trouble">What it said the last time it failed, or refused a message for good; null while it works.</param>
/// <param name="IsDown">Somebody was told that it does not work.</param>
internal sealed record ChannelLane(int Failures, DateTimeOffset? FailsSince, DateTimeOffset? NextTry, string? Trouble, bool IsDown)
{
    public static ChannelLane Well { get; } = new(0, null, null, null, false);

    /// <summary>The last that it said was no, for good, and somebody was told. The next message is tried all the same.</summary>
    public bool IsRefused { get; init; }

    /// <param name="after">That the channel asked for; null: as usual.</param>
    public ChannelLane Failed(string reason, TimeSpan? after, DateTimeOffset now, double draw)
    {
        var (failures, since) = (Failures + 1, Since(now));
        var usual = DeliveryPolicy.Delay(failures, draw);
        var pause = after is { } asked && asked > usual ? asked : usual;
        return new(failures, since, now + (pause < DeliveryPolicy.Longest ? pause : DeliveryPolicy.Longest), reason, IsDown || now - since >= DeliveryPolicy.Down);
    }

    /// <summary>It said no for good to a message, and nobody knows that it would say yes to another.</summary>
    public ChannelLane Refused(string reason, DateTimeOffset now) => new(0, Since(now), null, reason, true) { IsRefused = true };

    /// <summary>It was set up anew: it is tried at once, and when it says no to that, too, that is news.</summary>
    public ChannelLane Renewed() => this with { NextTry = null, IsRefused = false };

    /// <summary>For how long nothing is tried. No pause is so long that a moment which lies further ahead was not written by a clock that was set back since.</summary>
    public TimeSpan Wait(DateTimeOffset now) => NextTry is { } next && next > now && next - now <= DeliveryPolicy.Longest ? next - now : TimeSpan.Zero;

    private DateTimeOffset Since(DateTimeOffset now) => FailsSince is { } known && known <= now ? known : now;
}
