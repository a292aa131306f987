using System.Text.Json.Serialization;

namespace Helix.Core.Fleet;

/// <summary>Where a provider stands in its life, as users see it. The wire names are part of the stable contract of <c>--format json</c>.</summary>
internal enum ProviderState
{
    [JsonStringEnumMemberName("unsupported")] Unsupported,
    [JsonStringEnumMemberName("attached")] Attached,
    [JsonStringEnumMemberName("available")] Available,
    [JsonStringEnumMemberName("installing")] Installing,
    [JsonStringEnumMemberName("standby")] Standby,
    [JsonStringEnumMemberName("starting")] Starting,
    [JsonStringEnumMemberName("ready")] Ready,
    [JsonStringEnumMemberName("degraded")] Degraded,
    [JsonStringEnumMemberName("recovering")] Recovering,
    [JsonStringEnumMemberName("critical")] Critical,
}
