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

    [Fact]
    public void An_engine_with_a_release_each_day_gets_the_newest_that_others_had_for_three_days()
    {
        SeenVersion[] seen = [.. Enumerable.Range(1, 9).Select(days => new SeenVersion($"1.{20 - days}", s_now.AddDays(-days)))];
        var facts = s_facts with { Newest = "1.20", FirstSeen = s_now.AddHours(-3), Earlier = [.. seen] };

        Assert.Equal(new UpdateDecision.Go("1.17"), Of(facts));
        Assert.Equal(new UpdateDecision.Go("1.16"), Of(facts with { Refused = ["1.17"] }));
        // the next one to be old enough is waited for
        Assert.Equal(("1.18", s_now.AddDays(1)), Assert.IsType<UpdateDecision.Wait>(Of(facts with { Installed = "1.17" })) is var wait ? (wait.Version, wait.Until) : default);
    }

    [Fact]
    public void While_the_newest_is_left_to_others_what_the_manifest_names_is_installed() =>
        Assert.Equal(new UpdateDecision.Go("1.1"), Of(s_facts with { Known = "1.1", Newest = "1.2", FirstSeen = s_now }));

    [Fact]
    public void Of_names_that_are_no_numbers_only_what_was_seen_after_the_installation_counts_as_newer()
    {
        var facts = s_facts with { Installed = "c", Known = "a", Beyond = "a", Newest = "f", FirstSeen = s_now, InstalledAt = s_now.AddDays(-5), Earlier = [new("e", s_now.AddDays(-4)), new("b", s_now.AddDays(-9)), new("a", s_now.AddDays(-12))] };

        Assert.Equal(new UpdateDecision.Go("e"), Of(facts));
        Assert.Equal("f", Assert.IsType<UpdateDecision.Wait>(Of(facts with { InstalledAt = s_now.AddDays(-3) })).Version);
        // the manifest's, beyond which an update went, is not gone back to
        Assert.Equal(new UpdateDecision.Stay("up to date"), Of(facts with { Installed = "f" } with { InstalledAt = s_now, Earlier = [] }));
        Assert.Equal(new UpdateDecision.Go("g"), Of(facts with { Known = "g" }));
        Assert.Equal(new UpdateDecision.Go("e"), Of(facts with { Installed = "a", Beyond = null }));
    }

    [Fact]
    public void What_could_not_be_brought_into_use_is_tried_again_later_and_later_and_others_are_not_kept_waiting()
    {
        var failed = FailedTry.After(null, "1.1", s_now.AddHours(-1));
        var facts = s_facts with { Known = "1.1", Newest = "1.1", Failed = failed };

        Assert.Equal(s_now.AddHours(23), Assert.IsType<UpdateDecision.Wait>(Of(facts)).Until);
        Assert.Equal(new UpdateDecision.Go("1.1"), UpdateDecision.Of(facts, s_policy, s_now.AddHours(23)));
        Assert.Equal(new UpdateDecision.Go("1.2"), Of(facts with { Newest = "1.2", FirstSeen = s_now.AddDays(-4) }));

        int[] days = [1, 2, 4, 7, 7];
        foreach (var each in days)
        {
            Assert.Equal(failed.At.AddDays(each), failed.Next());
            failed = FailedTry.After(failed, "1.1", failed.Next());
        }

        Assert.Equal(1, FailedTry.After(failed, "1.2", s_now).Times);
    }

    [Fact]
    public void The_next_look_comes_sooner_where_something_becomes_due_before_its_turn()
    {
        UpdateDecision[] decided = [new UpdateDecision.Stay(""), Wait(50), Wait(20), Wait(90)];

        Assert.Equal(s_now.AddMinutes(20), UpdateDecision.Sooner(decided, s_now, s_now.AddHours(1)));
        Assert.Null(UpdateDecision.Sooner([Wait(60), Wait(90)], s_now, s_now.AddHours(1)));

        static UpdateDecision.Wait Wait(int minutes) => new("1.1", "", s_now.AddMinutes(minutes));
    }

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

    [Fact]
    public void Of_names_that_are_no_numbers_the_one_that_an_update_went_beyond_is_older()
    {
        Assert.Equal("abcdef", ChosenVersion.Of("abcdef", "123456", "abcdef", [], "123456"));
        Assert.Null(ChosenVersion.Of("abcdef", "654321", "abcdef", [], "123456"));
    }

    private static UpdateDecision Of(VersionFacts facts) => UpdateDecision.Of(facts, s_policy, s_now);
}
