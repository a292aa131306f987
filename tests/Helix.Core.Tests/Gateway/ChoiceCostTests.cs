using CsCheck;
using Helix.Core.Clouds;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

/// <summary>What a request is likely to cost, as a part of the choice between backends.</summary>
public sealed class ChoiceCostTests
{
    private static readonly CloudTarget s_cloud = new("openai", new("api.openai.com", 443, "/v1"), new("sk"));

    /// <summary>1000 tokens in and 100 out: at 10 dollars for a million of each, 1.1 cents.</summary>
    private static readonly ChoiceTerms s_terms = new(ModelAbilities.Chat, 1000, [], Balances: true, TimeSpan.FromMinutes(1)) { AnswerTokens = 100 };

    /// <summary>1.508 seconds for such a request.</summary>
    private static readonly Speed s_usual = new(50, 0.0005, 0.01, 0.4, 0, 0);

    /// <summary>Price, slowness, requests under way, and whether anything is known of its speed.</summary>
    private static readonly Gen<(int Price, int Slowness, int InFlight, bool IsKnown)[]> s_clouds =
        Gen.Select(Gen.Int[0, 200], Gen.Int[1, 20], Gen.Int[0, 5], Gen.Bool).Array[2, 6];

    [Fact]
    public void Of_two_that_are_as_fast_the_cheaper_is_taken()
    {
        Assert.Equal((1, TakenFor.Cost), Taken(Cloud("dear", 10), Cloud("cheap", 1)));
        Assert.Equal((0, TakenFor.Soonest), Taken(Cloud("cheap", 1), Cloud("dear", 10)));
        Assert.Equal((1, TakenFor.Cost), Taken(Cloud("dear", 10) with { Speed = default }, Cloud("cheap", 1) with { Speed = default }));
    }

    [Fact]
    public void A_cent_is_worth_a_second_and_no_more()
    {
        // 1.1 cents against 0.11, and so 0.99 seconds
        Assert.Equal((1, TakenFor.Cost), Taken(Cloud("dear", 10), Cloud("cheap", 1, slowness: 1.6)));
        Assert.Equal((0, TakenFor.Soonest), Taken(Cloud("dear", 10), Cloud("cheap", 1, slowness: 1.7)));
    }

    [Fact]
    public void An_engine_here_of_which_nothing_is_known_costs_nothing_and_that_is_said()
    {
        var weighed = Weigh(s_terms, Engine("here"), Cloud("cloud", 10));

        Assert.Equal(new CostGuess(CostBasis.Unknown, 0), weighed[0].Cost);
        Assert.Equal(new CostGuess(CostBasis.Price, 0.011), weighed[1].Cost);
        Assert.Equal((1.508, 2.608), (Math.Round(weighed[1].Time, 9), Math.Round(weighed[1].Score, 9)));
    }

    [Fact]
    public void What_has_no_price_is_not_taken_for_free()
    {
        var terms = s_terms with { Dearest = new(150, 600) };
        var unpriced = Cloud("unpriced", 0) with { Price = null };

        Assert.Equal(1, BackendChoice.Choose([unpriced, Cloud("dear", 149)], terms).At);
        // not even before the dearest itself
        Assert.Equal(1, BackendChoice.Choose([unpriced, Cloud("dearest", 1) with { Price = terms.Dearest }], terms).At);
        var cost = Weigh(terms, unpriced, Cloud("dear", 149))[0].Cost!.Value;
        Assert.Equal(CostBasis.Dearest, cost.Basis);
        Assert.Equal(1.01 * 0.21, cost.Dollars, 1e-6);
        // and where nobody knows any price, it is dearer than whatever could have one
        Assert.Equal(1, BackendChoice.Choose([unpriced, Cloud("dearest", CloudPrice.Highest)], s_terms).At);
    }

    [Fact]
    public void Of_two_engines_that_are_as_fast_the_one_that_draws_less_is_taken_where_energy_has_a_price()
    {
        Candidate[] engines = [Engine("hot") with { Watts = 300 }, Engine("cool") with { Watts = 100 }];
        var terms = s_terms with { EnergyPrice = 0.30 };

        Assert.Equal(0, BackendChoice.Choose(engines, s_terms).At);
        Assert.Equal(1, BackendChoice.Choose(engines, terms).At);
        var cost = Weigh(terms, engines)[0].Cost!.Value;
        Assert.Equal(CostBasis.Energy, cost.Basis);
        Assert.Equal(300 * 1.508 / 3_600_000 * 0.30, cost.Dollars, 1e-12);
        Assert.Equal(CostBasis.Unknown, Weigh(terms, engines[0] with { Speed = default }, engines[1])[0].Cost!.Value.Basis);
    }

    [Fact]
    public void A_model_that_says_more_costs_more() =>
        Assert.Equal((1, TakenFor.Cost), Taken(Cloud("talker", 10) with { AnswerTokens = 300, Speed = default }, Cloud("other", 10) with { AnswerTokens = 100, Speed = default }));

    [Fact]
    public void Whoever_waits_here_for_a_place_is_not_done_first() =>
        Assert.Equal((1, TakenFor.Soonest), Taken(Engine("here") with { PlaceWait = 5 }, Cloud("cloud", 10)));

    [Fact]
    public void Where_cost_weighs_nothing_clouds_are_chosen_as_engines_are() =>
        s_clouds.Sample(drawn =>
        {
            var clouds = Clouds(drawn);
            var terms = s_terms with { CentWeight = 0 };
            return BackendChoice.Choose(clouds, terms) == BackendChoice.Choose(Engines(clouds), terms);
        });

    [Fact]
    public void Without_clouds_and_a_price_of_energy_nothing_depends_on_cost() =>
        Gen.Select(s_clouds, Gen.Double[0, ChoiceWeights.MostCent]).Sample((drawn, cent) =>
        {
            var engines = Engines(Clouds(drawn));
            var terms = s_terms with { CentWeight = cent };
            return BackendChoice.Choose(engines, terms) == BackendChoice.Choose(engines, s_terms with { CentWeight = 0 })
                && Weigh(terms, engines).All(each => each.Score == each.Time && each.Cost == new CostGuess(CostBasis.Unknown, 0));
        });

    [Fact]
    public void Whoever_becomes_dearer_is_not_taken_where_it_was_not_before() =>
        Gen.Select(s_clouds, Gen.Int[0, 5], Gen.Int[0, 500], Gen.Double[0, ChoiceWeights.MostCent]).Sample((drawn, which, more, cent) =>
        {
            var clouds = Clouds(drawn);
            var terms = s_terms with { CentWeight = cent };
            which %= clouds.Length;
            Candidate[] dearer = [.. clouds];
            dearer[which] = clouds[which] with { Price = new(clouds[which].Price!.In + more, clouds[which].Price!.Out + more) };
            return BackendChoice.Choose(dearer, terms).At != which || BackendChoice.Choose(clouds, terms).At == which;
        });

    [Fact]
    public void Whatever_is_known_each_score_is_a_number()
    {
        CloudPrice?[] prices = [null, new(0, 0), new(CloudPrice.Highest, CloudPrice.Highest)];
        Speed[] speeds = [default, s_usual, new(1, 1e-9, 1e-9, 0, 0, 0), new(1, 1e3, 1e3, 1, 4, 4)];
        int[] lengths = [0, 1, int.MaxValue];
        double[] cents = [0, 1, ChoiceWeights.MostCent];
        double?[] draws = [null, 0, 1e6];
        var all = from price in prices from speed in speeds from length in lengths from cent in cents from watts in draws select (price, speed, length, cent, watts);
        foreach (var (price, speed, length, cent, watts) in all)
        {
            var terms = s_terms with { PromptTokens = length, AnswerTokens = length, CentWeight = cent, EnergyPrice = 1000 };
            var weighed = Weigh(terms, Cloud("cloud", 0) with { Price = price, Speed = speed }, Engine("here") with { Watts = watts, Speed = speed }, Engine("other"));
            Assert.All(weighed, each => Assert.True(double.IsFinite(each.Score) && each.Score >= 0, $"{each}"));
        }
    }

    private static (int At, TakenFor For) Taken(params Candidate[] candidates) => BackendChoice.Choose(candidates, s_terms) is var taken ? (taken.At, taken.For) : default;

    private static Weighed[] Weigh(ChoiceTerms terms, params Candidate[] candidates)
    {
        var weighed = new Weighed[candidates.Length];
        BackendChoice.Weigh(candidates, terms, weighed);
        return weighed;
    }

    private static Candidate[] Clouds((int Price, int Slowness, int InFlight, bool IsKnown)[] drawn) =>
        [.. drawn.Select((each, at) => Cloud($"{at}", each.Price, each.Slowness) with { InFlight = each.InFlight, Speed = each.IsKnown ? Slow(each.Slowness) : default })];

    /// <summary>The same as if they were served here.</summary>
    private static Candidate[] Engines(Candidate[] clouds) => [.. clouds.Select(each => each with { Backend = each.Backend with { Cloud = null }, Price = null })];

    /// <param name="price">Dollars for a million tokens, in and out.</param>
    private static Candidate Cloud(string name, decimal price, double slowness = 1) =>
        new(new Backend(name, "openai", "https://api.openai.com:443", name) { Cloud = s_cloud }, 0, default) { Speed = Slow(slowness), Price = new(price, price) };

    private static Candidate Engine(string name) => new(new Backend(name, "builtin", $"/run/{name}", "m"), 0, default) { Speed = s_usual };

    private static Speed Slow(double factor) => s_usual with { PerPromptToken = factor * s_usual.PerPromptToken, PerToken = factor * s_usual.PerToken };
}
