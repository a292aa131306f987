using System.Text.Json.Serialization;
using Helix.Core.Fleet;
using Helix.Core.Manifests;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/status</c>, also <c>helix status --format json</c>.</summary>
/// <param name="Address">Base address of the gateway, for example <c>http://127.0.0.1:4359</c>.</param>
/// <param name="Pid">Of the daemon.</param>
/// <param name="Notes">Sentences a user should see now (a model on its way, a hub that cannot be reached …).</param>
internal sealed record StatusReport(
    string Version, string Address, int Pid, DateTimeOffset Started, IReadOnlyList<ProviderReport> Providers, IReadOnlyList<ServedModelReport> Models, IReadOnlyList<string> Notes, MemoryReport? Memory = null)
{
    /// <summary>What engines are shut in with: bubblewrap, unshare, landlock or none; null where an older daemon answers.</summary>
    public string? Sandbox { get; init; }

    /// <summary>The release of helix itself that runs; null where a program outside of the home does, as the launcher of a clone builds it.</summary>
    public string? Release { get; init; }

    /// <summary>Names that the configuration gives to models; null where an older daemon answers.</summary>
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>What came of looking for answers in memory since the daemon began; null where an older one answers.</summary>
    public CacheReport? Cache { get; init; }
}

/// <summary>Answers from memory since the daemon began.</summary>
/// <param name="Lookups">Requests for which memory was looked through.</param>
/// <param name="Exact">Of those, the ones that got what was answered, or was being answered, to the same.</param>
/// <param name="Semantic">Those that got what was answered to other words which mean the same.</param>
/// <param name="SavedPromptTokens">That no engine had to read for it.</param>
/// <param name="SavedAnswerTokens">That no engine had to write for it.</param>
internal sealed record CacheReport(long Lookups, long Exact, long Semantic, long SavedPromptTokens, long SavedAnswerTokens);

/// <summary>The machine's memory, in bytes, as engines take it.</summary>
/// <param name="Budget">That they may use together.</param>
/// <param name="Reserved">By the plan, for those that run.</param>
/// <param name="Measured">That they were seen to take, of those that were looked at already.</param>
internal sealed record MemoryReport(long Budget, long Reserved, long Measured, IReadOnlyList<InstanceMemoryReport> Instances);

/// <param name="Measured">Null where nobody looked yet.</param>
internal sealed record InstanceMemoryReport(string Name, string Provider, string Model, int? Pid, long Reserved, long? Measured);

/// <summary>One provider; these names are documented and kept stable.</summary>
/// <param name="Category">The group in which it is listed; empty where an older daemon answers.</param>
/// <param name="Description">What it is good for, in a few words; empty where an older daemon answers.</param>
/// <param name="Verified">Whether helix's tests drove the real engine or a stand-in; empty where neither, or an older daemon answers.</param>
internal sealed record ProviderReport(
    string Id, string Name, ProviderState State, string Reason, int? Pid, string? Model, string? Release, DateTimeOffset Since, string Category = "", string Description = "", string Verified = "")
{
    /// <summary>What may be changed of it, and how far; null where no manifest says.</summary>
    public IReadOnlyList<Tunable>? Tunes { get; init; }

    /// <summary>What it may touch beside its release, its model and its data; null where no manifest says.</summary>
    public Touches? Touches { get; init; }
}

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

/// <param name="Path">Of its file, or of its folder.</param>
/// <param name="Source">Where it came from: a path, a URL or <c>hf:owner/repo/file</c>; <c>dropped</c> for what was found in the models folder.</param>
/// <param name="Format">gguf, safetensors, exl3 or mlx.</param>
internal sealed record ModelReport(
    string Id, string Path, long Bytes, string? Sha256, string Architecture, string? Quantization, long Parameters, int ContextTokens, string? Template, IReadOnlyList<string> Abilities, string Source, DateTimeOffset Added, string Format = "gguf");

/// <summary>Answer of <c>GET /helix/v1/models/catalog</c>: models that can be pulled by their name.</summary>
internal sealed record CatalogList(IReadOnlyList<CatalogModel> Models);

/// <param name="Role">chat or embedding.</param>
/// <param name="Billions">Parameters, in billions.</param>
/// <param name="NeedBytes">Of memory, with one conversation of 8192 tokens.</param>
/// <param name="InLibrary">The library has one of this name.</param>
/// <param name="Fits">Into the memory that models may use here; GPUs are not counted.</param>
/// <param name="Why">In words.</param>
internal sealed record CatalogModel(
    string Id, string Role, string License, long Bytes, double Billions, int Context, long NeedBytes, bool InLibrary, bool Fits, string Why, IReadOnlyList<string> Formats);

/// <summary>Body of <c>POST /helix/v1/models/add</c>: a file or a folder on the daemon's machine.</summary>
internal sealed record AddModelRequest(string Path, string? Name = null, bool Move = false);

/// <summary>Body of <c>POST /helix/v1/models/pull</c>; the answer is a stream of <see cref="PullEvent"/>, one JSON object a line.</summary>
/// <param name="Weights">gguf, safetensors, mlx or exl3, of a name of the catalogue.</param>
internal sealed record PullModelRequest(string Source, string? Name = null, string? Weights = null);

/// <summary>Answer of <c>POST /helix/v1/models/find</c>: models that other programs have on the daemon's machine.</summary>
internal sealed record FoundModelList(IReadOnlyList<FoundModelReport> Models, IReadOnlyList<LeftOutReport> LeftOut);

/// <param name="Name">The program, a colon, and the program's own name of it.</param>
/// <param name="LibraryId">The library's own of the same weights; null if it has none.</param>
internal sealed record FoundModelReport(string Name, string Program, string Format, long Bytes, string Path, string? LibraryId);

/// <summary>What looks like a model and cannot be taken.</summary>
internal sealed record LeftOutReport(string Name, string Path, string Reason);

/// <summary>Body of <c>POST /helix/v1/models/import</c>: a name that <see cref="FoundModelList"/> has, or its part after the program where that is clear.</summary>
internal sealed record ImportModelRequest(string Name);

/// <param name="Phase">resolving, downloading, verifying, done or failed.</param>
/// <param name="BytesPerSecond">Of the last few seconds.</param>
internal sealed record PullEvent(string Phase, string? Detail, long DoneBytes, long? TotalBytes, double? BytesPerSecond, ModelReport? Model, ApiError? Error);

/// <summary>Answer of <c>GET /helix/v1/keys</c>.</summary>
internal sealed record KeyList(IReadOnlyList<KeyReport> Keys);

/// <param name="Prefix">The first characters of the key, enough to tell keys apart and useless to guess them.</param>
/// <param name="Private">Nothing that comes with it is asked of a cloud.</param>
/// <param name="SemanticCache">What comes with it may be answered with what was answered to other words that mean the same.</param>
internal sealed record KeyReport(
    string Name, string Prefix, IReadOnlyList<string> Scopes, DateTimeOffset Created, DateTimeOffset? LastUsed, bool Private = false, bool SemanticCache = false);

/// <summary>Body of <c>POST /helix/v1/keys</c>.</summary>
internal sealed record CreateKeyRequest(string Name, IReadOnlyList<string> Scopes, bool Private = false, bool SemanticCache = false);

/// <summary>Answer to <see cref="CreateKeyRequest"/>: the only time the key itself is shown.</summary>
internal sealed record CreatedKey(string Key, KeyReport Report);

/// <summary>Answer of <c>POST /helix/v1/config/reload</c>; with errors the daemon goes on with what it had.</summary>
internal sealed record ReloadReport(bool Taken, IReadOnlyList<string> Errors, IReadOnlyList<string> Notes);

/// <summary>Body of <c>POST /helix/v1/providers/{id}/install</c>.</summary>
/// <param name="Version">Kept from now on; null for the one that the manifest names.</param>
internal sealed record InstallRequest(string? Version = null);

/// <summary>Answer of <c>GET /helix/v1/providers/{id}/versions</c>: the releases on disk, the newest first.</summary>
/// <param name="Pinned">The version that was asked for by name and is kept; null where the manifest's is used.</param>
internal sealed record VersionList(string Provider, string? Current, string? Previous, string? Pinned, IReadOnlyList<VersionReport> Versions);

/// <param name="Use">current, previous or kept.</param>
/// <param name="Tested">What was tried before it was used.</param>
internal sealed record VersionReport(string Version, string Use, DateTimeOffset Installed, long Bytes, string Tested, IReadOnlyList<DigestReport> Digests);

/// <param name="VouchedBy">Who says what the digest has to be.</param>
internal sealed record DigestReport(string What, string Algorithm, string Value, string VouchedBy);

/// <summary>Answer of <c>POST /helix/v1/updates/check</c>.</summary>
internal sealed record UpdateCheckList(IReadOnlyList<UpdateCheckReport> Providers);

/// <param name="Installed">Null for none.</param>
/// <param name="Known">The version that helix knows to be good; null where it cannot run here.</param>
/// <param name="Newest">Upstream; null where that is not known.</param>
/// <param name="Asked">When that was learned.</param>
/// <param name="Problem">Why it was not asked now, or did not answer.</param>
internal sealed record UpdateCheckReport(string Provider, string? Installed, string? Known, string? Newest, DateTimeOffset? Asked, string Advice, string? Problem);

/// <summary>Body of <c>POST /helix/v1/bundle/create</c> and <c>apply</c>.</summary>
/// <param name="File">Whole path.</param>
internal sealed record BundleRequest(string File, IReadOnlyList<string>? Providers = null, IReadOnlyList<string>? Models = null);

/// <param name="Bytes">Of the bundle.</param>
internal sealed record BundleReport(long Bytes, IReadOnlyList<BundleItemReport> Items);

/// <param name="Placed">It is where it should be now, or was already.</param>
internal sealed record BundleItemReport(string What, string Outcome, bool Placed);

/// <summary>Answer of <c>POST /helix/v1/cleanup</c>.</summary>
/// <param name="DryRun">Nothing was changed.</param>
/// <param name="Bytes">Freed, or to be freed, all together.</param>
internal sealed record CleanupReport(bool DryRun, long Bytes, IReadOnlyList<CleanupItemReport> Items);

/// <param name="Kind">release, staging, download, part, build, checkout, packagecache, log, temporary or weights.</param>
/// <param name="Problem">Why it is still there; null where it is gone, or would go.</param>
internal sealed record CleanupItemReport(string Kind, string What, string Path, long Bytes, string? Problem);

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
[JsonSerializable(typeof(CatalogList))]
[JsonSerializable(typeof(AddModelRequest))]
[JsonSerializable(typeof(PullModelRequest))]
[JsonSerializable(typeof(FoundModelList))]
[JsonSerializable(typeof(ImportModelRequest))]
[JsonSerializable(typeof(PullEvent))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(CreateKeyRequest))]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(ReloadReport))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(ApiErrorBody))]
[JsonSerializable(typeof(InstallRequest))]
[JsonSerializable(typeof(VersionList))]
[JsonSerializable(typeof(CleanupReport))]
[JsonSerializable(typeof(BundleRequest))]
[JsonSerializable(typeof(BundleReport))]
[JsonSerializable(typeof(UpdateCheckList))]
[JsonSerializable(typeof(string))]
internal sealed partial class ApiJson : JsonSerializerContext;
