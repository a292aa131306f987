using System.Text.Json.Serialization;
using Helix.Core.Fleet;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/status</c>, also <c>helix status --format json</c>.</summary>
/// <param name="Address">Base address of the gateway, for example <c>http://127.0.0.1:4359</c>.</param>
/// <param name="Pid">Of the daemon.</param>
/// <param name="Notes">Sentences a user should see now (a model on its way, a hub that cannot be reached …).</param>
internal sealed record StatusReport(
    string Version, string Address, int Pid, DateTimeOffset Started, IReadOnlyList<ProviderReport> Providers, IReadOnlyList<ServedModelReport> Models, IReadOnlyList<string> Notes);

/// <summary>One provider; these names are documented and kept stable.</summary>
/// <param name="Category">The group in which it is listed; empty where an older daemon answers.</param>
/// <param name="Description">What it is good for, in a few words; empty where an older daemon answers.</param>
internal sealed record ProviderReport(
    string Id, string Name, ProviderState State, string Reason, int? Pid, string? Model, string? Release, DateTimeOffset Since, string Category = "", string Description = "");

/// <summary>A model a client may name; <paramref name="State"/> is ready, asleep, coming, failed, or off where the user wants it so.</summary>
internal sealed record ServedModelReport(string Id, string State, string? Detail, IReadOnlyList<string> Abilities, int ContextTokens, bool SelfTest);

/// <summary>Answer of <c>GET /helix/v1/providers</c>.</summary>
internal sealed record ProviderList(IReadOnlyList<ProviderReport> Providers);

/// <summary>Answer of <c>GET /helix/v1/health</c>: each finding with its remedy.</summary>
internal sealed record HealthReport(bool Healthy, IReadOnlyList<HealthFinding> Findings);

/// <param name="Level">ok, warning or error.</param>
internal sealed record HealthFinding(string Subject, string Level, string What, string? Remedy);

/// <summary>Answer of <c>GET /helix/v1/models</c>: the library on disk.</summary>
/// <param name="Problems">What lies in the folder and cannot be used.</param>
internal sealed record ModelList(IReadOnlyList<ModelReport> Models, IReadOnlyList<ModelProblemReport>? Problems = null);

internal sealed record ModelProblemReport(string File, string Reason, string Remedy);

/// <param name="Source">Where it came from: a path, a URL or <c>hf:owner/repo/file</c>; <c>dropped</c> for a file found in the folder.</param>
internal sealed record ModelReport(
    string Id, string Path, long Bytes, string? Sha256, string Architecture, string? Quantization, long Parameters, int ContextTokens, string? Template, IReadOnlyList<string> Abilities, string Source, DateTimeOffset Added);

/// <summary>Body of <c>POST /helix/v1/models/add</c>: a file on the daemon's machine.</summary>
internal sealed record AddModelRequest(string Path, string? Name = null, bool Move = false);

/// <summary>Body of <c>POST /helix/v1/models/pull</c>; the answer is a stream of <see cref="PullEvent"/>, one JSON object a line.</summary>
internal sealed record PullModelRequest(string Source, string? Name = null);

/// <param name="Phase">resolving, downloading, verifying, done or failed.</param>
/// <param name="BytesPerSecond">Of the last few seconds.</param>
internal sealed record PullEvent(string Phase, string? Detail, long DoneBytes, long? TotalBytes, double? BytesPerSecond, ModelReport? Model, ApiError? Error);

/// <summary>Answer of <c>GET /helix/v1/keys</c>.</summary>
internal sealed record KeyList(IReadOnlyList<KeyReport> Keys);

/// <param name="Prefix">The first characters of the key, enough to tell keys apart and useless to guess them.</param>
internal sealed record KeyReport(string Name, string Prefix, IReadOnlyList<string> Scopes, DateTimeOffset Created, DateTimeOffset? LastUsed);

/// <summary>Body of <c>POST /helix/v1/keys</c>.</summary>
internal sealed record CreateKeyRequest(string Name, IReadOnlyList<string> Scopes);

/// <summary>Answer to <see cref="CreateKeyRequest"/>: the only time the key itself is shown.</summary>
internal sealed record CreatedKey(string Key, KeyReport Report);

/// <summary>Answer of <c>POST /helix/v1/config/reload</c>; with errors the daemon goes on with what it had.</summary>
internal sealed record ReloadReport(bool Taken, IReadOnlyList<string> Errors, IReadOnlyList<string> Notes);

/// <summary>Answer to a wish (start, stop, restart …) that was taken.</summary>
internal sealed record Done(string Message);

/// <summary>Every refusal of helix's own API, as <c>{"error": …}</c>.</summary>
internal sealed record ApiErrorBody(ApiError Error);

/// <param name="Code">Stable, for programs: <c>not_found</c>, <c>invalid</c>, <c>conflict</c>, <c>no_space</c>, <c>offline</c>, <c>internal</c> …</param>
/// <param name="Message">What happened and why.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record ApiError(string Code, string Message, string? Remedy = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(ProviderList))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelReport))]
[JsonSerializable(typeof(AddModelRequest))]
[JsonSerializable(typeof(PullModelRequest))]
[JsonSerializable(typeof(PullEvent))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(CreateKeyRequest))]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(ReloadReport))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(ApiErrorBody))]
internal sealed partial class ApiJson : JsonSerializerContext;
