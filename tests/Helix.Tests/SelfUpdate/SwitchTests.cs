using Helix.Core.History;
using Helix.SelfUpdate;
using Helix.Storage;
using Helix.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.SelfUpdate;

/// <summary>What a daemon makes of a switch that it finds begun. How one goes well, or is given up, is shown with the published program.</summary>
public sealed class SwitchTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_switch_that_something_else_came_between_is_forgotten_and_the_release_may_be_tried_again()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        Directory.CreateDirectory(house.Home.State);
        using var client = house.Client();
        var releases = new HelixReleases(house.Home);
        releases.Remember(SelfUpdateMemory.Empty with { Switch = new("2", "/opt/helix/helix", "abcd", s_now) });
        var told = new List<HistoryEvent>();
        var tools = new SwitchTools("/opt/other/helix", client, _ => Task.FromResult<int?>(null), _ => Task.CompletedTask, () => []);

        await new ReleaseSwitch(releases, house.Home, tools, told.Add, TimeProvider.System, NullLogger<ReleaseSwitch>.Instance).MeetAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);

        Assert.Null(releases.Memory.Switch);
        Assert.Empty(releases.Memory.Refused);
        Assert.Equal((HistoryKind.Update, "overtaken"), Assert.Single(told) is var only ? (only.Kind, only.What) : default);
    }

    [Fact]
    public async Task A_release_that_the_keeper_gave_up_is_left_and_refused()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: "while :; do sleep 0.01; done");
        using var client = house.Client();
        var releases = new HelixReleases(house.Home);
        var staged = releases.Begin();
        await File.WriteAllTextAsync(Path.Combine(staged, "helix"), "#!/bin/sh\nexit 3\n");
        File.SetUnixFileMode(Path.Combine(staged, "helix"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var release = releases.Finish(new("2", staged, s_now, "a test", "abcd", "2"), staged);
        // it had answered once
        releases.Use("2");
        var told = new List<HistoryEvent>();
        var tools = new SwitchTools("/bin/sh", client, _ => Task.FromResult<int?>(null), path => File.WriteAllTextAsync(path, "a copy"), () => []);
        var change = new ReleaseSwitch(releases, house.Home, tools, told.Add, TimeProvider.System, NullLogger<ReleaseSwitch>.Instance);
        Directory.CreateDirectory(house.Home.State);

        await change.ToAsync(release, TimeSpan.Zero);
        await Eventually.TrueAsync(async () => await client.UndoneAsync(TestContext.Current.CancellationToken) is not null, "the keeper gave it up");
        await change.MeetAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);

        Assert.Null(releases.Current);
        Assert.Equal(["2", "abcd"], releases.Memory.Refused);
        Assert.Equal([(HistoryKind.Update, "switching"), (HistoryKind.Update, "rolled_back"), (HistoryKind.Alert, "update_rolled_back")], told.Select(each => (each.Kind, each.What)));
        Assert.Contains("exit code 3", told[^1].Words, StringComparison.Ordinal);
        Assert.False(File.Exists(KeptDatabase.PathIn(house.Home)));
    }

    [Fact]
    public void What_the_new_release_made_of_the_database_is_taken_back_where_the_one_before_cannot_read_it()
    {
        using var temporary = new Fakes.TemporaryHome();
        var home = temporary.Home;
        using (var connection = DatabaseFile.Open(home.Database)) DatabaseFile.Copy(connection, KeptDatabase.PathIn(home));
        new HelixReleases(home).Remember(SelfUpdateMemory.Empty with { Switch = new("2", "/opt/helix/helix", null, s_now) });
        Directory.CreateDirectory(Path.Combine(home.Releases, "versions", "2"));

        KeptDatabase.PutBack(home, "/opt/helix/helix", s_now);
        Assert.True(File.Exists(KeptDatabase.PathIn(home)), "what can be read is left as it is");

        using (var connection = DatabaseFile.Open(home.Database)) connection.Run("PRAGMA user_version = 999");
        KeptDatabase.PutBack(home, Path.Combine(home.Releases, "versions", "2", "helix"), s_now);
        Assert.NotNull(DatabaseFile.Refusal(home.Database));
        KeptDatabase.PutBack(home, "/opt/helix/helix", s_now);

        Assert.Null(DatabaseFile.Refusal(home.Database));
        Assert.True(File.Exists(home.Database + ".damaged-20261129-120000"), "nothing is thrown away");
    }
}
