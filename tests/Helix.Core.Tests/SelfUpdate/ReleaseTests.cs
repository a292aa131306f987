using Helix.Core.SelfUpdate;

namespace Helix.Core.Tests.SelfUpdate;

public class ReleaseTests
{
    private static readonly DateTimeOffset s_monday = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(false, 0, null, false)]
    [InlineData(false, 0, 1, true)]
    [InlineData(false, 1, 0, false)]
    [InlineData(false, 0, 0, false)]
    [InlineData(true, 1, 0, true)]
    [InlineData(true, 0, null, false)]
    public void What_came_last_is_used_and_of_two_releases_the_one_in_use(bool isRelease, int built, int? installed, bool release) =>
        Assert.Equal(release, ReleaseChoice.IsReleaseUsed(isRelease, s_monday.AddDays(built), installed is { } days ? s_monday.AddDays(days) : null));

    [Theory]
    [InlineData("0.2.0", "0.2.0")]
    [InlineData(" 0.2.0\n", "0.2.0")]
    [InlineData("0.1.0+c6558f6dca4e9b1f", "0.1.0+c6558f6d")]
    [InlineData("0.1.0+c6558f6d", "0.1.0+c6558f6d")]
    [InlineData("0.1.0+nightly-build", "0.1.0+nightly-build")]
    [InlineData("", null)]
    [InlineData("..", null)]
    [InlineData("../x", null)]
    [InlineData("a/b", null)]
    [InlineData("a b", null)]
    [InlineData(".hidden", null)]
    [InlineData("-x", null)]
    [InlineData("ä", null)]
    public void A_releases_name_is_a_folders_name_and_nothing_else(string text, string? label) => Assert.Equal(label, ReleaseLabel.Of(text));

    [Fact]
    public void A_name_has_an_end()
    {
        Assert.NotNull(ReleaseLabel.Of(new string('a', 80)));
        Assert.Null(ReleaseLabel.Of(new string('a', 81)));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1.5, 5)]
    [InlineData(4, 12)]
    [InlineData(100, 60)]
    public void A_new_release_gets_five_seconds_or_three_times_what_the_one_before_took(double took, double patience) =>
        Assert.Equal(TimeSpan.FromSeconds(patience), SwitchPatience.Of(TimeSpan.FromSeconds(took)));

    [Theory]
    [InlineData("2", "2", null, "Arrived")]
    [InlineData("2", "2", "an earlier one was given up", "Arrived")]
    [InlineData("2", "1", "no answer", "GivenUp")]
    [InlineData("2", null, "no answer", "GivenUp")]
    [InlineData("2", "1", null, "Overtaken")]
    [InlineData("2", null, null, "Overtaken")]
    public void Who_starts_in_the_middle_of_a_switch_knows_what_became_of_it(string to, string? own, string? undone, string meaning) =>
        Assert.Equal(meaning, SwitchMeanings.Of(to, own, undone).ToString());
}
