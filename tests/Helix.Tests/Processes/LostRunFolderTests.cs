using Helix.Processes;

namespace Helix.Tests.Processes;

/// <summary>What somebody does to the folder of sockets while all runs.</summary>
public sealed class LostRunFolderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_opened_for_others_to_look_at_is_closed_again_and_all_goes_on()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        var (path, daemon) = (house.Folder.Path, house.DaemonPid);
        File.SetUnixFileMode(path, (UnixFileMode)0x1ed);

        Assert.True(await KeeperControl.IsRunningAsync(house.Home, TimeProvider.System, Token));
        Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(path));
        Assert.True(await house.QuitAsync());

        Assert.False(KeeperHouse.IsAlive(daemon));
        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public async Task Without_its_folder_a_helix_that_runs_is_not_started_twice_and_stop_ends_it()
    {
        await using var house = new KeeperHouse();
        var keeper = await house.RunAsync();
        var (folder, daemon) = (house.Folder, house.DaemonPid);
        Directory.Delete(folder.Path, recursive: true);

        var failed = Assert.IsType<KeeperStart.Failed>(await house.StartAsync());

        Assert.Contains($"pid {keeper}", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("helix stop", failed.Remedy, StringComparison.Ordinal);
        Assert.True(KeeperHouse.IsAlive(daemon));
        Assert.True(await house.QuitAsync());
        Assert.False(KeeperHouse.IsAlive(daemon) || KeeperHouse.IsAlive(keeper));
        Assert.Null(PathOwner.Of(house.Home.RunLink));
        Assert.True(NativeLibc.Collect(keeper, out var status) != keeper || status == 0);
    }

    [Fact]
    public async Task With_its_sockets_gone_a_helix_that_runs_is_not_taken_for_stopped()
    {
        await using var house = new KeeperHouse();
        var keeper = await house.RunAsync();
        var daemon = house.DaemonPid;
        foreach (var file in Directory.GetFiles(house.Folder.Path)) File.Delete(file);

        Assert.Contains($"pid {keeper}", Assert.IsType<KeeperStart.Failed>(await house.StartAsync()).Reason, StringComparison.Ordinal);
        Assert.True(await house.QuitAsync());
        Assert.False(KeeperHouse.IsAlive(daemon) || KeeperHouse.IsAlive(keeper));
    }

    [Fact]
    public async Task What_was_stopped_is_told_from_what_was_killed_and_from_what_lives()
    {
        await using var house = new KeeperHouse();
        Assert.Equal(KeeperLife.None, await LookAsync(house));
        var keeper = await house.RunAsync();
        Assert.Equal(KeeperLife.Lives, await LookAsync(house));
        await KeeperHouse.KillAsync(keeper);
        await KeeperHouse.KillAsync(house.DaemonPid);
        Assert.Equal(KeeperLife.Lost, await LookAsync(house));

        await house.QuitAsync();

        Assert.Equal(KeeperLife.None, await LookAsync(house));
    }

    [Fact]
    public async Task A_keeper_without_its_folder_leaves_in_good_order_when_asked_to()
    {
        await using var house = new KeeperHouse();
        var keeper = await house.RunAsync();
        Directory.Delete(house.Folder.Path, recursive: true);

        NativeLibc.Kill(keeper, NativeLibc.SignalTerminate);

        var status = -1;
        await Eventually.TrueAsync(() => NativeLibc.Collect(keeper, out status) == keeper, "the keeper ended");
        Assert.Equal(0, status);
        Assert.Null(PathOwner.Of(house.Home.RunLink));
    }

    private static Task<KeeperLife> LookAsync(KeeperHouse house) => KeeperControl.LookAsync(house.Home, TimeProvider.System, Token);
}
