using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

/// <summary>Four equal engines on two simulated processors: first a crowd, for which all are slow, then conversations that begin in one of eight ways.</summary>
public sealed class PrefixSpreadTests(ITestOutputHelper output)
{
    private const int Engines = 4;
    private const int Slots = 4;
    private const int Beginnings = 8;
    private const int Requests = 170;
    private const int AnswerTokens = 16;
    private const double PerPromptToken = 0.00033;
    private const double PerToken = 0.006;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void After_a_crowd_no_engine_gets_all_the_beginnings_and_each_stays_where_it_was_read(int seed)
    {
        var simulation = new Simulation(seed);
        simulation.Crowd();

        var (shares, cold) = simulation.Talk();

        output.WriteLine($"{string.Join(" ", shares)}, {cold} read anew");
        Assert.True(shares.Max() <= 1.5 * Requests / Engines, $"of {Requests} requests one engine got {shares.Max()}");
        Assert.True(cold <= 2 * Beginnings, $"{cold} of {Requests} requests found nothing of their beginning");
    }

    private sealed class Simulation(int seed)
    {
        private readonly Random _draw = new(seed);
        private readonly BackendPace[] _paces = [.. Enumerable.Range(0, Engines).Select(_ => new BackendPace())];
        private readonly long[] _seenAt = new long[Engines];
        private readonly double[] _freeAt = new double[Engines];
        private readonly HashSet<(int Engine, int Beginning)> _kept = [];
        private readonly PriorityQueue<Action, double> _later = new();
        private ModelPace _model = ModelPace.Start;
        private double _now;

        private TimeSpan Time => TimeSpan.FromSeconds(_now);

        public void Crowd()
        {
            for (var number = 0; number < 60; number++)
            {
                Until(_now + 0.18);
                Ask(-1, 1024, 20, slowness: 2.2);
            }

            Until(_now + 180);
        }

        public (int[] Shares, int Cold) Talk()
        {
            var (shares, cold) = (new int[Engines], 0);
            for (var number = 0; number < Requests; number++)
            {
                Until(_now - Math.Log(1 - _draw.NextDouble()) / 2);
                var beginning = number < Beginnings ? number : _draw.Next(Beginnings);
                var (engine, isKept) = Ask(beginning, 600 + 70 * beginning, 60 + _draw.Next(80), Math.Max(1, _paces.Count(pace => pace.InFlight > 0) / 2.0));
                shares[engine]++;
                if (!isKept) cold++;
            }

            return (shares, cold);
        }

        private (int Engine, bool IsKept) Ask(int beginning, int shared, int own, double slowness)
        {
            var candidates = _paces.Select((pace, at) => new Candidate(new($"{at}", "p", $"/{at}", "m") { Slots = Slots }, pace.InFlight, default)
            {
                Speed = pace.Hoped,
                AheadTokens = pace.WaitingTokens,
                KeptTokens = _kept.Contains((at, beginning)) ? shared : 0,
                OldestWait = pace.OldestWait(Time).TotalSeconds,
                BetweenEnds = pace.BetweenEnds,
                Unseen = _model.Answers - _seenAt[at],
                Recent = pace.Recent,
            }).ToArray();
            var taken = BackendChoice.Choose(candidates, new(ModelAbilities.Chat, shared + own, [], Balances: true, Time) { AnswerTokens = _model.AnswerTokens, Curiosity = _model.Curiosity });
            _model = _model.Sent(taken);
            foreach (var (at, each) in _paces.Index()) each.NoteSent(at == taken.At);

            var (engine, kept) = (_paces[taken.At], candidates[taken.At].KeptTokens);
            _kept.Add((taken.At, beginning));
            var flight = engine.Begin(Time, shared + own - kept, isStream: true, keptTokens: kept);
            var slow = slowness * (0.9 + 0.2 * _draw.NextDouble());
            // prompts are read one after the other
            var first = Math.Max(_now, _freeAt[taken.At]) + slow * PerPromptToken * (shared + own - kept + 20);
            _freeAt[taken.At] = first;
            _later.Enqueue(() => engine.NoteFirst(flight, Time), first);
            _later.Enqueue(() => End(taken.At, flight), first + slow * PerToken * AnswerTokens * (1 + 0.5 * (engine.InFlight - 1)));
            return (taken.At, kept > 0);
        }

        private void End(int at, Flight flight)
        {
            var before = _paces[at].Hoped;
            _paces[at].End(flight, Time, AnswerTokens, isStream: true, Slots);
            foreach (var other in _paces.Where(other => other != _paces[at])) other.NoteOther(before, _paces[at].Speed);
            _model = _model.Answered(AnswerTokens);
            _seenAt[at] = _model.Answers;
        }

        private void Until(double moment)
        {
            while (_later.TryPeek(out var next, out var at) && at <= moment)
            {
                _later.Dequeue();
                _now = at;
                next();
            }

            _now = moment;
        }
    }
}
