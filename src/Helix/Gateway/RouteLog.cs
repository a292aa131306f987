using System.Collections.Immutable;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>A backend that a request could have been sent to, and what spoke for it.</summary>
/// <param name="InFlight">Requests that it answered then.</param>
internal record struct Considered(Backend Backend, int InFlight, Weighed Weighed);

/// <summary>A request that was sent to an engine, and what spoke for that one. No text of it is kept.</summary>
/// <param name="Asked">The model that the request names; null where it names none.</param>
/// <param name="Attempt">1 for the first engine that it was sent to.</param>
/// <param name="Candidates">Empty where there was no choice.</param>
internal sealed record RouteDecision(
    long Id, DateTimeOffset At, string RequestId, string? Asked, string Model, Backend Taken, int Attempt, TakenFor For, ImmutableArray<Considered> Candidates)
{
    public RouteDecisionReport Report() => new(Id, At, RequestId, Asked, Model, Taken.Provider, Taken.Instance, Attempt, RouteWords.Of(For), [.. Candidates.Select(CandidateOf)]);

    private RouteDecisionCandidate CandidateOf(Considered considered)
    {
        var (backend, weighed) = (considered.Backend, considered.Weighed);
        return new(
            backend.Instance, backend.Provider, considered.InFlight, weighed.Guess?.FirstToken * 1000, weighed.Guess?.Answer * 1000, weighed.Kept, RouteWords.Of(weighed.Why),
            backend.Instance == Taken.Instance, weighed.Cost?.Dollars, weighed.Cost is { } cost ? RouteWords.Word(cost.Basis) : null);
    }
}

/// <summary>The last requests that were sent to engines, noted under <see cref="GatewayCounters.Gate"/>. Any number of readers.</summary>
internal sealed class RouteLog(GatewayCounters counters, WallClock clock)
{
    public const int Kept = 200;

    /// <summary>Characters of the ids that helix gives.</summary>
    private const int UsualId = 24;

    private readonly Entry[] _ring = new Entry[Kept];
    private long _last;

    /// <summary>Where there was a choice. Only for whoever holds the gate.</summary>
    /// <param name="weighed">Of each candidate.</param>
    /// <param name="now">The timestamp of this moment.</param>
    public void Add(Exchange exchange, ServedModel model, Backend taken, TakenFor why, ReadOnlySpan<Candidate> candidates, ReadOnlySpan<Weighed> weighed, long now)
    {
        // what nobody hears is nobody's request
        if (OwnRequest.IsKey(exchange.Key)) return;
        ref var entry = ref _ring[++_last % Kept];
        entry.Id = _last;
        entry.At = clock.At(now);
        // copied: what is young costs at each collection where something old holds it
        var id = exchange.RequestId;
        if (entry.RequestId is null || entry.RequestId.Length < id.Length) entry.RequestId = new char[Math.Max(id.Length, UsualId)];
        id.CopyTo(entry.RequestId);
        entry.IdLength = id.Length;
        // nearly always the same name: then the request's own copy of it can go
        entry.Asked = exchange.Facts.Model == model.Id ? model.Id : exchange.Facts.Model;
        entry.Model = model.Id;
        entry.Taken = taken;
        entry.Attempt = exchange.Tries + 1;
        entry.For = why;
        entry.Count = candidates.Length;
        if (entry.Candidates is null || entry.Candidates.Length < candidates.Length) entry.Candidates = new Considered[candidates.Length];
        for (var at = 0; at < candidates.Length; at++)
        {
            ref var considered = ref entry.Candidates[at];
            considered.Backend = candidates[at].Backend;
            considered.InFlight = candidates[at].InFlight;
            considered.Weighed = weighed[at];
        }
    }

    /// <summary>Where there was none. Only for whoever holds the gate, too.</summary>
    /// <param name="now">The timestamp of this moment.</param>
    public void Add(Exchange exchange, ServedModel model, Backend only, long now) => Add(exchange, model, only, TakenFor.Only, [], [], now);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<RouteDecision> Newest(int most)
    {
        var newest = new List<RouteDecision>();
        lock (counters.Gate)
        {
            for (var id = _last; id > Math.Max(0, _last - Math.Min(most, Kept)); id--) newest.Add(_ring[id % Kept].Decision());
        }

        return newest;
    }

    /// <summary><c>GET /helix/v1/route/recent</c>.</summary>
    public Task AnswerAsync(HttpContext context) =>
        ApiAnswer.OkAsync(context, new RouteDecisionList([.. Newest(Kept).Select(decision => decision.Report())]), RouteJson.Default.RouteDecisionList);

    /// <summary>A decision as it is kept: the next in its place uses its room again.</summary>
    private struct Entry
    {
        public long Id;
        public DateTimeOffset At;
        public char[]? RequestId;
        public int IdLength;
        public string? Asked;
        public string Model;
        public Backend Taken;
        public int Attempt;
        public TakenFor For;
        public int Count;
        public Considered[]? Candidates;

        public readonly RouteDecision Decision() => new(Id, At, new(RequestId.AsSpan(0, IdLength)), Asked, Model, Taken, Attempt, For, [.. Candidates.AsSpan(0, Count)]);
    }
}
