using System.Text.Json.Serialization;
using Helix.Core.Tuning;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/tuning</c>.</summary>
/// <param name="Enabled">performance.auto_optimize.</param>
/// <param name="Predicts">performance.predict_scaling.</param>
internal sealed record TuningReport(bool Enabled, bool Predicts, IReadOnlyList<TunedEngine> Engines, IReadOnlyList<TriedReport> Tried, IReadOnlyList<ForecastReport> Forecasts);

/// <summary>An engine that serves, how it runs, and what would be tried next.</summary>
/// <param name="Threads">Null where it computes on a GPU.</param>
/// <param name="Tuned">What was changed because it was measured to be better, by knob.</param>
/// <param name="Next">In words; also why nothing would be tried.</param>
internal sealed record TunedEngine(string Provider, string Model, string Release, int ContextPerSlot, int Slots, int? Threads, IReadOnlyDictionary<string, string> Tuned, KnobChange? Change, string Next);

/// <summary>A change that was tried, the oldest first.</summary>
internal sealed record TriedReport(DateTimeOffset At, string Provider, string Model, string Release, string Knob, string From, string To, bool Kept, string Why, string Words);

/// <param name="Error">From 0 to 1; null where too little was seen.</param>
/// <param name="LikelyHours">In the next 24 hours, in UTC.</param>
internal sealed record ForecastReport(string Model, int Weeks, double? Error, bool Followed, string Words, IReadOnlyList<DateTimeOffset> LikelyHours);

/// <summary>Body of <c>POST /helix/v1/diagnose</c>; the answer is a stream of <see cref="DiagnosisEvent"/>, one JSON object a line.</summary>
/// <param name="Provider">Only this one.</param>
/// <param name="Model">Only with this one.</param>
/// <param name="Load">Find out how many requests at once it bears.</param>
/// <param name="Compare">Also with providers that could serve the model and do not.</param>
internal sealed record DiagnoseRequest(string? Provider = null, string? Model = null, bool Load = false, bool Compare = false);

/// <param name="Result">Of the last event; null in those before it.</param>
internal sealed record DiagnosisEvent(string Step, int Done, int Total, DiagnosisReport? Result = null, ApiError? Error = null);

internal sealed record DiagnosisReport(IReadOnlyList<MeasuredEngine> Engines);

/// <summary>What was measured of an engine with a model.</summary>
/// <param name="Beside">It was started for this, beside what serves.</param>
/// <param name="FirstTokenMs">Of a short question, alone.</param>
/// <param name="TokensPerSecond">Of one answer, alone.</param>
/// <param name="PrefillTokensPerSecond">How fast it reads a long prompt, alone.</param>
/// <param name="Knee">Requests at once, up to which the first token of the slowest takes less than twice as long as alone; null where it was not looked for.</param>
/// <param name="Note">What was done with the knee.</param>
/// <param name="Problem">Why it could not be measured.</param>
internal sealed record MeasuredEngine(
    string Provider, string Model, bool Beside, double? FirstTokenMs, double? TokensPerSecond, double? PrefillTokensPerSecond, IReadOnlyList<MeasuredLoad> Load, int? Knee, string? Note, string? Problem);

internal sealed record MeasuredLoad(int Concurrency, double FirstTokenP50Ms, double FirstTokenP95Ms, double TokensPerSecond, int Requests, int Failed);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TuningReport))]
[JsonSerializable(typeof(DiagnoseRequest))]
[JsonSerializable(typeof(DiagnosisEvent))]
[JsonSerializable(typeof(DiagnosisReport))]
internal sealed partial class TuningJson : JsonSerializerContext;
