using Helix.Core.Clouds;

namespace Helix.Core.Tests.Gateway;

/// <summary>Routing over simulated clouds with prices, and a seeded trace of arrivals.</summary>
public sealed class CostLearningTests(ITestOutputHelper output)
{
    private const int Requests = 600;

    private static readonly CloudPrice s_cheap = new(1, 1);
    private static readonly CloudPrice s_dear = new(100, 100);

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void Of_two_that_are_as_fast_the_cheaper_gets_nearly_all(int seed)
    {
        var done = new RoutingSimulation(seed, [1, 1], prices: [s_dear, s_cheap]).Run(Requests);

        var share = done.Count(request => request.Backend == 1) / (double)Requests;
        output.WriteLine($"{share:0.00} to the cheaper");
        Assert.True(share >= 0.9, $"only {share:0.00} of the requests went to the cheaper");
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void One_that_is_cheaper_by_nothing_worth_the_wait_gets_hardly_any(int seed)
    {
        var done = new RoutingSimulation(seed, [1, 20], prices: [new(1.1m, 1.1m), s_cheap]).Run(Requests);

        var share = done.Count(request => request.Backend == 0) / (double)Requests;
        output.WriteLine($"{share:0.00} to the faster");
        Assert.True(share >= 0.9, $"only {share:0.00} of the requests went to the faster");
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void Where_cost_weighs_nothing_each_request_goes_where_it_went_at_one_price(int seed) =>
        Assert.Equal(new RoutingSimulation(seed, [1, 2.5, 4], prices: [s_cheap, s_cheap, s_cheap], cent: 0).Run(Requests), new RoutingSimulation(seed, [1, 2.5, 4], prices: [s_dear, s_cheap, s_cheap], cent: 0).Run(Requests));
}
