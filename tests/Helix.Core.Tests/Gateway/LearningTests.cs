namespace Helix.Core.Tests.Gateway;

/// <summary>Routing over simulated backends and a seeded trace of arrivals.</summary>
public sealed class LearningTests(ITestOutputHelper output)
{
    private const int Requests = 1500;

    [Theory]
    [InlineData(1, 2.5)]
    [InlineData(1, 1.2)]
    [InlineData(2, 2.5)]
    [InlineData(2, 1.2)]
    [InlineData(3, 2.5)]
    [InlineData(3, 1.2)]
    [InlineData(4, 2.5)]
    [InlineData(4, 1.2)]
    [InlineData(5, 2.5)]
    [InlineData(5, 1.2)]
    public void It_keeps_within_a_twentieth_of_the_best_fixed_choice_known_afterwards(int seed, double second)
    {
        double[] speeds = [1, second, 4];
        var best = Enumerable.Range(0, 3).Min(at => new RoutingSimulation(seed, speeds, at).Run(Requests).Average(request => request.Latency));

        var learned = new RoutingSimulation(seed, speeds).Run(Requests).Average(request => request.Latency);

        output.WriteLine($"best fixed {best:0.000} s, learned {learned:0.000} s");
        Assert.True(learned <= 1.05 * best, $"{learned:0.000} s is more than 1.05 × {best:0.000} s");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    public void When_speeds_change_it_follows_within_twenty_requests(int seed)
    {
        const int every = 150;
        double[][] orders = [[1, 2.5, 4], [4, 1, 2.5], [2.5, 4, 1], [1, 4, 2.5], [4, 2.5, 1], [1, 2.5, 4]];
        var done = new RoutingSimulation(seed, orders[0]).Run(every * orders.Length, number => orders[number / every]);

        foreach (var (at, order) in orders.Index())
        {
            var best = Array.IndexOf(order, 1.0);
            var part = done.Skip(at * every).Take(every).ToArray();
            var share = part.Skip(20).Count(request => request.Backend == best) / (double)(every - 20);
            output.WriteLine($"change {at}: {string.Concat(part.Take(40).Select(request => request.Backend))} then {share:0.00} to the best");
            Assert.True(share >= 0.8, $"after change {at} only {share:0.00} of the requests went to the best backend");
        }
    }
}
