using Helix.Clouds;
using Helix.Core.Clouds;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>What is said when a cloud does not answer.</summary>
internal static class CloudErrors
{
    /// <param name="why">A sentence without its full stop.</param>
    public static GatewayError Unreachable(CloudTarget cloud, string why) => new(
        502, "cloud_unreachable", $"{cloud.Id} could not be asked: {why}. {CloudTrouble.Remedy}");

    public static GatewayError Silent(CloudTarget cloud) => new(
        504, "cloud_silent", $"{cloud.Id} has not begun to answer in time; it may charge the request all the same, so helix does not send it again by itself. Send it once more if you want that, as a stream if the answer is long.");

    public static GatewayError BrokeOff(CloudTarget cloud) => new(
        502, "cloud_broke_off", $"{cloud.Id} broke the connection off before it answered; it may charge the request all the same, so helix does not send it again by itself. Send it once more if you want that.");
}
