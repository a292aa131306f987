using System.Collections.Immutable;
using CsCheck;
using Helix.Core.Clouds;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

/// <summary>Which of several models is asked first.</summary>
public sealed class ModelOrderTests
{
    private static readonly ChoiceTerms s_terms = new(ModelAbilities.Chat, 1000, [], Balances: true, TimeSpan.FromMinutes(1)) { AnswerTokens = 100 };

    [Fact]
    public void Of_clouds_the_cheapest_goes_first_and_the_dearest_last()
    {
        var order = ModelOrder.Of([Cloud("a", 10), Cloud("b", 1), Cloud("c", 5)], s_terms, comparesWithClouds: false);

        Assert.Equal("b c a", Names(order));
        var contest = Assert.Single(order.Contests);
        Assert.Equal(("b", "c/b", TakenFor.Cost), (contest.Model, contest.Winner.Instance, contest.Taken.For));
    }

    [Theory]
    [InlineData(false, "slow cloud")]
    [InlineData(true, "cloud slow")]
    public void What_is_served_here_goes_before_clouds_unless_the_user_says_that_cost_decides(bool compares, string order) =>
        Assert.Equal(order, Names(ModelOrder.Of([Cloud("cloud", 1), Here("slow", slowness: 10)], s_terms, compares)));

    [Fact]
    public void A_model_here_that_is_fast_enough_goes_before_a_cloud_that_costs() =>
        Assert.Equal("here cloud", Names(ModelOrder.Of([Cloud("cloud", 10), Here("here", slowness: 1.5)], s_terms, comparesWithClouds: true)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_that_has_to_be_waited_for_goes_before_clouds_where_no_other_is_ready_here(bool compares) =>
        Assert.Equal("asleep unknown b a", Names(ModelOrder.Of([Cloud("a", 10), Asleep("asleep"), Unknown("unknown"), Cloud("b", 1)], s_terms, compares)));

    [Theory]
    [InlineData(false, "here asleep cloud")]
    [InlineData(true, "cloud here asleep")]
    public void Where_another_is_ready_it_is_asked_after_that(bool compares, string order) =>
        Assert.Equal(order, Names(ModelOrder.Of([Asleep("asleep"), Cloud("cloud", 0), Here("here", slowness: 10)], s_terms, compares)));

    [Fact]
    public void What_always_says_the_same_is_compared_with_nothing() =>
        Assert.Equal("here cloud test", Names(ModelOrder.Of([Offered("test", Fleets.SelfTest, 0.1), Cloud("cloud", 100), Here("here", slowness: 2)], s_terms, comparesWithClouds: true)));

    [Fact]
    public void A_cloud_that_cannot_be_asked_goes_last()
    {
        var gone = OfCloud("gone", isOffline: true);

        Assert.Equal("b gone", Names(ModelOrder.Of([new("gone", ModelChoice.Of(gone), []), Cloud("b", 100)], s_terms, comparesWithClouds: false)));
    }

    [Fact]
    public void Without_balance_they_stay_as_they_were_written() =>
        Assert.Equal("a b", Names(ModelOrder.Of([Cloud("a", 10), Cloud("b", 1)], s_terms with { Balances = false }, comparesWithClouds: false)));

    [Fact]
    public void Without_balance_no_cloud_goes_first_for_having_been_written_first() =>
        Assert.Equal("here cloud", Names(ModelOrder.Of([Cloud("cloud", 0), Here("here", slowness: 10)], s_terms with { Balances = false }, comparesWithClouds: true)));

    [Fact]
    public void The_cheapest_that_failed_again_and_again_goes_after_the_others()
    {
        var broken = new Breaker(3, 1, s_terms.Now + TimeSpan.FromSeconds(1), OnTrial: false);
        var cheap = Cloud("cheap", 1);

        Assert.Equal("dear cheap", Names(ModelOrder.Of([cheap with { Candidates = [cheap.Candidates[0] with { Breaker = broken }] }, Cloud("dear", 10)], s_terms, comparesWithClouds: false)));
    }

    [Fact]
    public void One_that_was_not_asked_for_long_is_looked_at_when_that_is_saved_up()
    {
        var pace = ContestPace.Start;
        var (asked, looks) = (300, 0);
        for (var at = 0; at < asked; at++)
        {
            var order = ModelOrder.Of([Seen(Cloud("cheap", 1)), Seen(Cloud("dear", 2))], s_terms with { Curiosity = pace.Pace.Curiosity }, comparesWithClouds: false);
            pace = pace.After(order.Contests[0]);
            if (order.Names[0] == "dear") looks++;
        }

        // a look loses 0.11 seconds, and 3 % of 1.6 is saved each time
        Assert.InRange(looks, 10, asked / BackendChoice.LongUnseen);

        OfferedModel Seen(OfferedModel model) => model with { Candidates = [.. model.Candidates.Select(each => each with { Unseen = pace.Unseen(each.Backend.Instance) })] };
    }

    [Fact]
    public void Each_is_asked_once_and_no_cloud_before_what_is_here_unasked() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Int[0, 100]).Array[1, 8], Gen.Bool).Sample((drawn, compares) =>
        {
            ImmutableArray<OfferedModel> models = [.. drawn.Select((each, at) => each.Item1 switch { 0 => Here($"{at}", each.Item2 + 1), 1 => Asleep($"{at}"), 2 => Unknown($"{at}"), _ => Cloud($"{at}", each.Item2) })];
            var order = ModelOrder.Of(models, s_terms, compares);
            var clouds = models.Where(model => model.IsCloud).Select(model => model.Name).ToHashSet();
            Assert.Equal(models.Select(model => model.Name).Order(StringComparer.Ordinal), order.Names.Order(StringComparer.Ordinal));
            if (!compares) Assert.DoesNotContain(order.Names.SkipWhile(name => !clouds.Contains(name)), name => !clouds.Contains(name));
        });

    private static string Names(OrderedModels order) => string.Join(' ', order.Names);

    private static OfferedModel Here(string name, double slowness) => Offered(name, Fleets.Model(name, Fleets.Ready), slowness);

    private static OfferedModel Asleep(string name) => new(name, ModelChoice.Of(Fleets.Model(name, Fleets.Asleep)), []);

    private static OfferedModel Unknown(string name) => new(name, new ModelChoice.Refuse(Routing.Unknown([], name)), []);

    /// <param name="price">Dollars for a million tokens, in and out.</param>
    private static OfferedModel Cloud(string name, decimal price)
    {
        var offered = Offered(name, OfCloud(name, isOffline: false), 1);
        return offered with { Candidates = [offered.Candidates[0] with { Price = new(price, price) }] };
    }

    private static ServedModel OfCloud(string name, bool isOffline) =>
        CloudView.Join([], [new Cloud("c", "C", new("api.example.com", 443, "/v1"), new("sk"), CloudModels.Of([name]), DateTimeOffset.UnixEpoch)], isOffline)[0];

    /// <param name="slowness">At 1, such a request takes 1.508 seconds.</param>
    private static OfferedModel Offered(string name, ServedModel model, double slowness) =>
        new(name, ModelChoice.Of(model), [.. model.Backends.Select(backend => new Candidate(backend, 0, default) { Speed = new(50, 0.0005 * slowness, 0.01 * slowness, 0.4, 0, 0) })]);
}
