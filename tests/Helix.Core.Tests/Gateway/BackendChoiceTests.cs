using CsCheck;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Gateway;

public sealed class BackendChoiceTests
{
    private static readonly TimeSpan s_now = TimeSpan.FromMinutes(1);
    private static readonly Breaker s_open = new(3, 1, s_now + TimeSpan.FromSeconds(1), OnTrial: false);
    private static readonly ChoiceTerms s_terms = new(ModelAbilities.Chat, 100, [], Balances: true, s_now);

    [Fact]
    public void The_least_busy_is_taken_and_of_equals_the_first() =>
        Assert.Equal(1, BackendChoice.Choose([Of("a", 2), Of("b", 1), Of("c", 1)], s_terms).At);

    [Fact]
    public void Without_balance_the_first_is_taken_however_busy_it_is() =>
        Assert.Equal(0, BackendChoice.Choose([Of("a", 9), Of("b")], s_terms with { Balances = false }).At);

    [Fact]
    public void Of_engines_that_are_as_good_the_one_that_was_asked_least_of_late_is_taken()
    {
        var (best, near, far) = (Seen("a", 1) with { Recent = 2 }, Seen("b", 1.08) with { Recent = 1 }, Seen("c", 1.2));

        Assert.Equal((1, TakenFor.Spread), Taken(s_terms, best, near, far));
        Assert.Equal((2, TakenFor.Spread), Taken(s_terms, best, near, far with { Speed = far.Speed with { Error = 0.25 } }));
        Assert.Equal((0, TakenFor.Soonest), Taken(s_terms, best, near with { Recent = 2 }, far));
        Assert.Equal((0, TakenFor.Soonest), Taken(s_terms, best, near with { InFlight = 1, Speed = best.Speed with { Crowding = 0 } }, far));
        Assert.Equal((0, TakenFor.Soonest), Taken(s_terms, best, near with { Breaker = s_open }, far));
        Assert.Equal((0, TakenFor.Soonest), Taken(s_terms, best with { Backend = best.Backend with { Slots = 8 } }, near with { Backend = near.Backend with { Slots = 2 } }, far));
        Assert.Equal((1, TakenFor.Spread), Taken(s_terms with { EnergyPrice = 0.3 }, best with { Watts = 100 }, near with { Watts = 100 }, far with { Watts = 100 }));
        Assert.Equal((0, TakenFor.Soonest), Taken(s_terms with { EnergyPrice = 0.3 }, best with { Watts = 100 }, near with { Watts = 300 }, far with { Watts = 100 }));
        Assert.Equal((0, TakenFor.Soonest), Taken(s_terms with { CentWeight = 0 }, best, near with { Backend = near.Backend with { Cloud = new("c", new("api.example.com", 443, "/v1"), new("sk")) } }, far));
    }

    [Fact]
    public void What_is_kept_of_a_prompt_is_not_lost_to_that_nor_soon_to_curiosity_and_what_all_prompts_begin_with_is()
    {
        var (best, other) = (Seen("a", 1) with { Recent = 2, KeptTokens = 64 }, Seen("b", 1));
        var (@long, looks) = (s_terms with { PromptTokens = 1000, AnswerTokens = 1000 }, s_terms with { PromptTokens = 1000, AnswerTokens = 1000, Curiosity = 60 });

        Assert.Equal((1, TakenFor.Spread), Taken(@long, best, other));
        Assert.Equal((0, TakenFor.Prefix), Taken(@long, best with { KeptTokens = 900 }, other));
        Assert.Equal((1, TakenFor.Spread), Taken(@long, best with { KeptTokens = 900 }, other with { KeptTokens = 800 }));
        Assert.Equal((1, TakenFor.Curiosity), Taken(looks, best, other with { Unseen = BackendChoice.LongUnseen }));
        Assert.Equal((0, TakenFor.Prefix), Taken(looks, best with { KeptTokens = 900 }, other with { Unseen = (2 * BackendChoice.LongUnseen) - 1 }));
        Assert.Equal((1, TakenFor.Curiosity), Taken(looks, best with { KeptTokens = 900 }, other with { Unseen = 2 * BackendChoice.LongUnseen }));
    }

    [Fact]
    public void One_that_was_tried_is_never_taken_again()
    {
        Assert.Equal(1, BackendChoice.Choose([Of("a"), Of("b", 9)], s_terms with { Tried = ["a"] }).At);
        Assert.Equal(-1, BackendChoice.Choose([Of("a"), Of("b")], s_terms with { Tried = ["a", "b"] }).At);
    }

    [Fact]
    public void A_broken_one_is_passed_over_and_where_all_are_the_next_to_come_back_is_taken()
    {
        var later = s_open with { OpenUntil = s_now + TimeSpan.FromSeconds(30) };
        Assert.Equal(1, BackendChoice.Choose([Of("a") with { Breaker = s_open }, Of("b", 9)], s_terms).At);
        Assert.Equal(1, BackendChoice.Choose([Of("a") with { Breaker = later }, Of("b") with { Breaker = s_open }], s_terms).At);
    }

    [Fact]
    public void Tools_go_where_they_can_be_called_and_where_nobody_can_the_engine_itself_says_so()
    {
        var plain = Of("a", abilities: ModelAbilities.Chat);
        var tools = s_terms with { Needs = ModelAbilities.Chat | ModelAbilities.Tools };
        Assert.Equal(1, BackendChoice.Choose([plain, Of("b", 9)], tools).At);
        // not even after the able one has failed: the words of one that is unable would hide what happened
        Assert.Equal(-1, BackendChoice.Choose([plain, Of("b")], tools with { Tried = ["b"] }).At);
        Assert.Equal(0, BackendChoice.Choose([plain, plain with { InFlight = 3 }], tools).At);
    }

    [Fact]
    public void A_parameter_goes_where_it_is_known_and_to_nobody_else()
    {
        var (lacks, knows) = (Of("a") with { Backend = Lacking("a", RequestParameters.Logprobs) }, Of("b", 9) with { Backend = Lacking("b", RequestParameters.Echo) });
        var asked = s_terms with { Asked = RequestParameters.Logprobs };
        Assert.Equal(0, BackendChoice.Choose([lacks, knows], s_terms).At);
        Assert.Equal(1, BackendChoice.Choose([lacks, knows], asked).At);
        Assert.Equal(PassedOver.LacksParameter, BackendChoice.Judge(lacks, asked));
        // an engine may say nothing of what it does not know: it is not asked where the other one has failed
        Assert.Equal(-1, BackendChoice.Choose([lacks, knows], asked with { Tried = ["b"] }).At);
        Assert.Equal(-1, BackendChoice.Choose([lacks], asked).At);
        Assert.Equal(1, BackendChoice.Choose([lacks, knows with { Breaker = s_open }], asked).At);
        // who knows it and has no room says so itself
        Assert.Equal(1, BackendChoice.Choose([lacks, knows with { Backend = knows.Backend with { ContextTokens = 50 } }], asked).At);
        Assert.Equal(0, BackendChoice.Choose([lacks, knows], asked with { Route = InferenceRoute.Completion }).At);

        static Backend Lacking(string name, RequestParameters parameters) =>
            new(name, "builtin", $"/run/{name}", "m") { Gaps = ParameterGaps.None with { Chat = new(parameters, RequestParameters.None, RequestParameters.None) } };
    }

    [Fact]
    public void A_long_request_goes_where_it_has_room()
    {
        var small = Of("a", context: 100);
        Assert.Equal(1, BackendChoice.Choose([small, Of("b", 9, context: 101)], s_terms).At);
        Assert.Equal(0, BackendChoice.Choose([small, Of("b", 9, context: 50)], s_terms).At);
        Assert.Equal(0, BackendChoice.Choose([Of("a", context: 0), Of("b", 9)], s_terms).At);
    }

    [Fact]
    public void Whoever_is_taken_is_fit_and_nobody_fit_is_less_busy() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Bool).Array[1, 6], Gen.Int[0, 6]).Sample((backends, tried) =>
        {
            var candidates = backends.Select((each, at) => Of($"{at}", each.Item1, each.Item2 ? ModelAbilities.Everything : ModelAbilities.Completion) with { Breaker = each.Item3 ? s_open : default }).ToArray();
            var terms = s_terms with { Tried = [.. Enumerable.Range(0, Math.Min(tried, candidates.Length)).Select(at => $"{at}")] };
            var at = BackendChoice.Choose(candidates, terms).At;
            var within = BackendChoice.Within(candidates, terms);
            var fit = candidates.Where(candidate => BackendChoice.Judge(candidate, within) == PassedOver.No).ToArray();
            var able = candidates.Where(candidate => BackendChoice.Judge(candidate, within) is PassedOver.No or PassedOver.Broken);
            return at < 0 ? !able.Any() : fit.Length == 0 ? able.Contains(candidates[at]) : fit.Contains(candidates[at]) && fit.All(candidate => candidate.InFlight >= candidates[at].InFlight);
        });

    [Fact]
    public void There_is_another_to_ask_if_the_choice_without_the_one_that_is_taken_finds_one() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Bool).Array[1, 5], Gen.Int[0, 5]).Sample((backends, tried) =>
        {
            var candidates = backends.Select((each, at) => Of($"{at}", each.Item1, each.Item2 > 0 ? ModelAbilities.Everything : ModelAbilities.Completion, each.Item2 > 1 ? 50 : 2048) with { Breaker = each.Item3 ? s_open : default }).ToArray();
            var terms = s_terms with { Tried = [.. Enumerable.Range(0, Math.Min(tried, candidates.Length)).Select(at => $"{at}")] };
            var weighed = new Weighed[candidates.Length];
            BackendChoice.Weigh(candidates, terms, weighed);
            var taken = BackendChoice.Choose(candidates, terms, weighed).At;
            return taken < 0 || BackendChoice.HasOthers(candidates, weighed, taken) == BackendChoice.Choose(candidates, terms with { Tried = [.. terms.Tried, $"{taken}"] }).At >= 0;
        });

    private static Candidate Of(string name, int inFlight = 0, ModelAbilities abilities = ModelAbilities.Everything, int context = 2048) =>
        new(new Backend(name, "builtin", $"/run/{name}", "m") { Abilities = abilities, ContextTokens = context }, inFlight, default);

    private static Candidate Seen(string name, double slowness) => Of(name) with { Speed = new(50, 0.0005 * slowness, 0.01 * slowness, 0.4, 0, 0) };

    private static (int At, TakenFor For) Taken(ChoiceTerms terms, params Candidate[] candidates) => BackendChoice.Choose(candidates, terms) is var taken ? (taken.At, taken.For) : default;
}
