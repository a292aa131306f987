using System.Collections.Immutable;
using Helix.Core.SelfUpdate;
using Helix.Core.Updates;

namespace Helix.Core.Tests.SelfUpdate;

public class SelfUpdateDecisionTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly UpdatePolicy s_policy = new(AutoUpdate: true, TimeSpan.FromDays(3), null);
    private static readonly CloneFacts s_clone = new("main", "/srv/helix.git", "aaaa", 0);
    /// <summary>One commit a day and a half, the newest today.</summary>
    private static readonly ImmutableArray<SeenCommit> s_seen = [new("aaaa", s_now.AddDays(-6)), new("bbbb", s_now.AddDays(-4.5)), new("cccc", s_now.AddDays(-3)), new("dddd", s_now)];
    private static readonly RemoteFacts s_remote = new("dddd", Follows: true, ["bbbb", "cccc", "dddd"]);

    [Theory]
    [InlineData(null, "/srv/helix.git", 0, "no branch is checked out in helix's clone")]
    [InlineData("main", null, 0, "the branch main of helix's clone is fetched from nowhere")]
    [InlineData("main", "/srv/helix.git", 1, "helix's clone was changed by hand (1 file is not as committed)")]
    [InlineData("main", "/srv/helix.git", 2, "helix's clone was changed by hand (2 files are not as committed)")]
    [InlineData("main", "/srv/helix.git", 0, null)]
    public void A_clone_that_somebody_works_in_is_left_alone(string? branch, string? remote, int changes, string? why) =>
        Assert.Equal(why, SelfUpdateDecision.Refusal(new(branch, remote, "aaaa", changes)));

    [Fact]
    public void The_newest_commit_that_others_had_for_three_days_is_built() => Assert.Equal(new UpdateDecision.Go("cccc"), Of());

    [Fact]
    public void What_is_newer_than_that_waits()
    {
        var wait = Assert.IsType<UpdateDecision.Wait>(Of(running: "cccc", remote: s_remote with { Ahead = ["dddd"] }));

        Assert.Equal(("dddd", s_now.AddDays(3)), (wait.Version, wait.Until));
    }

    [Fact]
    public void Whoever_asks_by_hand_gets_the_newest_at_once() =>
        Assert.Equal(new UpdateDecision.Go("dddd"), Of(policy: s_policy with { Quarantine = TimeSpan.Zero }));

    [Fact]
    public void What_was_no_good_here_is_not_tried_again_and_the_next_one_is()
    {
        Assert.Equal(new UpdateDecision.Go("bbbb"), Of(refused: ["cccc"]));
        Assert.Equal(new UpdateDecision.Stay("dddd was tried here, and was no good"), Of(running: "cccc", remote: s_remote with { Ahead = ["dddd"] }, refused: ["dddd"]));
    }

    [Fact]
    public void What_was_taken_back_is_not_built_although_it_had_been_there_for_three_days() =>
        Assert.Equal(new UpdateDecision.Go("bbbb"), Of(remote: s_remote with { Ahead = ["bbbb", "dddd"] }));

    /// <summary>The clone was brought to a commit that helix never saw as the newest.</summary>
    [Fact]
    public void It_never_goes_back_behind_what_runs() =>
        Assert.Equal("dddd", Assert.IsType<UpdateDecision.Wait>(Of(running: "c2c2", clone: s_clone with { Head = "c2c2" }, remote: s_remote with { Ahead = ["dddd"] })).Version);

    [Theory]
    [InlineData("dddd", "aaaa", true, "up to date")]
    [InlineData("aaaa", "dddd", true, "helix's clone has the newest version already; \"./helix restart\" builds and takes it")]
    [InlineData("aaaa", "aaaa", false, "helix's clone and main of /srv/helix.git have gone different ways")]
    public void Otherwise_it_stays_and_says_why(string running, string head, bool follows, string why) =>
        Assert.Equal(new UpdateDecision.Stay(why), Of(running: running, clone: s_clone with { Head = head }, remote: s_remote with { Follows = follows }));

    [Fact]
    public void Where_updates_are_off_it_only_says_that_there_is_one() =>
        Assert.Equal(new UpdateDecision.Stay("dddd is newer; auto_manager.auto_update or updates.helix is off"), Of(policy: s_policy with { AutoUpdate = false }));

    [Fact]
    public void Outside_the_maintenance_window_it_waits_for_it() =>
        Assert.Equal(s_now.Date.AddDays(1).AddHours(2), Assert.IsType<UpdateDecision.Wait>(Of(policy: s_policy with { Window = MaintenanceWindow.Parse("02:00-05:00") })).Until.UtcDateTime);

    [Fact]
    public void A_commit_is_noted_once_with_the_moment_at_which_it_was_first_seen()
    {
        Assert.Equal(s_seen[1..], SelfUpdateDecision.Note(s_seen[1..], s_remote, s_now));
        Assert.Equal([.. s_seen[1..], new("eeee", s_now)], SelfUpdateDecision.Note(s_seen[1..], new("eeee", Follows: true, [.. s_remote.Ahead, "eeee"]), s_now));
    }

    [Fact]
    public void What_was_taken_back_is_new_when_it_comes_again()
    {
        var without = SelfUpdateDecision.Note(s_seen[1..], s_remote with { Ahead = ["bbbb", "dddd"] }, s_now);

        Assert.Equal(["bbbb", "dddd"], without.Select(each => each.Commit));
        Assert.Equal(new("cccc", s_now), SelfUpdateDecision.Note(without, new("cccc", Follows: true, ["bbbb", "cccc"]), s_now)[^1]);
    }

    [Fact]
    public void While_the_clone_has_gone_another_way_nothing_is_forgotten() =>
        Assert.Equal(s_seen, SelfUpdateDecision.Note(s_seen, new("dddd", Follows: false, []), s_now));

    [Theory]
    [InlineData(true, null, null)]
    [InlineData(true, "11:00-13:00", null)]
    [InlineData(true, "10:00-12:00", "the maintenance window closed while it was built; it is taken when that opens again (10:00-12:00 UTC)")]
    [InlineData(false, null, "auto_manager.auto_update or updates.helix was switched off while it was built")]
    public void What_was_built_too_late_is_not_taken_now(bool autoUpdate, string? window, string? why) =>
        Assert.Equal(why, SelfUpdateDecision.Late(s_policy with { AutoUpdate = autoUpdate, Window = window is null ? null : MaintenanceWindow.Parse(window) }, s_now));

    [Fact]
    public void Not_every_commit_is_remembered_for_ever()
    {
        ImmutableArray<SeenCommit> seen = [];
        for (var number = 0; number < 200; number++) seen = SelfUpdateDecision.Note(seen, new($"{number}", Follows: true, [.. seen.Select(each => each.Commit)]), s_now);

        Assert.Equal((50, "199"), (seen.Length, seen[^1].Commit));
    }

    private static UpdateDecision Of(string running = "aaaa", CloneFacts? clone = null, RemoteFacts? remote = null, string[]? refused = null, UpdatePolicy? policy = null) =>
        SelfUpdateDecision.Of(clone ?? s_clone, remote ?? s_remote, running, s_seen, refused ?? [], policy ?? s_policy, s_now);
}
