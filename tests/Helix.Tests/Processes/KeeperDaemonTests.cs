using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Helix.Core.Processes;
using Helix.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Processes;

public sealed class KeeperDaemonTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_daemon_is_told_its_sockets_its_home_and_its_keeper()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: "echo $HELIX_LISTENERS; echo $HELIX_HOME; echo $HELIX_KEEPER_SOCKET; readlink /proc/self/fd/3 /proc/self/fd/4; exec sleep 1000");

        await Eventually.TrueAsync(() => File.ReadAllLines(house.Home.DaemonLog).Length == 5, "the daemon wrote what it sees");
        var seen = await File.ReadAllLinesAsync(house.Home.DaemonLog, Token);
        Assert.Equal($"3=tcp:{house.Gateway};4=unix:{house.Folder.Socket}", seen[0]);
        Assert.Equal([house.Home.Root, house.Folder.KeeperSocket], seen[1..3]);
        Assert.All(seen[3..], target => Assert.StartsWith("socket:", target, StringComparison.Ordinal));
        Assert.NotEqual(seen[3], seen[4]);
    }

    [Fact]
    public async Task A_killed_daemon_is_back_at_once_and_the_engines_do_not_notice()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        using var client = house.Client();
        var engine = await client.SpawnAsync(house.Shell("engine", "exec sleep 1000"), Token);
        for (var i = 0; i < 20; i++)
        {
            using var watcher = await KeeperLine.OpenAsync(house.Folder, TimeSpan.Zero, TimeProvider.System, Token);
            await watcher.AskAsync(new KeeperRequest("watch"), Token);
            var daemon = house.DaemonPid;
            var begun = TimeProvider.System.GetTimestamp();

            NativeLibc.Kill(daemon, NativeLibc.SignalKill);
            await Eventually.TrueAsync(() => house.DaemonPid != daemon, "another daemon runs");

            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(0.5));
            Assert.True(KeeperHouse.Accepts(house.Gateway));
            Assert.True(KeeperHouse.Accepts(new UnixDomainSocketEndPoint(house.Folder.Socket)));
        }

        Assert.Equal([new KnownProcess(engine, null)], await client.ListAsync(Token));
        Assert.True(KeeperHouse.IsAlive(engine.Pid));
    }

    [Fact]
    public async Task A_daemon_that_never_comes_to_work_is_tried_slower_and_slower()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: "exit 1");

        await Eventually.TrueAsync(() => File.ReadAllText(house.Home.KeeperLog).Contains("exit code 1); it is started again in 400 ms", StringComparison.Ordinal), "the third wait is told");

        var trouble = await KeeperControl.DaemonTroubleAsync(house.Home, TimeProvider.System, Token);
        Assert.Equal("exit code 1", trouble?.Last);
        Assert.True(trouble?.Ends >= 3);
        var waits = File.ReadLines(house.Home.KeeperLog).Where(line => line.Contains("started again in", StringComparison.Ordinal)).Take(3);
        Assert.Equal(["100", "200", "400"], waits.Select(line => line.Split(' ')[^2]));
    }

    [Fact]
    public async Task Renew_puts_a_new_program_in_the_daemons_place_when_the_old_one_is_gone()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: "trap 'echo leaving; exit 0' TERM; echo here; while :; do sleep 0.01; done");
        var old = house.DaemonPid;
        var shell = house.Scratch("another-shell");
        File.Copy("/bin/sh", shell);
        await Eventually.TrueAsync(() => Said(house).SequenceEqual(["here"]), "the first daemon listens to signals");

        Assert.Null(await KeeperControl.RenewAsync(shell, house.Home, TimeProvider.System, Token));

        await Eventually.TrueAsync(() => Said(house).SequenceEqual(["here", "leaving", "here"]), "the second came after the first had gone");
        await Eventually.TrueAsync(() => house.DaemonPid != old, "the pid file names the second");
        Assert.Equal(shell, new FileInfo($"/proc/{house.DaemonPid}/exe").LinkTarget);
    }

    [Fact]
    public async Task A_daemon_that_has_handed_over_is_followed_at_once_and_finishes_in_peace()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: "trap '' TERM; echo here; while :; do sleep 0.01; done");
        var old = house.DaemonPid;
        using var client = house.Client();
        await Eventually.TrueAsync(() => Said(house).SequenceEqual(["here"]), "the first daemon listens to signals");
        await client.RenewAsync("/bin/sh", Token);

        await client.HandedOverAsync(Identity(old), Token);

        await Eventually.TrueAsync(() => house.DaemonPid != old, "another daemon runs");
        Assert.True(KeeperHouse.IsAlive(old));
        NativeLibc.KillGroup(old, NativeLibc.SignalKill);
    }

    [Fact]
    public async Task A_daemon_that_hands_over_unasked_is_followed_too()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        var old = house.DaemonPid;
        using var client = house.Client();

        await client.HandedOverAsync(Identity(old), Token);

        await Eventually.TrueAsync(() => house.DaemonPid != old, "another daemon runs");
        Assert.True(KeeperHouse.IsAlive(old));
        NativeLibc.KillGroup(old, NativeLibc.SignalKill);
    }

    private static ProcessIdentity Identity(int daemon) => new("daemon", daemon, ProcessTable.StartTicks(daemon));

    [Fact]
    public async Task The_next_daemon_gets_the_address_that_was_bound_for_it()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        using var client = house.Client();
        var wanted = KeeperHouse.FreeAddress().ToString();
        var (old, before) = (house.DaemonPid, house.Gateway);

        Assert.Equal(wanted, await client.ListenAsync(wanted, Token));
        Assert.Equal(before, house.Gateway);
        await client.RenewAsync("/bin/sh", Token);

        await Eventually.TrueAsync(() => house.DaemonPid != old, "another daemon runs");
        Assert.Equal(wanted, house.Gateway.ToString());
        Assert.True(KeeperHouse.Accepts(house.Gateway));
        Assert.False(KeeperHouse.Accepts(before));
    }

    [Fact]
    public async Task A_killed_keeper_is_followed_by_another_that_adopts_everything_while_the_sockets_go_on_accepting()
    {
        await using var house = new KeeperHouse();
        Assert.IsType<RunFolderOutcome.Ready>(RunFolder.Prepare(house.Home));
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        tcp.Listen(512);
        using var unix = ListenerSet.BindUnix(house.Folder.Socket);
        var command = new DaemonCommand("/bin/sleep", ["1000"]);
        var log = new KeeperLog(house.Scratch("test.log"), TimeProvider.System);
        new Journal(ProcessTable.BootId(), new ProcessIdentity("keeper", int.MaxValue, 0), [], command, []).Save(house.Folder, log);
        using var revival = new KeeperRevival(
            house.Home, house.Folder,
            new InheritedListeners([new((int)tcp.Handle, ListenerKind.Tcp, tcp.LocalEndPoint!.ToString()!), new((int)unix.Handle, ListenerKind.Unix, house.Folder.Socket)]),
            KeeperHouse.Program, TimeProvider.System, NullLogger<KeeperRevival>.Instance);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = revival.RunAsync(ended.Token);
        using var client = house.Client();
        var engine = await client.SpawnAsync(house.Shell("engine", "exec sleep 1000"), Token);
        await Eventually.TrueAsync(() => File.Exists(house.Folder.PidFile), "the daemon was started");
        var daemon = house.DaemonPid;

        for (var i = 0; i < 5; i++)
        {
            var keeper = Journal.Load(house.Folder)!.Keeper;
            NativeLibc.Kill(keeper.Pid, NativeLibc.SignalKill);
            await Eventually.TrueAsync(
                () =>
                {
                    Assert.True(KeeperHouse.Accepts(tcp.LocalEndPoint!));
                    tcp.Accept().Dispose();
                    return Journal.Load(house.Folder)!.Keeper != keeper;
                },
                "another keeper has taken over");

            Assert.Equal([new KnownProcess(engine, null)], await client.ListAsync(Token));
            Assert.Equal(daemon, house.DaemonPid);
            Assert.True(KeeperHouse.IsAlive(engine.Pid) && KeeperHouse.IsAlive(daemon));
        }

        NativeLibc.Kill(engine.Pid, NativeLibc.SignalKill);
        await Eventually.TrueAsync(
            async () => (await client.ListAsync(Token))[0].Exit is { Code: null, Signal: null }, "the adopted engine's end is known, its reason is not");
        await ended.CancelAsync();
        await running;
        await house.QuitAsync();
    }

    [Fact]
    public async Task The_keeper_goes_on_as_another_program_and_loses_nothing()
    {
        await using var house = new KeeperHouse();
        var keeper = await house.RunAsync();
        using var client = house.Client();
        var engine = await client.SpawnAsync(house.Shell("engine", "while [ ! -e go ]; do sleep 0.01; done; exit 5"), Token);
        var (daemon, gateway) = (house.DaemonPid, house.Gateway);

        Assert.Null(await KeeperControl.ReplaceAsync(KeeperHouse.Program, house.Home, TimeProvider.System, Token));

        Assert.Equal([new KnownProcess(engine, null)], await client.ListAsync(Token));
        await Eventually.TrueAsync(() => File.ReadAllText(house.Home.KeeperLog).Contains($"keeper {keeper} takes over", StringComparison.Ordinal), "the same pid goes on");
        Assert.Equal((daemon, gateway), (house.DaemonPid, house.Gateway));
        Assert.True(KeeperHouse.Accepts(gateway));
        await File.WriteAllTextAsync(house.Scratch("go"), "", Token);
        await Eventually.TrueAsync(async () => (await client.ListAsync(Token))[0].Exit is { Code: 5 }, "a child stays a child: its exit code is known");
    }

    [Fact]
    public async Task When_keeper_and_daemon_are_dead_the_next_start_adopts_the_engines()
    {
        await using var house = new KeeperHouse();
        var keeper = await house.RunAsync();
        var client = house.Client();
        var engine = await client.SpawnAsync(house.Shell("engine", "exec sleep 1000"), Token);
        var brief = await client.SpawnAsync(house.Shell("brief", "exec sleep 1000"), Token);
        client.Dispose();
        await KeeperHouse.KillAsync(keeper);
        await KeeperHouse.KillAsync(house.DaemonPid);
        await KeeperHouse.KillAsync(brief.Pid);

        await house.RunAsync();

        using var next = house.Client();
        Assert.Equal(
            [new KnownProcess(brief, new ProcessExit(brief, null, null)), new KnownProcess(engine, null)],
            (await next.ListAsync(Token)).OrderBy(known => known.Identity.Name, StringComparer.Ordinal));
    }

    [Fact]
    public async Task When_keeper_and_daemon_are_dead_quit_clears_away_what_they_left()
    {
        await using var house = new KeeperHouse();
        var keeper = await house.RunAsync();
        var client = house.Client();
        var engine = await client.SpawnAsync(house.Shell("engine", "exec sleep 1000"), Token);
        client.Dispose();
        var folder = house.Folder.Path;
        await KeeperHouse.KillAsync(keeper);
        await KeeperHouse.KillAsync(house.DaemonPid);

        Assert.True(await house.QuitAsync());

        Assert.False(KeeperHouse.IsAlive(engine.Pid));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_daemon_that_finds_no_keeper_does_not_block_the_next_start_for_ever()
    {
        await using var house = new KeeperHouse();
        var keeper = await house.RunAsync();
        var orphan = house.DaemonPid;
        await KeeperHouse.KillAsync(keeper);

        var started = Assert.IsType<KeeperStart.Started>(await house.StartAsync());

        await Eventually.TrueAsync(() => File.Exists(house.Folder.PidFile) && house.DaemonPid.ToString(CultureInfo.InvariantCulture) is var pid && pid != orphan.ToString(CultureInfo.InvariantCulture), "a new daemon runs");
        await Eventually.TrueAsync(() => !KeeperHouse.IsAlive(orphan), "the orphan is gone");
        await house.QuitAsync();
        NativeLibc.Collect(started.Pid, out _);
    }

    // a shell may add a word of its own on a child that was killed with it
    private static IEnumerable<string> Said(KeeperHouse house) => File.ReadLines(house.Home.DaemonLog).Where(line => line is "here" or "leaving");
}
