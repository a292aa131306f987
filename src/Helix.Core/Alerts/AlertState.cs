using System.Text.Json.Serialization;

namespace Helix.Core.Alerts;

/// <summary>How far an alert is. The wire names are part of the stable contract of <c>--format json</c>.</summary>
internal enum AlertState
{
    /// <summary>It is so, and has not been for as long as its rule wants.</summary>
    [JsonStringEnumMemberName("pending")] Pending,
    [JsonStringEnumMemberName("firing")] Firing,

    /// <summary>It goes on, and somebody said that he knows.</summary>
    [JsonStringEnumMemberName("acknowledged")] Acknowledged,

    /// <summary>It goes on, and somebody does not want to hear of it. Only shown: what is kept is one of the others.</summary>
    [JsonStringEnumMemberName("silenced")] Silenced,
    [JsonStringEnumMemberName("resolved")] Resolved,
}
