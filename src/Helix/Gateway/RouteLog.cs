using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>A request that was sent to an engine, and what spoke for that one. No text of it is kept.</summary>
/// <param name="Asked">The model that the request names; null where it names none.</param>
/// <param name="Attempt">1 for the first engine that it was sent to.</param>
/// <param name="Candidates">Empty where there was no choice.</param>
/// <param name="Weighed">Of each candidate.</param>
internal sealed record RouteDecision(
    long Id, DateTimeOffset At, string RequestId, string? Asked, string Model, Backend Taken, int Attempt, TakenFor For, Candidate[] Candidates, Weighed[] Weighed)
{
    public RouteDecisionReport Report() => new(Id, At, RequestId, Asked, Model, Taken.Provider, Taken.Instance, Attempt, RouteWords.Of(For), [.. Candidates.Zip(Weighed, (candidate, weighed) => CandidateOf(candidate, weighed))]);

    private RouteDecisionCandidate CandidateOf(Candidate candidate, Weighed weighed) => new(
        candidate.Backend.Instance, candidate.Backend.Provider, candidate.InFlight, weighed.Guess?.FirstToken * 1000, weighed.Guess?.Answer * 1000, weighed.Kept, RouteWords.Of(weighed.Why),
        candidate.Backend.Instance == Taken.Instance, weighed.Cost?.Dollars, weighed.Cost is { } cost ? RouteWords.Word(cost.Basis) : null);
}

/// <summary>The last requests that were sent to engines. Any number of writers and readers, and no lock.</summary>
internal sealed class RouteLog(TimeProvider time)
{
    public const int Kept = 200;

    private readonly RouteDecision?[] _ring = new RouteDecision?[Kept];
    private long _last;

    /// <summary>Where there was a choice.</summary>
    public void Add(Exchange exchange, ServedModel model, Backend taken, TakenFor why, Candidate[] candidates, Weighed[] weighed)
    {
        // what nobody hears is nobody's request
        if (OwnRequest.IsKey(exchange.Key)) return;
        var id = Interlocked.Increment(ref _last);
        Volatile.Write(ref _ring[id % Kept], new(id, time.GetUtcNow(), exchange.RequestId, exchange.Facts.Model, model.Id, taken, exchange.Tries + 1, why, candidates, weighed));
    }

    public void Add(Exchange exchange, ServedModel model, Backend only) => Add(exchange, model, only, TakenFor.Only, [], []);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<RouteDecision> Newest(int most) => [.. _ring.OfType<RouteDecision>().OrderByDescending(decision => decision.Id).Take(most)];

    /// <summary><c>GET /helix/v1/route/recent</c>.</summary>
    public Task AnswerAsync(HttpContext context) =>
        ApiAnswer.OkAsync(context, new RouteDecisionList([.. Newest(Kept).Select(decision => decision.Report())]), RouteJson.Default.RouteDecisionList);
}
