using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Body of <c>POST /helix/v1/updates/helix</c>.</summary>
/// <param name="From">Whole path of a folder or an archive on the daemon's machine, or the address of an archive; null for the newest commit of the branch that helix was built from.</param>
/// <param name="Check">Nothing is changed.</param>
internal sealed record SelfUpdateRequest(string? From = null, bool Check = false);

/// <summary>Answer to it, also <c>helix update --check --format json</c>.</summary>
/// <param name="Pid">Of the daemon that answers.</param>
/// <param name="Version">Of the same.</param>
/// <param name="Release">That it is; null where it is a program outside of the home.</param>
/// <param name="Outcome">stays, waits, due or switching.</param>
/// <param name="To">The release that takes over; only with switching.</param>
internal sealed record SelfUpdateReport(int Pid, string Version, string? Release, string Outcome, string Words, string? To);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SelfUpdateRequest))]
[JsonSerializable(typeof(SelfUpdateReport))]
internal sealed partial class SelfUpdateApiJson : JsonSerializerContext;
