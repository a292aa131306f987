using Helix.Core.Install;

namespace Helix.Core.Tests.Install;

public sealed class CleanupTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private static readonly CleanupListing s_nothing = new(s_now, [], [], [], [], ["helix", "mine"], []);

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    public void A_release_goes_when_no_link_leads_to_it_and_nothing_runs_from_it(bool isLinked, bool isRun, bool goes)
    {
        var provider = Provider() with { Releases = [new("1", Item("/p/mine/versions/1", 5), isLinked, isRun)] };

        Assert.Equal(goes ? ["Release /p/mine/versions/1"] : [], Words(s_nothing with { Providers = [provider] }));
    }

    [Theory]
    [InlineData(false, false, "Staging /s, Temporary /t")]
    [InlineData(false, true, "Staging /s")]
    [InlineData(true, false, "")]
    [InlineData(true, true, "")]
    public void What_is_left_in_the_folders_of_a_provider_goes_unless_somebody_works_there(bool isWorkedOn, bool isAlive, string goes)
    {
        var provider = Provider() with { IsWorkedOn = isWorkedOn, IsAlive = isAlive, Staging = [Item("/s", 1)], Temporary = [Item("/t", 1)] };

        Assert.Equal(goes, string.Join(", ", Words(s_nothing with { Providers = [provider] })));
    }

    [Fact]
    public void Downloads_and_checkouts_go_when_no_version_needs_them()
    {
        var listing = s_nothing with
        {
            Cached = [new(CleanupKind.Download, Item("/d/a", 1), "a"), new(CleanupKind.Download, Item("/d/b", 1), "b"), new(CleanupKind.Checkout, Item("/g/c", 1), "c")],
            Needed = ["a", "x"],
        };

        Assert.Equal(["Download /d/b", "Checkout /g/c"], Words(listing));
    }

    [Theory]
    [InlineData(23, false)]
    [InlineData(25, true)]
    public void Half_a_download_goes_after_a_day_even_where_it_is_needed(int hours, bool goes)
    {
        var listing = s_nothing with { Cached = [new(CleanupKind.Part, new("/d/a.part", 1, s_now.AddHours(-hours)), "a")], Needed = ["a"] };

        Assert.Equal(goes, Cleanup.Of(listing).Length == 1);
    }

    [Theory]
    [InlineData(false, "Build /w/mine, Build /w/other")]
    [InlineData(true, "Build /w/other")]
    public void A_build_that_was_broken_off_goes_unless_it_is_to_be_gone_on_with(bool isWanted, string goes)
    {
        var listing = s_nothing with
        {
            Providers = [Provider() with { IsWanted = isWanted }],
            Cached = [new(CleanupKind.Build, Item("/w/mine", 1), "mine-1-abc", "mine"), new(CleanupKind.Build, Item("/w/other", 1), "other")],
        };

        Assert.Equal(goes, string.Join(", ", Words(listing)));
    }

    [Fact]
    public void The_caches_of_package_clients_stay_while_anything_is_installed()
    {
        var listing = s_nothing with { Providers = [Provider()], Cached = [new(CleanupKind.PackageCache, Item("/d/npm", 1), "npm")] };

        Assert.Equal(["PackageCache /d/npm"], Words(listing));
        Assert.Empty(Words(listing with { Providers = [Provider() with { IsWorkedOn = true }] }));
    }

    [Fact]
    public void Older_logs_go_and_all_logs_of_what_is_gone()
    {
        var listing = s_nothing with
        {
            Logs =
            [
                new("helix", Item("/l/helix/daemon.log", 1)), new("helix", Item("/l/helix/daemon.log.1", 1)), new("mine", Item("/l/mine/a.log.2", 1)), new("mine", Item("/l/mine/a.log.21", 1)), new("gone", Item("/l/gone/x.log", 1)),
            ],
        };

        Assert.Equal(["Log /l/helix/daemon.log.1", "Log /l/mine/a.log.2", "Log /l/gone/x.log"], Words(listing));
    }

    [Fact]
    public void Each_thing_says_what_it_is()
    {
        var listing = s_nothing with
        {
            Providers = [Provider() with { Releases = [new("b1+vulkan", Item("/r", 1), false, false)] }],
            Weights = [Item("/m/blobs/sha256-ab", 7)],
        };

        Assert.Equal(
            ["mine b1+vulkan, neither in use nor the one before", "weights that no model names; to keep them: helix models add /m/blobs/sha256-ab --name NAME --move"],
            Cleanup.Of(listing).Select(item => item.What));
    }

    private static DiskProvider Provider() => new("mine", false, false, false, [], [], []);

    private static DiskItem Item(string path, long bytes) => new(path, bytes, s_now);

    private static IEnumerable<string> Words(CleanupListing listing) => Cleanup.Of(listing).Select(item => $"{item.Kind} {item.Item.Path}");
}
