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
/// <param name="CostUsd">That the request is likely to cost there, in US dollars; null where it is passed over.</param>
/// <param name="CostBy"><c>price</c>: of a cloud's model. <c>dearest</c>: nobody says its price, so it counts as the dearest known. <c>energy</c>: by what an engine draws. <c>unknown</c>: nothing is known of that, and it counts as nothing. Null where it is passed over.</param>
/// <param name="Score">Weighted seconds, what it costs included: the lowest wins. Where nothing is known of its speed, what it counts as. Null where it is passed over.</param>
internal sealed record RouteCandidate(
    string Instance, string Provider, int InFlight, int ContextTokens, int Failures, double? OpensIn, double? FirstTokenMs, double? AnswerMs, double? GuessError, int KeptTokens, string? PassedOver, bool Chosen,
    double? CostUsd, string? CostBy, double? Score);

/// <summary>Answer of <c>GET /helix/v1/route/recent</c>: requests that were sent to engines, the newest first.</summary>
internal sealed record RouteDecisionList(IReadOnlyList<RouteDecisionReport> Decisions);

/// <param name="Request">Its id, as the client was told it.</param>
/// <param name="Asked">The model that it names; null where it names none.</param>
/// <param name="Model">That it was sent to.</param>
/// <param name="Attempt">1 for the first engine that had it.</param>
/// <param name="Why">In words.</param>
/// <param name="Candidates">Empty where there was no choice.</param>
internal sealed record RouteDecisionReport(
    long Id, DateTimeOffset At, string Request, string? Asked, string Model, string Provider, string Instance, int Attempt, string Why, IReadOnlyList<RouteDecisionCandidate> Candidates);

/// <summary>As in <see cref="RouteCandidate"/>, at that moment.</summary>
internal sealed record RouteDecisionCandidate(string Instance, string Provider, int InFlight, double? FirstTokenMs, double? AnswerMs, int KeptTokens, string? PassedOver, bool Chosen, double? CostUsd, string? CostBy);

/// <summary>Answer of <c>GET /helix/v1/route/shadows</c>: how answers compare with those of the shadows in <c>gateway.aliases</c>, since the daemon began.</summary>
internal sealed record ShadowList(IReadOnlyList<ShadowReport> Shadows);

/// <summary>What came of asking a second model what a first one had answered.</summary>
/// <param name="Model">That answered the client.</param>
/// <param name="Shadow">That was asked the same, by its name in the alias.</param>
/// <param name="Requests">All of the following.</param>
/// <param name="Equal">Both said the same.</param>
/// <param name="Differs">They did not.</param>
/// <param name="Uncompared">Both answered what is not compared: no text and no calls of tools, several answers, or too long ones.</param>
/// <param name="Failed">The shadow did not answer to the end.</param>
/// <param name="Missed">It was not asked: too many such requests waited, or this one was too large.</param>
/// <param name="Alike">The share of words that both answers have, from 0 to 1, on average over those that were compared; null where none was.</param>
internal sealed record ShadowReport(string Model, string Shadow, long Requests, long Equal, long Differs, long Uncompared, long Failed, long Missed, double? Alike);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RouteReport))]
[JsonSerializable(typeof(RouteDecisionList))]
[JsonSerializable(typeof(RouteDecisionReport))]
[JsonSerializable(typeof(ShadowList))]
internal sealed partial class RouteJson : JsonSerializerContext;
