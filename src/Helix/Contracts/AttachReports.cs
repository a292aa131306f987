using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/attached</c>: engines that somebody else runs.</summary>
internal sealed record AttachedList(IReadOnlyList<AttachedReport> Engines);

/// <param name="State">answers, locked or gone.</param>
/// <param name="FoundBy">helix or you.</param>
/// <param name="HasKey">The key itself is never told.</param>
internal sealed record AttachedReport(string Id, string Name, string Url, string State, string? Release, string FoundBy, bool HasKey, IReadOnlyList<string> Models, DateTimeOffset Since);

/// <summary>Body of <c>POST /helix/v1/attached</c>.</summary>
/// <param name="Remote">Requests may leave this machine.</param>
internal sealed record AttachRequest(string Url, string? Key = null, string? Name = null, bool Remote = false);

/// <summary>Body of <c>POST /helix/v1/providers/{id}/open</c>.</summary>
/// <param name="Model">To be served meanwhile; null for any.</param>
/// <param name="Seconds">After which it is closed, used or not; null: when it was not used for a while.</param>
internal sealed record OpenRequest(string? Model = null, int? Seconds = null);

/// <summary>Answer to <see cref="OpenRequest"/>.</summary>
/// <param name="Url">Works once, in one browser.</param>
/// <param name="Closes">When, in words.</param>
internal sealed record OpenedReport(string Url, string Provider, string Model, string Closes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AttachedList))]
[JsonSerializable(typeof(AttachRequest))]
[JsonSerializable(typeof(OpenRequest))]
[JsonSerializable(typeof(OpenedReport))]
internal sealed partial class AttachJson : JsonSerializerContext;
