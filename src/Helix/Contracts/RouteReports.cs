using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Answer of <c>POST /helix/v1/route/explain</c>: where a request would go at this moment, and why.</summary>
/// <param name="Asked">The model that the request names; null where it names none.</param>
/// <param name="Model">That it would be answered by; null where it would be refused.</param>
/// <param name="Outcome"><c>send</c>, <c>wait</c> or <c>refuse</c>.</param>
/// <param name="Why">In words.</param>
/// <param name="Candidates">Empty unless it would be sent.</param>
internal sealed record RouteReport(string? Asked, string? Model, string Outcome, string Why, IReadOnlyList<RouteCandidate> Candidates);

/// <summary>A backend that serves the model.</summary>
/// <param name="InFlight">Requests that it answers now.</param>
/// <param name="ContextTokens">0 where nobody knows.</param>
/// <param name="Failures">In a row, the last ones.</param>
/// <param name="OpensIn">Seconds until it is tried again after failures; null where it is not left alone.</param>
/// <param name="FirstTokenMs">That it would take, waiting included; null where nothing is known of its speed.</param>
/// <param name="AnswerMs">From there to the end.</param>
/// <param name="GuessError">What such guesses were off by of late: 0.1 is a tenth.</param>
/// <param name="KeptTokens">Of the prompt, that it is likely to have kept and that count for it.</param>
/// <param name="PassedOver">Why it is not taken, in words; null where it could be.</param>
internal sealed record RouteCandidate(string Instance, string Provider, int InFlight, int ContextTokens, int Failures, double? OpensIn, double? FirstTokenMs, double? AnswerMs, double? GuessError, int KeptTokens, string? PassedOver, bool Chosen);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RouteReport))]
internal sealed partial class RouteJson : JsonSerializerContext;
