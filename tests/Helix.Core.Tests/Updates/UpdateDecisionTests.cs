using Helix.Core.Updates;

namespace Helix.Core.Tests.Updates;

public class UpdateDecisionTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly UpdatePolicy s_policy = new(AutoUpdate: true, TimeSpan.FromDays(3), null);
    private static readonly VersionFacts s_facts = new("1.0", "1.0", "1.1", s_now.AddDays(-4), null, []);

    [Fact]
    public void A_new_version_that_others_had_for_three_days_is_installed() => Assert.Equal(new UpdateDecision.Go("1.1"), Of(s_facts));

    [Fact]
    public void A_newer_one_is_left_to_others_first()
    {
        var wait = Assert.IsType<UpdateDecision.Wait>(Of(s_facts with { FirstSeen = s_now.AddDays(-1) }));

        Assert.Equal(("1.1", s_now.AddDays(2)), (wait.Version, wait.Until));
    }

    [Fact]
    public void What_the_manifest_names_needs_no_quarantine() =>
        Assert.Equal(new UpdateDecision.Go("1.1"), Of(s_facts with { Known = "1.1", FirstSeen = s_now }));

    [Theory]
    [InlineData(null, "1.0", "1.1", null, "not installed")]
    [InlineData("1.0", null, "1.1", null, "cannot be installed here any more")]
    [InlineData("1.0", "1.0", "1.1", "1.0", "1.0 is kept, because it was asked for by name")]
    [InlineData("1.1", "1.0", "1.1", null, "up to date")]
    [InlineData("1.2", "1.0", "1.1", null, "up to date")]
    [InlineData("1.0", "1.0", null, null, "as helix knows it; the newest version is not known")]
    public void Otherwise_it_stays_and_says_why(string? installed, string? known, string? newest, string? pinned, string why) =>
        Assert.Equal(new UpdateDecision.Stay(why), Of(new(installed, known, newest, s_now.AddDays(-9), pinned, [])));

    [Fact]
    public void A_version_that_was_no_good_here_is_not_tried_again_but_the_next_one_is()
    {
        Assert.Equal(new UpdateDecision.Stay("1.1 was tried here, and was no good"), Of(s_facts with { Refused = ["1.1"] }));
        Assert.Equal(new UpdateDecision.Go("1.2"), Of(s_facts with { Refused = ["1.1"], Newest = "1.2" }));
        Assert.Equal(new UpdateDecision.Go("1.1"), Of(s_facts with { Known = "1.1", Newest = "1.2", Refused = ["1.2"] }));
    }

    [Fact]
    public void Where_updates_are_off_it_only_says_that_there_is_one() =>
        Assert.Equal(new UpdateDecision.Stay("1.1 is newer; auto_manager.auto_update is off"), UpdateDecision.Of(s_facts, s_policy with { AutoUpdate = false }, s_now));

    [Theory]
    [InlineData("02:00-05:00", "2026-11-30T02:00:00Z")]
    [InlineData("13:00-14:00", "2026-11-29T13:00:00Z")]
    [InlineData("22:00-02:00", "2026-11-29T22:00:00Z")]
    public void Outside_the_maintenance_window_it_waits_for_it(string window, string until) =>
        Assert.Equal(
            DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture),
            Assert.IsType<UpdateDecision.Wait>(UpdateDecision.Of(s_facts, s_policy with { Window = MaintenanceWindow.Parse(window) }, s_now)).Until);

    [Theory]
    [InlineData("11:00-13:00")]
    [InlineData("22:00-12:01")]
    [InlineData("12:00-11:00")]
    public void Within_it_it_goes_on(string window) =>
        Assert.IsType<UpdateDecision.Go>(UpdateDecision.Of(s_facts, s_policy with { Window = MaintenanceWindow.Parse(window) }, s_now));

    [Theory]
    [InlineData("")]
    [InlineData("2-5")]
    [InlineData("02:00")]
    [InlineData("02:00-02:00")]
    [InlineData("25:00-26:00")]
    public void A_window_is_two_times_of_the_day(string text) => Assert.NotNull(MaintenanceWindow.Refuse(text));

    [Theory]
    [InlineData(null, "1.0", "1.0", "", null)]
    [InlineData("1.1", "1.0", "1.0", "", "1.1")]
    [InlineData("1.1", "1.2", "1.1", "", null)]
    [InlineData("1.1", "1.2", "1.1", "1.2", "1.1")]
    [InlineData(null, "1.2", "1.1", "1.2", "1.1")]
    public void The_wanted_version_is_the_manifests_unless_an_update_went_beyond_it_or_it_was_no_good(string? chosen, string known, string? installed, string refused, string? wanted) =>
        Assert.Equal(wanted, ChosenVersion.Of(chosen, known, installed, refused.Split(',')));

    private static UpdateDecision Of(VersionFacts facts) => UpdateDecision.Of(facts, s_policy, s_now);
}
