using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Telemetry;

namespace Helix.Gateway;

/// <summary>The backend that gets a request, which counts as sent from here on: whoever takes one has to end its flight.</summary>
/// <param name="HasOthers">Another could be asked after it.</param>
internal sealed record Chosen(Backend Backend, InstanceTraffic Traffic, StreamPace Pace, Flight Flight, bool HasOthers, TakenFor For, int Candidates)
{
    /// <summary>It answers in place of the model that was asked for, which may take what this one refuses.</summary>
    public bool IsStandIn { get; init; }

    /// <summary>Nineteen of twenty answers have begun by then; null where too little is known, or nobody asks for it.</summary>
    public TimeSpan? Late { get; init; }

    /// <summary>That its answer is likely to have.</summary>
    public double AnswerTokens { get; init; }
}

/// <summary>Brings what the gateway knows of a model's backends to the choice between them.</summary>
internal sealed class Backends(GatewayCounters counters, RouteLog routes, Costs costs, Func<HelixConfig> config)
{
    /// <summary>On the clock of every <see cref="Breaker"/>.</summary>
    public TimeSpan Now => counters.Now;

    /// <returns>Null where all were tried.</returns>
    public Chosen? Take(ServedModel model, Exchange exchange) => Take(model, exchange, counters.Timestamp);

    /// <param name="now">The timestamp of this moment.</param>
    /// <returns>Null where all were tried.</returns>
    public Chosen? Take(ServedModel model, Exchange exchange, long now)
    {
        if (model.Backends is [var only])
        {
            if (exchange.Tried.Contains(only.Instance)) return null;
            lock (counters.Gate) return Take(model, only, exchange, now);
        }

        var traffic = counters.OfModel(model.Id);
        exchange.Blocks ??= PromptBlocks.Of(exchange.Body.Span, exchange.Facts);
        // who comes at the same moment sees that this one was sent
        lock (counters.Gate) return Take(model, exchange, exchange.Blocks, traffic, now);
    }

    /// <summary>How each would be weighed for a request that nobody has tried yet, and which would be taken.</summary>
    public (ImmutableArray<(Candidate Candidate, Weighed Weighed)> Candidates, BackendTaken Taken) Weigh(ServedModel model, InferenceRoute route, BodyFacts facts, ReadOnlySpan<byte> body)
    {
        var traffic = counters.OfModel(model.Id);
        var (pace, tokens) = (traffic.Current, facts.PromptTokens(body.Length));
        var candidates = Candidates(model, traffic, PromptBlocks.Of(body, facts), tokens, pace);
        var terms = Terms(route, facts, tokens, [], pace, candidates);
        var weighed = new Weighed[candidates.Length];
        BackendChoice.Weigh(candidates, terms, weighed);
        return ([.. candidates.Zip(weighed)], BackendChoice.Choose(candidates, terms, weighed));
    }

    /// <summary>Its backends as candidates beside those of other models.</summary>
    /// <param name="blocks">Of the prompt.</param>
    public Candidate[] Candidates(ServedModel model, InferenceRoute route, PromptBlocks blocks, int promptTokens, BodyFacts facts)
    {
        var traffic = counters.OfModel(model.Id);
        var pace = traffic.Current;
        var candidates = Candidates(model, traffic, blocks, promptTokens, pace);
        // nobody takes money for the numbers of a vector
        var answer = route == InferenceRoute.Embeddings ? 0 : AnswerTokens(facts, pace);
        for (var at = 0; at < candidates.Length; at++) candidates[at] = candidates[at] with { AnswerTokens = answer };
        return candidates;
    }

    /// <param name="pace">Of what is compared: how long answers are is looked up there where a candidate does not say.</param>
    /// <param name="tried">Names of instances that had the request.</param>
    public ChoiceTerms Terms(InferenceRoute route, BodyFacts facts, int promptTokens, IReadOnlyCollection<string> tried, ModelPace pace, Candidate[] candidates) =>
        Terms(ChoiceRules.Of(config(), costs, candidates), route, facts, promptTokens, tried, pace, counters.Now);

    private static ChoiceTerms Terms(ChoiceRules rules, InferenceRoute route, BodyFacts facts, int promptTokens, IReadOnlyCollection<string> tried, ModelPace pace, TimeSpan moment) =>
        new(route.Needs | facts.Needs, promptTokens, tried, rules.Balances, moment)
        {
            AnswerTokens = AnswerTokens(facts, pace),
            FirstTokenWeight = rules.Weights.FirstToken,
            AnswerWeight = rules.Weights.Answer,
            Curiosity = pace.Curiosity,
            CentWeight = rules.Weights.Cent,
            EnergyPrice = rules.EnergyPrice,
            Dearest = rules.Dearest,
            Route = route,
            Asked = facts.Asked,
        };

    private Chosen? Take(ServedModel model, Exchange exchange, PromptBlocks blocks, ModelTraffic traffic, long now)
    {
        var (pace, engines, moment) = (traffic.Current, traffic.Of(model.Backends, counters), counters.At(now));
        var rules = engines.By(config(), costs);
        var (candidates, weighed) = (engines.Candidates, engines.Weighed);
        Look(engines, candidates, blocks, exchange.PromptTokens, pace, moment);
        var terms = Terms(rules, exchange.Route, exchange.Facts, exchange.PromptTokens, exchange.Tried, pace, moment);
        BackendChoice.Weigh(candidates, terms, weighed);
        var taken = BackendChoice.Choose(candidates, terms, weighed);
        if (taken.At < 0) return null;
        traffic.NoteSent(taken);
        for (var at = 0; at < engines.Traffic.Length; at++) engines.Traffic[at].NoteSent(at == taken.At);
        ref readonly var candidate = ref candidates[taken.At];
        var (backend, its) = (candidate.Backend, engines.Traffic[taken.At]);
        routes.Add(exchange, model, backend, taken.For, candidates, weighed, now);
        var late = rules.Hedges && weighed[taken.At].Guess is { } guess ? candidate.Speed.LateFor(guess, exchange.Facts.Stream) : null;
        var flight = its.Begin(backend, blocks, exchange.PromptTokens, exchange.Facts.Stream, moment, candidate.KeptTokens);
        return new(backend, its, PaceOf(model, backend, its, now), flight, BackendChoice.HasOthers(candidates, weighed, taken.At), taken.For, candidates.Length) { Late = late, AnswerTokens = terms.AnswerTokens };
    }

    private Chosen Take(ServedModel model, Backend only, Exchange exchange, long now)
    {
        if (exchange.WonBy(only) is { } won)
        {
            routes.Add(exchange, model, only, won.Taken.For, won.Candidates, won.Weighed, now);
            return Taken(model, only, exchange, exchange.Blocks ?? PromptBlocks.None, won.Taken.For, won.Candidates.Length, now);
        }

        routes.Add(exchange, model, only, now);
        return Taken(model, only, exchange, PromptBlocks.None, TakenFor.Only, 1, now);
    }

    private Chosen Taken(ServedModel model, Backend only, Exchange exchange, PromptBlocks blocks, TakenFor why, int candidates, long now)
    {
        var traffic = counters.Of(only.Instance);
        return new(only, traffic, PaceOf(model, only, traffic, now), traffic.Begin(only, blocks, exchange.PromptTokens, exchange.Facts.Stream, counters.At(now)), HasOthers: false, why, candidates);
    }

    private StreamPace PaceOf(ServedModel model, Backend backend, InstanceTraffic traffic, long now) => traffic.Pace = counters.Paces.Of(backend.Provider, model.Id, traffic.Pace, now);

    private Candidate[] Candidates(ServedModel model, ModelTraffic traffic, PromptBlocks blocks, int promptTokens, ModelPace pace)
    {
        var candidates = ModelEngines.CandidatesOf(model.Backends);
        costs.AddTo(candidates, config());
        lock (counters.Gate) Look(traffic.Of(model.Backends, counters), candidates, blocks, promptTokens, pace, counters.Now);
        return candidates;
    }

    private static void Look(ModelEngines engines, Candidate[] candidates, PromptBlocks blocks, int promptTokens, ModelPace pace, TimeSpan moment)
    {
        for (var at = 0; at < candidates.Length; at++) engines.Traffic[at].Look(ref candidates[at], blocks, promptTokens, pace.Answers, moment);
    }

    private static double AnswerTokens(BodyFacts facts, ModelPace pace) => Math.Min(facts.MaxTokens ?? int.MaxValue, pace.AnswerTokens);
}
