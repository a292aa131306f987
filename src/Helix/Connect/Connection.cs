using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Helix.Connect;

/// <summary>What was set for a tool, so that it can be taken out again.</summary>
/// <param name="Path">The tool's file; null where it has none.</param>
/// <param name="Existed">The file was there before.</param>
/// <param name="Address">Of the gateway.</param>
/// <param name="KeyName">Of the key that was made for the tool.</param>
/// <param name="KeyPrefix">The first characters of the key; the key itself is in the tool's settings only.</param>
/// <param name="Settings">With another text in the key's place.</param>
internal sealed record Connection(
    string Tool, string? Path, bool Existed, string Address, string Model, string KeyName, string KeyPrefix, DateTimeOffset Since, IReadOnlyList<KeptSetting> Settings)
{
    /// <summary>That were made for the tool's file.</summary>
    public IReadOnlyList<string>? Folders { get; init; }
}

/// <param name="Path">The keys on the way to it.</param>
internal sealed record KeptSetting(IReadOnlyList<string> Path, JsonNode Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Connection))]
internal sealed partial class ConnectionJson : JsonSerializerContext;
