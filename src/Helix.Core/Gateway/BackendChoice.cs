using Helix.Core.Clouds;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>A backend as the choice sees it. What changes from one request to the next is filled in again for each.</summary>
/// <param name="InFlight">Requests that it answers now.</param>
internal record struct Candidate(Backend Backend, int InFlight, Breaker Breaker)
{
    public Speed Speed { get; set; }

    /// <summary>Tokens of the prompts that it has yet to read.</summary>
    public int AheadTokens { get; set; }

    /// <summary>Tokens at this prompt's beginning that it is likely to have kept.</summary>
    public int KeptTokens { get; set; }

    /// <summary>Seconds for which the oldest request has waited for its first token.</summary>
    public double OldestWait { get; set; }

    /// <summary>Seconds from one end of an answer to the next; null where none was seen.</summary>
    public double? BetweenEnds { get; set; }

    /// <summary>Requests for the model that were answered since it answered one.</summary>
    public long Unseen { get; set; }

    /// <summary>Requests for the model that it was given of late: <see cref="BackendPace.Recent"/>.</summary>
    public double Recent { get; set; }

    /// <summary>Seconds that a request would wait in the gateway before it is sent there; 0 where it would not.</summary>
    public double PlaceWait { get; init; }

    /// <summary>Tokens that an answer of its model is likely to have, where candidates are of several; null for what <see cref="ChoiceTerms.AnswerTokens"/> says.</summary>
    public double? AnswerTokens { get; init; }

    /// <summary>Of a cloud's model; null for an engine, and where nobody says what the model costs.</summary>
    public CloudPrice? Price { get; set; }

    /// <summary>That its engine draws while it answers; null where nobody says.</summary>
    public double? Watts { get; set; }
}

/// <summary>What a candidate is held to.</summary>
/// <param name="Needs">What the backend must be able to do.</param>
/// <param name="Room">Tokens of context that the request takes at least.</param>
/// <param name="Tried">Names of instances that had this request already.</param>
/// <param name="Balances">Requests are spread; else whoever comes first is taken as long as it answers.</param>
/// <param name="Now">On the clock of <see cref="Breaker"/>.</param>
internal readonly record struct ChoiceTerms(ModelAbilities Needs, int Room, IReadOnlyCollection<string> Tried, bool Balances, TimeSpan Now)
{
    /// <summary>About so many has its prompt.</summary>
    public int PromptTokens { get; init; } = Room;

    /// <summary>Tokens that its answer is likely to have.</summary>
    public double AnswerTokens { get; init; } = 128;

    /// <summary>What a second until the first token counts, beside a second of the answer.</summary>
    public double FirstTokenWeight { get; init; } = 1;

    public double AnswerWeight { get; init; } = 1;

    /// <summary>Seconds that may be lost to find out how others are doing.</summary>
    public double Curiosity { get; init; }

    /// <summary>As how many seconds a US cent counts.</summary>
    public double CentWeight { get; init; } = ChoiceWeights.UsualCent;

    /// <summary>US dollars for a kilowatt-hour; null where nobody says.</summary>
    public double? EnergyPrice { get; init; }

    /// <summary>The dearest prices that are known: what a cloud's model without one is measured by; null for the most that anything may cost.</summary>
    public CloudPrice? Dearest { get; init; }

    /// <summary>Under which path it is asked.</summary>
    public InferenceRoute Route { get; init; } = InferenceRoute.Chat;

    /// <summary>Parameters that the backend must know.</summary>
    public RequestParameters Asked { get; init; }
}

/// <summary>Why a candidate is passed over.</summary>
internal enum PassedOver
{
    No,
    LacksAbility,

    /// <summary>It does not know a parameter without which the answer would be another.</summary>
    LacksParameter,
    TooSmall,
    Tried,

    /// <summary>It failed again and again of late.</summary>
    Broken,
}

/// <summary>Why a candidate is taken.</summary>
internal enum TakenFor
{
    /// <summary>Nobody else can be.</summary>
    Only,

    /// <summary>It comes first, and the load is not balanced.</summary>
    Order,

    /// <summary>Nothing is known of anybody's speed.</summary>
    FewestRequests,

    /// <summary>It is likely to be done first.</summary>
    Soonest,

    /// <summary>The same, thanks to what it has kept of the prompt.</summary>
    Prefix,

    /// <summary>It is likely to be done about as soon as any, and had the fewest requests of late.</summary>
    Spread,

    /// <summary>Another is likely to be done first, and costs more than that is worth.</summary>
    Cost,

    /// <summary>It was not asked for long, or never, and may be better than is known.</summary>
    Curiosity,
}

/// <summary>A candidate and what speaks for it.</summary>
/// <param name="Guess">How long the request would take, waiting included; null where nothing is known.</param>
/// <param name="Score">Weighted seconds, what it costs included: the lowest wins.</param>
/// <param name="Kept">Tokens of the prompt that counted as kept.</param>
internal readonly record struct Weighed(PassedOver Why, TimeGuess? Guess, double Score, int Kept)
{
    /// <summary>Weighted seconds without what it costs.</summary>
    public double Time { get; init; } = Score;

    /// <summary>Null where it is passed over.</summary>
    public CostGuess? Cost { get; init; }
}

/// <param name="At">Place of the candidate taken; −1 where all that are fit were tried.</param>
/// <param name="Loss">Seconds that the choice is likely to lose against the best one.</param>
/// <param name="Best">Score of the best one, in weighted seconds; 0 where nothing is known.</param>
internal readonly record struct BackendTaken(int At, TakenFor For, double Loss, double Best);

/// <summary>From the backends of a model to the one that gets the request: filters, then scores, then a choice.</summary>
internal static class BackendChoice
{
    /// <summary>
    /// What was kept of a prompt counts only where a backend has at most so much more than its share of the requests, or half of what it computes at once is free.
    /// </summary>
    public const double MostLoad = 1.25;

    /// <summary>Requests for the model after which a backend that had none of them is looked at again; twice as many where the prompt would have to be read anew for that.</summary>
    public const int LongUnseen = 8;

    /// <summary>Engines that take, and cost, at most so many times what the best one does count as equal, by how much their answers scatter.</summary>
    private const double LeastEqual = 1.1, MostEqual = 1.25;

    /// <summary>Whether a candidate is fit for a request, itself alone looked at.</summary>
    public static PassedOver Judge(in Candidate candidate, in ChoiceTerms terms) =>
        !candidate.Backend.Abilities.HasFlag(terms.Needs) ? PassedOver.LacksAbility
        : candidate.Backend.Unknown(terms.Route, terms.Asked) != RequestParameters.None ? PassedOver.LacksParameter
        : candidate.Backend.ContextTokens > 0 && terms.Room >= candidate.Backend.ContextTokens ? PassedOver.TooSmall
        : terms.Tried.Count > 0 && terms.Tried.Contains(candidate.Backend.Instance) ? PassedOver.Tried
        : candidate.Breaker.IsOpen(terms.Now) ? PassedOver.Broken
        : PassedOver.No;

    /// <summary>Where all are broken, the one whose trial is due first is taken all the same: a refusal helps nobody.</summary>
    public static BackendTaken Choose(ReadOnlySpan<Candidate> candidates, in ChoiceTerms terms)
    {
        var weighed = new Weighed[candidates.Length];
        Weigh(candidates, terms, weighed);
        return Choose(candidates, terms, weighed);
    }

    /// <param name="weighed">By <see cref="Weigh"/>.</param>
    public static BackendTaken Choose(ReadOnlySpan<Candidate> candidates, in ChoiceTerms terms, ReadOnlySpan<Weighed> weighed)
    {
        var (best, fastest, soonest, fit, known) = (-1, -1, -1, 0, 0);
        for (var at = 0; at < candidates.Length; at++)
        {
            if (weighed[at].Why == PassedOver.Broken && (soonest < 0 || candidates[at].Breaker.OpenUntil < candidates[soonest].Breaker.OpenUntil)) soonest = at;
            if (weighed[at].Why != PassedOver.No) continue;
            fit++;
            if (weighed[at].Guess is not null) known++;
            if (best < 0 || (terms.Balances && weighed[at].Score < weighed[best].Score)) best = at;
            if (fastest < 0 || weighed[at].Time < weighed[fastest].Time) fastest = at;
        }

        if (best < 0 || fit == 1) return new(best < 0 ? soonest : best, TakenFor.Only, 0, best < 0 || weighed[best].Guess is null ? 0 : weighed[best].Score);
        if (!terms.Balances) return new(best, TakenFor.Order, 0, 0);
        var isCheaper = best != fastest;
        if (weighed[best].Guess is null) return new(best, isCheaper ? TakenFor.Cost : known == 0 ? TakenFor.FewestRequests : TakenFor.Curiosity, 0, 0);
        var score = weighed[best].Score;
        var odd = Curious(candidates, terms, weighed, best);
        if (odd >= 0) return new(odd, TakenFor.Curiosity, LossOf(weighed[odd], score), score);
        var rested = Rested(candidates, terms, weighed, best);
        return rested != best ? new(rested, TakenFor.Spread, 0, score) : new(best, isCheaper ? TakenFor.Cost : weighed[best].Kept > 0 ? TakenFor.Prefix : TakenFor.Soonest, 0, score);
    }

    /// <summary>Whether another one could be asked after it.</summary>
    /// <param name="weighed">By <see cref="Weigh"/>.</param>
    /// <param name="taken">Place of the candidate that is asked first.</param>
    public static bool HasOthers(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<Weighed> weighed, int taken)
    {
        var its = candidates[taken].Backend.Instance;
        for (var at = 0; at < candidates.Length; at++)
            if (weighed[at].Why is PassedOver.No or PassedOver.Broken && candidates[at].Backend.Instance != its) return true;
        return false;
    }

    /// <summary>Fills in what speaks for each candidate.</summary>
    public static void Weigh(ReadOnlySpan<Candidate> candidates, in ChoiceTerms terms, Span<Weighed> weighed)
    {
        var within = Within(candidates, terms);
        var (fit, inFlight) = (0, 0);
        for (var at = 0; at < candidates.Length; at++)
        {
            weighed[at] = new(Judge(candidates[at], within), null, double.PositiveInfinity, 0);
            if (weighed[at].Why != PassedOver.No) continue;
            fit++;
            inFlight += candidates[at].InFlight;
        }

        var (scores, times) = (Known.Nothing, Known.Nothing);
        var share = Math.Ceiling(MostLoad * (inFlight + 1) / fit);
        for (var at = 0; at < candidates.Length; at++)
        {
            ref readonly var candidate = ref candidates[at];
            if (weighed[at].Why != PassedOver.No || candidate.Speed.Seen == 0) continue;
            var kept = candidate.InFlight + 1 <= Math.Max(share, candidate.Backend.Slots / 2) ? Math.Min(candidate.KeptTokens, terms.PromptTokens) : 0;
            var guess = Guess(candidate, terms, kept);
            var cost = CostGuess.Of(candidate, terms, kept);
            var time = terms.FirstTokenWeight * guess.FirstToken + terms.AnswerWeight * guess.Answer;
            var score = time + terms.CentWeight * cost.Cents;
            weighed[at] = new(PassedOver.No, guess, score, kept) { Time = time, Cost = cost };
            (scores, times) = (scores.With(score), times.With(time));
        }

        // of whom nothing is known gets one request to show itself, and is not given more before it has
        for (var at = 0; at < candidates.Length; at++)
        {
            if (weighed[at] is not { Why: PassedOver.No, Guess: null }) continue;
            ref readonly var candidate = ref candidates[at];
            var (cost, time) = (CostGuess.Of(candidate, terms, 0), times.Unknown(candidate.InFlight));
            // what a cloud costs is known before it was ever asked; a look at an engine here costs as little as it takes
            var score = candidate.Backend.Cloud is null ? scores.Unknown(candidate.InFlight) : time + terms.CentWeight * cost.Cents;
            weighed[at] = weighed[at] with { Score = score, Time = time, Cost = cost };
        }
    }

    /// <summary>
    /// Where no candidate at all has room enough, or an ability, that is not asked for: the engine's own words say what it lacks. Of a parameter that it does not
    /// know an engine may say nothing.
    /// </summary>
    public static ChoiceTerms Within(ReadOnlySpan<Candidate> candidates, in ChoiceTerms terms)
    {
        if (AnyFits(candidates, terms)) return terms;
        var roomy = terms with { Room = 0 };
        if (AnyFits(candidates, roomy)) return roomy;
        var plain = roomy with { Needs = terms.Needs & ~(ModelAbilities.Tools | ModelAbilities.JsonSchema) };
        return AnyFits(candidates, plain) ? plain : plain with { Needs = ModelAbilities.None };
    }

    private static TimeGuess Guess(in Candidate candidate, in ChoiceTerms terms, int kept)
    {
        var slots = candidate.Backend.Slots;
        var queued = slots > 0 ? Math.Max(0, candidate.InFlight - slots + 1) : 0;
        var guess = candidate.Speed.Guess(terms.PromptTokens - kept + candidate.AheadTokens, candidate.AnswerTokens ?? terms.AnswerTokens, candidate.InFlight + 1 - queued);
        var wait = queued == 0 ? 0 : queued * (candidate.BetweenEnds ?? guess.Total / slots);
        // whoever let others wait for longer than it should is not what it was
        return guess with { FirstToken = Math.Max(guess.FirstToken + wait, candidate.OldestWait) + candidate.PlaceWait };
    }

    /// <summary>One that is worth a look: idle, not seen for long, and what it may cost is saved up.</summary>
    private static int Curious(ReadOnlySpan<Candidate> candidates, in ChoiceTerms terms, ReadOnlySpan<Weighed> weighed, int best)
    {
        var odd = -1;
        for (var at = 0; at < candidates.Length; at++)
            if (at != best && weighed[at] is { Why: PassedOver.No, Guess: not null } && candidates[at].InFlight == 0 && candidates[at].Unseen >= (HasKept(weighed[at], weighed[best], terms) ? 1 : 2) * LongUnseen
                && LossOf(weighed[at], weighed[best].Score) <= terms.Curiosity && (odd < 0 || candidates[at].Unseen > candidates[odd].Unseen))
                odd = at;
        return odd;
    }

    /// <summary>
    /// Of engines that are as good as the best and no busier, the one that had the fewest requests of late. A prompt stays where it was read, and so does all that begins like
    /// it: without this, the engine that looked a little faster for a moment would keep them for good. A cloud is not turned to for it, since it costs.
    /// </summary>
    private static int Rested(ReadOnlySpan<Candidate> candidates, in ChoiceTerms terms, ReadOnlySpan<Weighed> weighed, int best)
    {
        var rested = best;
        for (var at = 0; at < candidates.Length; at++)
        {
            ref readonly var candidate = ref candidates[at];
            if (candidate.Backend.Cloud is not null || candidate.InFlight > candidates[best].InFlight || weighed[at] is not { Guess: not null, Cost: { } cost } || !HadLess(candidate, candidates[rested])) continue;
            var equal = Math.Clamp(Math.Exp(Math.Max(candidate.Speed.Error, candidates[best].Speed.Error)), LeastEqual, MostEqual);
            if (weighed[at].Score <= equal * weighed[best].Score && cost.Cents <= equal * weighed[best].Cost!.Value.Cents && HasKept(weighed[at], weighed[best], terms)) rested = at;
        }

        return rested;
    }

    /// <summary>By what each computes at once, and so has room for.</summary>
    private static bool HadLess(in Candidate one, in Candidate other) =>
        one.Backend.Slots > 0 && other.Backend.Slots > 0 ? one.Recent * other.Backend.Slots < other.Recent * one.Backend.Slots : one.Recent < other.Recent;

    /// <summary>One has kept about as much of the prompt as the best: what all prompts have in common is soon read again.</summary>
    private static bool HasKept(in Weighed one, in Weighed best, in ChoiceTerms terms) => best.Kept - one.Kept <= Math.Max(best.Kept / 4, terms.PromptTokens / 8);

    private static double LossOf(Weighed odd, double best) => Math.Min(odd.Score - best, ModelPace.MostSaved * best);

    private static bool AnyFits(ReadOnlySpan<Candidate> candidates, in ChoiceTerms terms)
    {
        foreach (ref readonly var candidate in candidates)
            if (Judge(candidate, terms) is not (PassedOver.LacksAbility or PassedOver.LacksParameter or PassedOver.TooSmall))
                return true;
        return false;
    }

    /// <summary>From the least to the most of what is known.</summary>
    private readonly record struct Known(double Least, double Most)
    {
        public static Known Nothing { get; } = new(double.PositiveInfinity, 0);

        public Known With(double one) => new(Math.Min(Least, one), Math.Max(Most, one));

        /// <summary>What one counts as of which nothing is known.</summary>
        public double Unknown(int inFlight) => double.IsInfinity(Least) ? inFlight : inFlight == 0 ? Least * 0.9 : Most * 2 + inFlight;
    }
}
