using System.Net.Sockets;
using System.Text;
using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>What runs until it is stopped, and what is left then: nothing.</summary>
public sealed class StopTests
{
    private const int NotRunning = 3;
    private const string Chat = """{"messages":[{"role":"user","content":"Hi"}]}""";
    private const string Long = """{"model":"long","prompt":"Go","temperature":0,"max_tokens":6000,"stream":true}""";

    [Fact]
    public async Task After_stop_no_process_socket_or_temporary_file_is_left()
    {
        await using var home = new TempHome();
        home.Environment.Remove("XDG_RUNTIME_DIR");
        (await home.HelixAsync("start")).Succeeded();
        (await home.Gateway.PostAsync("/v1/chat/completions", Chat)).Is(200);
        var address = home.Gateway.Address;
        var folder = home.RunFolder;
        Assert.StartsWith("/tmp/helix-", folder, StringComparison.Ordinal);
        Assert.NotEmpty(home.Alive);

        (await home.HelixAsync("stop")).Succeeded();

        Assert.Empty(home.Alive);
        Assert.False(Path.Exists(folder), folder);
        Assert.Null(new FileInfo(home.RunLink).LinkTarget);
        Assert.Empty(Directory.EnumerateFileSystemEntries(home.Environment["TMPDIR"]));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(home.Root, "*", SearchOption.AllDirectories),
            file => Path.GetExtension(file) is ".sock" or ".pid" or ".tmp" or ".part" or ".lock");
        await Assert.ThrowsAsync<HttpRequestException>(() => new Gateway(address).GetAsync("/v1/models"));
    }

    [Fact]
    public async Task What_was_stopped_says_so_and_can_be_started_again()
    {
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();
        (await home.HelixAsync("stop")).Succeeded();

        (await home.HelixAsync("status")).Failed(NotRunning, "helix start");
        (await home.HelixAsync("stop")).Succeeded();
        (await home.HelixAsync("start")).Succeeded();

        (await home.Gateway.PostAsync("/v1/chat/completions", Chat)).Is(200);
    }

    /// <summary>As it does some time after an update: same process, another program, which nobody has told anything yet.</summary>
    [Fact]
    public async Task A_stop_is_heard_by_a_keeper_that_goes_on_as_another_program_at_that_moment()
    {
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();
        var (keeper, path) = (home.Keeper, Path.Combine(home.RunFolder, "keeper.sock"));
        Processes.Signal(keeper, Processes.Stop);
        using var line = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await line.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await line.SendAsync(Encoding.UTF8.GetBytes($$"""{"word":"replace","file":"{{Binary.Path}}"}""" + "\n"));
        var connected = Connections();

        await using var stopping = Launched.Start(home.Command("stop"));
        await Eventually.TrueAsync(() => Connections() > connected && Processes.HasSocket(stopping.Pid), "who stops it has connected behind the other");
        Processes.Signal(keeper, Processes.Continue);

        (await stopping.EndAsync()).Succeeded();
        Assert.Empty(home.Alive);
        Assert.Contains("goes on as", await File.ReadAllTextAsync(Path.Combine(home.LocalLlm, "logs", "helix", "keeper.log")), StringComparison.Ordinal);

        int Connections() => File.ReadLines("/proc/net/unix").Count(socket => socket.EndsWith(path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_in_mid_stream_of_a_stop_is_told_or_served_to_the_end_but_never_deceived()
    {
        await using var home = await WithLongModelAsync();
        using var stream = await home.Gateway.StreamAsync("/v1/completions", Long);
        Assert.True(await stream.NextTextAsync());

        var stopping = home.HelixAsync("stop");
        try
        {
            await stream.ToEndAsync();
        }
        catch (IOException)
        {
            Assert.False(stream.Done);
        }

        (await stopping).Succeeded();
        Assert.True(stream.Done ? stream.Text == s_answer : s_answer.StartsWith(stream.Text, StringComparison.Ordinal), stream.Text);
    }

    [Fact]
    public async Task Restart_replaces_the_daemon_and_the_engines_do_not_notice()
    {
        await using var home = await WithLongModelAsync();
        var (daemon, engines) = (home.Daemon, home.Engines);
        using var stream = await home.Gateway.StreamAsync("/v1/completions", Long);
        Assert.True(await stream.NextTextAsync());

        (await home.HelixAsync("restart")).Succeeded();
        await stream.ToEndAsync();

        Assert.Equal((s_answer, true), (stream.Text, stream.Done));
        Assert.Equal(engines, home.Engines);
        await Eventually.TrueAsync(() => home.Alive.Count(process => process.Role == "daemon") == 1 && home.Daemon != daemon, "only the new daemon is left");
        (await home.Gateway.PostAsync("/v1/chat/completions", Chat)).Is(200);
    }

    [Fact]
    public async Task Restart_with_engines_replaces_them_too()
    {
        await using var home = await WithLongModelAsync();
        var engines = home.Engines;

        (await home.HelixAsync("restart", "--engines")).Succeeded();

        (await home.Gateway.PostAsync("/v1/chat/completions", """{"model":"long","messages":[{"role":"user","content":"Hi"}],"max_tokens":3}""")).Is(200);
        Assert.Empty(home.Engines.Intersect(engines));
    }

    [Fact]
    public async Task In_the_foreground_it_stays_until_it_is_asked_to_end()
    {
        await using var home = new TempHome();
        await using var helix = Launched.Start(home.Command("start", "--foreground"));
        await Eventually.TrueAsync(() => (helix.Out + helix.Error).Contains($"http://127.0.0.1:{home.Port}", StringComparison.Ordinal), "it says its address", () => helix.Error);
        (await home.Gateway.PostAsync("/v1/chat/completions", Chat)).Is(200);
        Assert.True(helix.IsRunning);

        _ = Processes.Signal(helix.Pid, Processes.Terminate);
        var ended = await helix.EndAsync();

        Assert.True(ended.Code is 0 or 130, ended.ToString());
        Assert.Empty(home.Alive);
        Assert.Null(new FileInfo(home.RunLink).LinkTarget);
    }

    [Fact]
    public async Task A_stop_from_elsewhere_ends_the_foreground_too()
    {
        await using var home = new TempHome();
        await using var helix = Launched.Start(home.Command("start", "--foreground"));
        await Eventually.TrueAsync(() => (helix.Out + helix.Error).Contains($"http://127.0.0.1:{home.Port}", StringComparison.Ordinal), "it says its address", () => helix.Error);

        (await home.HelixAsync("stop")).Succeeded();

        (await helix.EndAsync()).Succeeded();
        Assert.Empty(home.Alive);
    }

    private static readonly string s_answer = ModelFile.Words(2000);

    private static async Task<TempHome> WithLongModelAsync()
    {
        var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();
        (await home.HelixAsync("models", "add", ModelFile.Write(home.Folder, "long", s_answer))).Succeeded();
        (await home.Gateway.PostAsync("/v1/completions", """{"model":"long","prompt":"Go","max_tokens":3}""")).Is(200);
        Assert.Contains(home.Engines, engine => !engine.CommandLine.Contains(SelfTestModel.Id, StringComparison.Ordinal));
        return home;
    }
}
