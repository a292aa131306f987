using System.Collections.Immutable;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>A backend that a request could have been sent to, and what spoke for it.</summary>
/// <param name="InFlight">Requests that it answered then.</param>
internal readonly record struct Considered(Backend Backend, int InFlight, Weighed Weighed);

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

/// <summary>The last requests that were sent to engines. Any number of writers and readers.</summary>
internal sealed class RouteLog(TimeProvider time)
{
    public const int Kept = 200;

    private static readonly TimeSpan s_clockFor = TimeSpan.FromSeconds(1);

    // each request comes by for a moment; who reads does that rarely
    private readonly Lock _gate = new();
    private readonly Entry[] _ring = new Entry[Kept];
    private long _last;

    /// <summary>What the clock said at a timestamp; null before it was asked.</summary>
    private (DateTimeOffset Said, long Timestamp)? _clock;

    /// <summary>Where there was a choice.</summary>
    /// <param name="weighed">Of each candidate.</param>
    /// <param name="now">The timestamp of this moment.</param>
    public void Add(Exchange exchange, ServedModel model, Backend taken, TakenFor why, ReadOnlySpan<Candidate> candidates, ReadOnlySpan<Weighed> weighed, long now)
    {
        // what nobody hears is nobody's request
        if (OwnRequest.IsKey(exchange.Key)) return;
        lock (_gate)
        {
            ref var entry = ref _ring[++_last % Kept];
            entry.Id = _last;
            entry.At = ClockAt(now);
            entry.RequestId = exchange.RequestId;
            // nearly always the same name: then the request's own copy of it can go
            entry.Asked = exchange.Facts.Model == model.Id ? model.Id : exchange.Facts.Model;
            entry.Model = model.Id;
            entry.Taken = taken;
            entry.Attempt = exchange.Tries + 1;
            entry.For = why;
            entry.Count = candidates.Length;
            if (entry.Candidates is null || entry.Candidates.Length < candidates.Length) entry.Candidates = new Considered[candidates.Length];
            for (var at = 0; at < candidates.Length; at++) entry.Candidates[at] = new(candidates[at].Backend, candidates[at].InFlight, weighed[at]);
        }
    }

    /// <param name="now">The timestamp of this moment.</param>
    public void Add(Exchange exchange, ServedModel model, Backend only, long now) => Add(exchange, model, only, TakenFor.Only, [], [], now);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<RouteDecision> Newest(int most)
    {
        var newest = new List<RouteDecision>();
        lock (_gate)
        {
            for (var id = _last; id > Math.Max(0, _last - Math.Min(most, Kept)); id--) newest.Add(_ring[id % Kept].Decision());
        }

        return newest;
    }

    /// <summary><c>GET /helix/v1/route/recent</c>.</summary>
    public Task AnswerAsync(HttpContext context) =>
        ApiAnswer.OkAsync(context, new RouteDecisionList([.. Newest(Kept).Select(decision => decision.Report())]), RouteJson.Default.RouteDecisionList);

    /// <summary>What the clock says at a moment; it is asked once a second, since it may be set.</summary>
    private DateTimeOffset ClockAt(long now)
    {
        if (_clock is { } clock && time.GetElapsedTime(clock.Timestamp, now) is var since && since.Duration() < s_clockFor) return clock.Said + since;
        var said = time.GetUtcNow();
        _clock = (said, now);
        return said;
    }

    /// <summary>A decision as it is kept: the next in its place uses its room again.</summary>
    private struct Entry
    {
        public long Id;
        public DateTimeOffset At;
        public string RequestId;
        public string? Asked;
        public string Model;
        public Backend Taken;
        public int Attempt;
        public TakenFor For;
        public int Count;
        public Considered[]? Candidates;

        public readonly RouteDecision Decision() => new(Id, At, RequestId, Asked, Model, Taken, Attempt, For, [.. Candidates.AsSpan(0, Count)]);
    }
}
