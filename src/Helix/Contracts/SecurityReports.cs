using System.Text.Json.Serialization;
using Helix.Core.History;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/security</c> and of <c>POST /helix/v1/security/run</c>.</summary>
/// <param name="Watching">helix looks by itself.</param>
/// <param name="Looked">When it looked last; null before the first look.</param>
/// <param name="Compared">When the files of releases were compared last, since the daemon began.</param>
/// <param name="Next">When it looks next; null where it does not by itself.</param>
/// <param name="Engines">Names of the engines that were looked at then, from outside; those that were not serving were not.</param>
/// <param name="ListNumber">Of the list of known vulnerabilities that is used.</param>
/// <param name="ListDate">When that was written.</param>
internal sealed record SecurityReport(
    bool Watching, DateTimeOffset? Looked, DateTimeOffset? Compared, DateTimeOffset? Next, IReadOnlyList<string> Engines, int ListNumber, DateOnly ListDate, IReadOnlyList<SecurityFindingReport> Findings);

/// <param name="Name">A stable word.</param>
/// <param name="Subject">What in particular.</param>
/// <param name="Provider">Null where it is of the whole.</param>
/// <param name="Command">The command line that does it; null where no single one does.</param>
/// <param name="Done">What helix did about it; null where it did nothing.</param>
internal sealed record SecurityFindingReport(string Name, Severity Severity, string Subject, string? Provider, string What, string Why, string Remedy, string? Command, string? Done);

/// <summary><c>helix doctor --harden --format json</c>.</summary>
/// <param name="Safe">Nothing was found that is an error, or worse.</param>
/// <param name="Looked">When a running helix looked last; null where none runs, or has not looked yet.</param>
internal sealed record HardenReport(bool Safe, DateTimeOffset? Looked, IReadOnlyList<SecurityFindingReport> Proposals);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SecurityReport))]
[JsonSerializable(typeof(HardenReport))]
internal sealed partial class SecurityJson : JsonSerializerContext;
