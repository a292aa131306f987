using Helix.Core.Alerts;

namespace Helix.Alerts;

/// <summary>What comes of messages that nobody could be asked to take.</summary>
internal static class ChannelDelivery
{
    public static Delivery Of(Posted posted) => posted is Posted.Silent(var reason) ? new Delivery.Later(reason) : throw new InvalidOperationException("there was an answer");

    /// <summary>After a restore on another machine, or by another hand: it waits for whoever sets it up.</summary>
    public static Delivery Unreadable(string channel) => new Delivery.Later($"what {channel} was set up with cannot be read on this machine; {ChannelAnswers.Anew(channel)}");
}
