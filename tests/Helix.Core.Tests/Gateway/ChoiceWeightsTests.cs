using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class ChoiceWeightsTests
{
    [Theory]
    [InlineData("", 1.0, 1.0, 1.0, false)]
    [InlineData("response_time=3,throughput=1", 1.5, 0.5, 1.0, false)]
    [InlineData("response_time=1", 1.9, 0.1, 1.0, false)]
    [InlineData("response_time=0,throughput=0", 1.0, 1.0, 1.0, false)]
    [InlineData("response_time=0.5,throughput=0.5,cost=0.5", 1.0, 1.0, 1.0, true)]
    [InlineData("response_time=1,throughput=1,cost=4", 1.0, 1.0, 4.0, true)]
    [InlineData("response_time=3,throughput=1,cost=2", 1.5, 0.5, 1.0, true)]
    [InlineData("cost=0", 1.0, 1.0, 0.0, false)]
    [InlineData("cost=0.001", 1.0, 1.0, 100.0, true)]
    [InlineData("response_time=0.001,cost=1000000", 1.9, 0.1, 100.0, true)]
    public void Weights_say_as_how_many_seconds_everything_counts(string written, double first, double answer, double cent, bool comparesWithClouds)
    {
        var weights = ChoiceWeights.Of(Map(written));

        Assert.Equal((first, answer, cent, comparesWithClouds), (Math.Round(weights.FirstToken, 9), Math.Round(weights.Answer, 9), Math.Round(weights.Cent, 9), weights.ComparesWithClouds));
    }

    [Fact]
    public void Without_the_setting_times_count_alike_and_a_cent_as_a_second() => Assert.Equal(new ChoiceWeights(1, 1, 1, false), ChoiceWeights.Of(null));

    [Fact]
    public void Whatever_is_written_each_is_a_number_and_times_add_up() =>
        Gen.Select(Gen.Double[0, 1e6], Gen.Double[0, 1e6], Gen.Double[0, 1e6]).Sample((first, answer, cost) =>
        {
            var weights = ChoiceWeights.Of(new Dictionary<string, double> { [ChoiceWeights.ResponseTime] = first, [ChoiceWeights.Throughput] = answer, [ChoiceWeights.Cost] = cost });
            return Math.Abs(weights.FirstToken + weights.Answer - 2) < 1e-9 && weights.FirstToken > 0 && weights.Answer > 0 && weights.Cent is >= 0 and <= ChoiceWeights.MostCent;
        });

    private static Dictionary<string, double> Map(string written) =>
        written.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => double.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture));
}
