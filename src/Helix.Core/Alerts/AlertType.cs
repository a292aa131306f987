using System.Text.Json.Serialization;

namespace Helix.Core.Alerts;

/// <summary>What an alert is about. The wire names are part of the stable contract of <c>--format json</c>.</summary>
internal enum AlertType
{
    [JsonStringEnumMemberName("health")] Health,
    [JsonStringEnumMemberName("performance")] Performance,
    [JsonStringEnumMemberName("security")] Security,
    [JsonStringEnumMemberName("resource")] Resource,
    [JsonStringEnumMemberName("update")] Update,
}
