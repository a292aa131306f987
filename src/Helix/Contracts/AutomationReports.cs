using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/automations</c>: what helix does by itself.</summary>
internal sealed record AutomationList(IReadOnlyList<AutomationReport> Automations);

/// <param name="Id">health, optimisation, updates, recovery, security or backup.</param>
/// <param name="Every">How often, in words.</param>
/// <param name="Setting">That switches it on and off.</param>
/// <param name="Last">When it was done last; null for never, or where nobody knows.</param>
/// <param name="Next">When it is done next; null where it waits for something to happen, or is off.</param>
/// <param name="Result">What came of it last, in words.</param>
internal sealed record AutomationReport(string Id, string Does, bool On, string Every, string Setting, DateTimeOffset? Last, DateTimeOffset? Next, string? Result);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AutomationList))]
internal sealed partial class AutomationJson : JsonSerializerContext;
