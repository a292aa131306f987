using System.Net;
using System.Net.Sockets;
using Helix.Processes;

namespace Helix.Tests.Processes;

public sealed class KeeperTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_started_program_is_listed_and_its_end_is_told_and_kept_until_it_is_acknowledged()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        using var client = house.Client();
        await using var ends = client.WatchAsync(Token).GetAsyncEnumerator(Token);
        var next = ends.MoveNextAsync();

        var process = await client.SpawnAsync(house.Shell("engine", "read line < go 2>/dev/null; while [ ! -e go ]; do sleep 0.01; done; exit 7"), Token);
        Assert.Equal([new KnownProcess(process, null)], await client.ListAsync(Token));
        await File.WriteAllTextAsync(house.Scratch("go"), "", Token);

        Assert.True(await next);
        Assert.Equal(new ProcessExit(process, 7, null), ends.Current);
        Assert.Equal([new KnownProcess(process, ends.Current)], await client.ListAsync(Token));
        await client.AcknowledgeAsync(process, Token);
        Assert.Empty(await client.ListAsync(Token));
    }

    [Fact]
    public async Task A_program_has_the_environment_the_folder_and_the_log_it_was_given_and_a_session_of_its_own()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        using var client = house.Client();
        var spec = house.Shell("engine", "echo $GREETING; pwd >&2; ls /proc/self/fd; exec sleep 1000") with
        {
            Environment = new Dictionary<string, string> { ["GREETING"] = "grüß dich", ["PATH"] = "/usr/bin:/bin" },
            LogFile = house.Scratch("deep/engine.log"),
        };

        var process = await client.SpawnAsync(spec, Token);

        // 3 is the folder that ls itself reads
        var expected = $"grüß dich\n{house.Home.Root}\n0\n1\n2\n3\n";
        await Eventually.TrueAsync(() => File.ReadAllText(spec.LogFile) == expected, "the log holds both outputs, and nothing more was inherited");
        var stat = ProcessTable.Read(process.Pid)!;
        Assert.Equal((process.Pid, process.Pid, process.StartTicks), (stat.Session, stat.Group, stat.StartTicks));
    }

    [Fact]
    public async Task A_name_is_given_to_one_live_process_only_and_the_refusal_says_who_has_it()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        using var client = house.Client();
        var first = await client.SpawnAsync(house.Shell("engine", "exec sleep 1000"), Token);

        var refusal = await Assert.ThrowsAsync<SpawnFailedException>(() => client.SpawnAsync(house.Shell("engine", "exec sleep 1000"), Token));

        Assert.Equal(first, refusal.Holder);
        await client.SignalAsync(first, ProcessSignal.Kill, Token);
        await Eventually.TrueAsync(async () => (await client.ListAsync(Token))[0].Exit is { Signal: 9 }, "the end by signal 9 is known");
        Assert.NotEqual(first, await client.SpawnAsync(house.Shell("engine", "exec sleep 1000"), Token));
    }

    [Fact]
    public async Task A_signal_reaches_the_whole_group_and_what_is_left_of_it_dies_with_its_leader()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        using var client = house.Client();
        var process = await client.SpawnAsync(house.Shell("engine", "(trap '' TERM; echo $$ > shell; sleep 1000 & echo $! > grandchild; wait) & wait"), Token);
        await Eventually.TrueAsync(() => File.Exists(house.Scratch("grandchild")) && File.ReadAllText(house.Scratch("grandchild")).EndsWith('\n'), "the grandchild runs");
        var grandchild = int.Parse(await File.ReadAllTextAsync(house.Scratch("grandchild"), Token), System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(KeeperHouse.IsAlive(grandchild));

        await client.SignalAsync(process, ProcessSignal.Terminate, Token);

        await Eventually.TrueAsync(() => !KeeperHouse.IsAlive(process.Pid) && !KeeperHouse.IsAlive(grandchild), "the whole group is gone");
    }

    [Fact]
    public async Task A_signal_for_a_process_that_is_no_longer_the_same_does_nothing()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        using var client = house.Client();
        var process = await client.SpawnAsync(house.Shell("engine", "exec sleep 1000"), Token);

        await client.SignalAsync(process with { StartTicks = process.StartTicks - 1 }, ProcessSignal.Kill, Token);
        await client.SignalAsync(process with { Name = "another" }, ProcessSignal.Kill, Token);

        Assert.Equal([new KnownProcess(process, null)], await client.ListAsync(Token));
        Assert.True(KeeperHouse.IsAlive(process.Pid));
    }

    [Theory]
    [InlineData("/nowhere/at/all", "no such file")]
    [InlineData("relative", "absolute")]
    [InlineData("/etc/passwd", "Permission denied")]
    public async Task A_program_that_cannot_be_started_is_refused_with_the_reason(string program, string reason)
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        using var client = house.Client();

        var refusal = await Assert.ThrowsAsync<SpawnFailedException>(() => client.SpawnAsync(house.Shell("engine", "") with { FileName = program }, Token));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await client.ListAsync(Token));
    }

    [Fact]
    public async Task Nonsense_on_the_socket_is_answered_and_harms_nothing()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(house.Folder.KeeperSocket), Token);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);

        foreach (var line in new[] { "{", "null", "[]", "{\"word\":\"dance\"}", "{\"word\":\"spawn\"}", "{\"more\":1}", "{\"word\":\"try\",\"file\":\"/bin/sh\"}", "{\"word\":\"listen\",\"address\":\"x\"}", "{\"word\":\"renew\",\"file\":\"x\"}" })
        {
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"), Token);
            Assert.StartsWith("{\"error\":\"", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
        }

        await stream.WriteAsync("{\"word\":\"list\"}\n"u8.ToArray(), Token);
        Assert.Contains("\"processes\":[]", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_that_start_at_once_are_told_apart()
    {
        await using var house = new KeeperHouse();
        var starts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => house.StartAsync()));

        Assert.Single(starts.OfType<KeeperStart.Started>());
        Assert.Equal(3, starts.OfType<KeeperStart.RunsAlready>().Count());
        Assert.Equal(KeeperVerb.AnotherKeeper, KeeperVerb.Run(["--home", house.Home.Root]));
    }

    [Fact]
    public async Task A_port_that_somebody_else_has_is_passed_over()
    {
        await using var house = new KeeperHouse();
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var wanted = (IPEndPoint)other.LocalEndPoint!;

        await house.RunAsync(wanted);

        Assert.InRange(house.Gateway.Port, wanted.Port + 1, wanted.Port + 64);
        Assert.True(KeeperHouse.Accepts(house.Gateway));
    }

    [Fact]
    public async Task Two_homes_that_want_one_port_get_two()
    {
        await using var first = new KeeperHouse();
        await using var second = new KeeperHouse();
        var wanted = KeeperHouse.FreeAddress();

        await first.RunAsync(wanted);
        await second.RunAsync(wanted);

        Assert.Equal(wanted, first.Gateway);
        Assert.InRange(second.Gateway.Port, wanted.Port + 1, wanted.Port + 64);
    }

    [Fact]
    public async Task An_address_that_is_not_of_this_machine_is_refused_in_words()
    {
        await using var house = new KeeperHouse();

        var failed = Assert.IsType<KeeperStart.Failed>(await house.StartAsync(IPEndPoint.Parse("192.0.2.1:4359")));

        Assert.Contains("helix cannot listen on 192.0.2.1:4359", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quit_leaves_no_process_no_socket_and_no_file()
    {
        await using var house = new KeeperHouse();
        var keeper = await house.RunAsync(daemon: "trap 'sleep 0.1; exit 0' TERM; while :; do sleep 0.05; done");
        var (folder, gateway, daemon) = (house.Folder.Path, house.Gateway, house.DaemonPid);
        using (var client = house.Client())
        {
            await client.SpawnAsync(house.Shell("polite", "exec sleep 1000"), Token);
            await client.SpawnAsync(house.Shell("stubborn", "trap '' TERM; while :; do sleep 1000; done"), Token);
            await client.SpawnAsync(house.Shell("runaway", "setsid sh -c 'echo $$ > runaway; exec sleep 1000' & while [ ! -s runaway ]; do sleep 0.01; done; exec sleep 1000"), Token);
            await Eventually.TrueAsync(() => File.Exists(house.Scratch("runaway")) && File.ReadAllText(house.Scratch("runaway")).EndsWith('\n'), "the runaway runs");
            var pids = (await client.ListAsync(Token)).Select(known => known.Identity.Pid).Append(daemon)
                .Append(int.Parse(await File.ReadAllTextAsync(house.Scratch("runaway"), Token), System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Assert.All(pids, pid => Assert.True(KeeperHouse.IsAlive(pid)));

            Assert.True(await house.QuitAsync());

            Assert.All(pids, pid => Assert.False(KeeperHouse.IsAlive(pid)));
        }

        await Eventually.TrueAsync(() => NativeLibc.Collect(keeper, out var status) == keeper && status == 0, "the keeper ended with 0");
        Assert.False(Directory.Exists(folder));
        Assert.Null(PathOwner.Of(house.Home.RunLink));
        Assert.False(KeeperHouse.Accepts(gateway));
        Assert.False(await house.QuitAsync());
    }

    [Fact]
    public async Task A_terminated_keeper_takes_everything_with_it()
    {
        await using var house = new KeeperHouse();
        var keeper = await house.RunAsync();
        var (folder, daemon) = (house.Folder.Path, house.DaemonPid);

        NativeLibc.Kill(keeper, NativeLibc.SignalTerminate);

        await Eventually.TrueAsync(() => !Directory.Exists(folder) && !KeeperHouse.IsAlive(daemon), "nothing is left");
    }
}
