using System.Text.Json.Serialization;

namespace Helix.Core.Alerts;

/// <summary>How alerts are kept.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AlertBook))]
[JsonSerializable(typeof(Alert))]
[JsonSerializable(typeof(AlertMessage))]
[JsonSerializable(typeof(ChannelSetup))]
internal sealed partial class AlertJson : JsonSerializerContext;
