using CsCheck;
using Helix.Core.Configuration;

namespace Helix.Core.Tests.Configuration;

public sealed class NearestTests
{
    [Theory]
    [InlineData("strat", "start")]
    [InlineData("stats", "status")]
    [InlineData("staus", "status")]
    [InlineData("interval", "check_interval")]
    [InlineData("xylophone", null)]
    [InlineData("", null)]
    public void The_word_that_was_meant_is_found(string given, string? meant) =>
        Assert.Equal(meant, Nearest.To(given, ["start", "stop", "status", "check_interval"]));

    [Fact]
    public void Swapped_neighbours_are_one_mistake() => Assert.Equal(1, Nearest.Distance("strat", "start"));

    [Fact]
    public void Distance_is_symmetric_and_zero_only_for_equal_words() =>
        Gen.Select(Gen.String[Gen.Char['a', 'd'], 0, 8], Gen.String[Gen.Char['a', 'd'], 0, 8]).Sample((left, right) =>
            Nearest.Distance(left, right) == Nearest.Distance(right, left) && Nearest.Distance(left, right) == 0 == (left == right));
}
