using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/backups</c>, also <c>helix backup list --format json</c>: the newest first.</summary>
internal sealed record BackupList(string Folder, IReadOnlyList<BackupListed> Backups);

internal sealed record BackupListed(string Path, DateTimeOffset At, long Bytes, bool Encrypted);

/// <summary>Body of <c>POST /helix/v1/backups</c>: whole paths on the daemon's machine; null for what the configuration says.</summary>
internal sealed record BackupRequest(string? To = null, string? KeyFile = null, string? PassphraseFile = null);

/// <summary>Answer to <see cref="BackupRequest"/>, also <c>helix backup create|verify --format json</c>.</summary>
/// <param name="Helix">Version that made it.</param>
/// <param name="Notes">What did not go as it should beside the backup itself.</param>
internal sealed record BackupReport(
    string Path, long Bytes, DateTimeOffset At, string Reason, string Helix, string Host, bool Encrypted, IReadOnlyList<BackupFileReport> Files, IReadOnlyList<string> Notes);

/// <param name="Path">Below <c>local-llm</c>.</param>
internal sealed record BackupFileReport(string Path, long Bytes, string Sha256);

/// <summary><c>helix backup restore --format json</c>.</summary>
/// <param name="DryRun">Nothing was changed.</param>
/// <param name="Before">A backup of what was there before; null where nothing was.</param>
/// <param name="Install">Providers that the next start installs again.</param>
/// <param name="Fetch">Models whose weights the next start fetches again.</param>
internal sealed record RestoreReport(
    string Path, bool DryRun, DateTimeOffset At, string Helix, string Host, string? Before, IReadOnlyList<RestoreChangeReport> Files, IReadOnlyList<string> Install, IReadOnlyList<string> Fetch);

/// <param name="Change">new, replaced or same.</param>
internal sealed record RestoreChangeReport(string Path, string Change);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupList))]
[JsonSerializable(typeof(BackupRequest))]
[JsonSerializable(typeof(BackupReport))]
[JsonSerializable(typeof(RestoreReport))]
internal sealed partial class BackupApiJson : JsonSerializerContext;
