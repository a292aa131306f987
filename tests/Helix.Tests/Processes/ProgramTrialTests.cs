using Helix.Processes;

namespace Helix.Tests.Processes;

/// <summary>Another program in the daemon's place: it stays when it is good, and the one before is back when it is not.</summary>
public sealed class ProgramTrialTests
{
    /// <summary>What every daemon of these tests is called with; a program that is tried may do something else.</summary>
    private const string Daemon = "while :; do sleep 0.01; done";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_ends_at_once_is_given_up_and_the_one_before_is_back()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: Daemon);
        using var client = house.Client();
        var engine = await client.SpawnAsync(house.Shell("engine", "exec sleep 1000"), Token);
        var old = house.DaemonPid;

        await client.TryAsync(Script(house, "ends", "exit 3"), s_patience, Token);

        await Eventually.TrueAsync(async () => await client.UndoneAsync(Token) is { } why && why.Contains("exit code 3", StringComparison.Ordinal), "the keeper says why");
        await Eventually.TrueAsync(() => house.DaemonPid != old && ProgramOf(house.DaemonPid) == Shell, "a daemon of the program before runs");
        Assert.Null(await KeeperControl.DaemonTroubleAsync(house.Home, TimeProvider.System, Token));
        Assert.Equal([new KnownProcess(engine, null)], await client.ListAsync(Token));
    }

    [Fact]
    public async Task One_that_does_not_answer_in_time_is_killed_and_the_one_before_is_back()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: Daemon);
        using var client = house.Client();
        var old = house.DaemonPid;

        await client.TryAsync(Script(house, "hangs", "trap '' TERM; echo $$ > hung; while :; do sleep 0.01; done"), TimeSpan.FromMilliseconds(300), Token);

        await Eventually.TrueAsync(async () => await client.UndoneAsync(Token) is { } why && why.Contains("had not answered after 0.3 s", StringComparison.Ordinal), "the keeper says why");
        await Eventually.TrueAsync(() => house.DaemonPid != old && ProgramOf(house.DaemonPid) == Shell, "a daemon of the program before runs");
        if (File.Exists(house.Scratch("hung"))) Assert.False(KeeperHouse.IsAlive(int.Parse(await File.ReadAllTextAsync(house.Scratch("hung"), Token), System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task One_that_cannot_be_started_is_given_up()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: Daemon);
        using var client = house.Client();
        var no = house.Scratch("no-program");
        await File.WriteAllTextAsync(no, "no", Token);

        await client.TryAsync(no, s_patience, Token);

        await Eventually.TrueAsync(async () => await client.UndoneAsync(Token) is not null, "the keeper says why");
        await Eventually.TrueAsync(() => ProgramOf(house.DaemonPid) == Shell, "a daemon of the program before runs");
    }

    [Fact]
    public async Task One_that_answered_may_die_once_and_the_second_time_it_is_given_up()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: Daemon);
        using var client = house.Client();
        var fresh = Copy(house);
        await client.TryAsync(fresh, s_patience, Token);
        var first = await AnsweringAsync(house, client, fresh, 0);

        await KeeperHouse.KillAsync(first);
        var second = await AnsweringAsync(house, client, fresh, first);
        Assert.Null(await client.UndoneAsync(Token));
        await KeeperHouse.KillAsync(second);

        await Eventually.TrueAsync(() => house.DaemonPid != second && ProgramOf(house.DaemonPid) == Shell, "a daemon of the program before runs");
        Assert.Contains("signal 9", await client.UndoneAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_kept_may_die_as_often_as_any_other()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: Daemon);
        using var client = house.Client();
        var fresh = Copy(house);
        await client.TryAsync(fresh, s_patience, Token);
        var daemon = await AnsweringAsync(house, client, fresh, 0);
        await client.KeepAsync(Token);

        for (var death = 0; death < 3; death++)
        {
            await KeeperHouse.KillAsync(daemon);
            var before = daemon;
            await Eventually.TrueAsync(() => (daemon = house.DaemonPid) != before && ProgramOf(daemon) == fresh, "another daemon of the new program runs");
        }

        Assert.Null(await client.UndoneAsync(Token));
    }

    [Fact]
    public async Task A_keeper_that_becomes_another_program_in_the_middle_still_goes_back()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: Daemon);
        using var client = house.Client();
        var fresh = Copy(house);
        await client.TryAsync(fresh, TimeSpan.FromSeconds(1), Token);
        await Eventually.TrueAsync(() => ProgramOf(house.DaemonPid) == fresh, "the new program runs");

        Assert.Null(await KeeperControl.ReplaceAsync(KeeperHouse.Program, house.Home, TimeProvider.System, Token));

        await Eventually.TrueAsync(() => ProgramOf(house.DaemonPid) == Shell, "a daemon of the program before runs");
        Assert.Contains("had not answered after 1 s", await client.UndoneAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_of_a_newer_release_that_is_not_known_is_refused_and_what_it_adds_to_known_ones_is_passed_over()
    {
        await using var house = new KeeperHouse();
        await house.RunAsync(daemon: Daemon);
        using var line = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        await line.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(house.Folder.KeeperSocket), Token);
        await using var stream = new System.Net.Sockets.NetworkStream(line);
        using var reader = new StreamReader(stream);

        await stream.WriteAsync("""{"word":"list","added":[1]}"""u8.ToArray(), Token);
        await stream.WriteAsync("\n{\"word\":\"sing\"}\n"u8.ToArray(), Token);

        Assert.Contains("\"error\":null", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
        Assert.Contains("is not a word the keeper knows", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
    }

    private static string Shell { get; } = NativeMounts.RealPath("/bin/sh")!;

    private static string? ProgramOf(int pid) => new FileInfo($"/proc/{pid}/exe").LinkTarget;

    private static string Copy(KeeperHouse house)
    {
        var path = house.Scratch("fresh");
        File.Copy(Shell, path);
        return path;
    }

    private static string Script(KeeperHouse house, string name, string text)
    {
        var path = house.Scratch(name);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Waits for a daemon of this program, other than this one, and answers for it.</summary>
    private static async Task<int> AnsweringAsync(KeeperHouse house, KeeperClient client, string program, int other)
    {
        var pid = 0;
        await Eventually.TrueAsync(() => (pid = house.DaemonPid) != other && ProgramOf(pid) == program, $"a daemon of {program} runs");
        using var watcher = await KeeperLine.OpenAsync(house.Folder, TimeSpan.Zero, TimeProvider.System, Token);
        await watcher.AskAsync(new KeeperRequest("watch"), Token);
        await client.AnswersAsync(new ProcessIdentity("daemon", pid, ProcessTable.StartTicks(pid)), Token);
        return pid;
    }
}
