using Helix.Core.Alerts;

namespace Helix.Alerts;

/// <summary>How it goes with one channel. Only its lane changes it; others read a copy.</summary>
/// <param name="Failures">In a row.</param>
/// <param name="FailsSince">Null while it works.</param>
/// <param name="NextTry">Not before; null: at once.</param>
/// <param name="Trouble">What it said the last time it failed; null while it works.</param>
/// <param name="IsDown">Somebody was told that it does not work.</param>
internal sealed record ChannelLane(int Failures, DateTimeOffset? FailsSince, DateTimeOffset? NextTry, string? Trouble, bool IsDown)
{
    public static ChannelLane Well { get; } = new(0, null, null, null, false);

    /// <param name="after">That the channel asked for; null: as usual.</param>
    public ChannelLane Failed(string reason, TimeSpan? after, DateTimeOffset now, double draw)
    {
        var (failures, since) = (Failures + 1, FailsSince is { } known && known <= now ? known : now);
        var usual = DeliveryPolicy.Delay(failures, draw);
        var pause = after is { } asked && asked > usual ? asked : usual;
        return new(failures, since, now + (pause < DeliveryPolicy.Longest ? pause : DeliveryPolicy.Longest), reason, IsDown || now - since >= DeliveryPolicy.Down);
    }

    /// <summary>For how long nothing is tried. No pause is so long that a moment which lies further ahead was not written by a clock that was set back since.</summary>
    public TimeSpan Wait(DateTimeOffset now) => NextTry is { } next && next > now && next - now <= DeliveryPolicy.Longest ? next - now : TimeSpan.Zero;
}
