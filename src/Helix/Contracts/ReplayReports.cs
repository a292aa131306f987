using System.Text.Json.Serialization;
using Helix.Core.Fleet;

namespace Helix.Contracts;

/// <summary>What <c>helix history replay --format json</c> prints.</summary>
/// <param name="Same">What comes out now is what came out then.</param>
internal sealed record ReplayReport(long Id, bool Same, string Instance, LifeDecision Then, LifeDecision Now);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReplayReport))]
internal sealed partial class ReplayJson : JsonSerializerContext;
