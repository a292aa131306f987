using Helix.Core.Clouds;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

/// <summary>Backends that answer as fast as they are told to, and requests that come by chance, on one simulated clock.</summary>
/// <param name="slowness">Of each backend: the factor on the times of the fastest.</param>
/// <param name="always">The backend that gets every request; null where the router chooses.</param>
/// <param name="prices">Of each backend, which is a cloud then; null where all are engines here.</param>
/// <param name="cent">As how many seconds a cent counts.</param>
internal sealed class RoutingSimulation(int seed, double[] slowness, int? always = null, CloudPrice[]? prices = null, double cent = ChoiceWeights.UsualCent)
{
    private const int Slots = 4;
    private const double PerPromptToken = 0.0005;
    private const double PerToken = 0.01;

    private static readonly CloudTarget s_cloud = new("c", new("api.example.com", 443, "/v1"), new("sk"));

    private readonly Random _draw = new(seed);
    private readonly BackendPace[] _paces = [.. slowness.Select(_ => new BackendPace())];
    private readonly long[] _seenAt = new long[slowness.Length];
    private readonly PriorityQueue<Action, double> _later = new();
    private readonly double[] _freeAt = new double[slowness.Length * Slots];
    private double[] _slowness = slowness;
    private ModelPace _model = ModelPace.Start;
    private double _now;

    public sealed record Done(int Backend, double Latency, TakenFor For);

    /// <param name="perSecond">Requests.</param>
    public List<Done> Run(int requests, Func<int, double[]>? slownessAt = null, double perSecond = 0.7)
    {
        var done = new List<Done>();
        var arrival = 0.0;
        for (var number = 0; number < requests; number++)
        {
            arrival += -Math.Log(1 - _draw.NextDouble()) / perSecond;
            while (_later.TryPeek(out var next, out var at) && at <= arrival)
            {
                _later.Dequeue();
                _now = at;
                next();
            }

            _now = arrival;
            if (slownessAt is not null) _slowness = slownessAt(number);
            done.Add(Ask((int)(40 * Math.Exp(2.5 * _draw.NextDouble())), (int)(8 * Math.Exp(3 * _draw.NextDouble()))));
        }

        return done;
    }

    private Done Ask(int promptTokens, int answerTokens)
    {
        var taken = Choose(promptTokens);
        var pace = _paces[taken.At];
        var flight = pace.Begin(Time, promptTokens, isStream: true);
        // the place that is free first
        var slot = Enumerable.Range(taken.At * Slots, Slots).MinBy(place => _freeAt[place]);
        var begin = Math.Max(_now, _freeAt[slot]);
        var noise = 0.9 + 0.2 * _draw.NextDouble();
        var first = begin + _slowness[taken.At] * noise * PerPromptToken * (promptTokens + 20);
        var end = first + _slowness[taken.At] * noise * PerToken * answerTokens * (1 + 0.3 * (Math.Min(Slots, pace.InFlight) - 1));
        _freeAt[slot] = end;
        _later.Enqueue(() => pace.NoteFirst(flight, Time), first);
        _later.Enqueue(() =>
        {
            var before = pace.Hoped;
            pace.End(flight, Time, answerTokens, isStream: true, Slots);
            if (prices is null) foreach (var other in _paces.Where(other => other != pace)) other.NoteOther(before, pace.Speed);
            _model = _model.Answered(answerTokens);
            _seenAt[taken.At] = _model.Answers;
        }, end);
        return new(taken.At, end - _now, taken.For);
    }

    private BackendTaken Choose(int promptTokens)
    {
        if (always is { } one) return new(one, TakenFor.Only, 0, 0);
        var candidates = _paces.Select((pace, at) => new Candidate(new($"{at}", "p", $"/{at}", "m") { Slots = Slots, Cloud = prices is null ? null : s_cloud }, pace.InFlight, default)
        {
            Speed = pace.Hoped,
            AheadTokens = pace.WaitingTokens,
            OldestWait = pace.OldestWait(Time).TotalSeconds,
            BetweenEnds = pace.BetweenEnds,
            Unseen = _model.Answers - _seenAt[at],
            Recent = pace.Recent,
            Price = prices?[at],
        }).ToArray();
        var taken = BackendChoice.Choose(candidates, new(ModelAbilities.Chat, promptTokens, [], Balances: true, Time) { AnswerTokens = _model.AnswerTokens, Curiosity = _model.Curiosity, CentWeight = cent });
        _model = _model.Sent(taken);
        foreach (var (at, pace) in _paces.Index()) pace.NoteSent(at == taken.At);
        return taken;
    }

    private TimeSpan Time => TimeSpan.FromSeconds(_now);
}
