using System.Net;
using System.Net.Sockets;
using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>Machines are not as they should be; helix says what is wrong, or copes.</summary>
public sealed class SurroundingsTests
{
    private const int ConfigInvalid = 4, HomeUnusable = 8;
    private const string Chat = """{"messages":[{"role":"user","content":"Hi"}]}""";

    [Fact]
    public async Task A_taken_port_is_given_way_to_and_said()
    {
        await using var home = new TempHome();
        using var other = new TcpListener(IPAddress.Loopback, home.Port);
        other.Start();

        var start = (await home.HelixAsync("start")).Succeeded();

        Assert.NotEqual(home.Port, home.Gateway.Address.Port);
        Assert.Contains(home.Gateway.Address.Authority, start.Out + start.Error, StringComparison.Ordinal);
        Assert.Contains($"{home.Port}", start.Out + start.Error, StringComparison.Ordinal);
        await AnswersAsync(home);
    }

    [Fact]
    public async Task Two_starts_at_once_both_succeed_and_start_one()
    {
        await using var home = new TempHome();

        var both = await Task.WhenAll(home.HelixAsync("start"), home.HelixAsync("start"));

        Assert.All(both, start => start.Succeeded());
        Assert.All(both, start => Assert.Contains(home.Gateway.Address.Authority, start.Out + start.Error, StringComparison.Ordinal));
        Assert.Equal(["daemon", "engine", "keeper"], home.Alive.Select(process => process.Role).Where(role => role != "sandbox").Order());
        await AnswersAsync(home);
    }

    [Fact]
    public async Task A_home_path_of_200_characters_has_room()
    {
        const int Length = 200;
        await using var home = new TempHome(string.Join('/', Enumerable.Repeat("a long name with spaces", 7)) + "/h");
        await using var longer = new TempHome(new string('x', Length - home.Folder.Length - 1));
        Assert.Equal(Length, longer.Root.Length);

        foreach (var each in new[] { home, longer })
        {
            (await each.HelixAsync("start")).Succeeded();
            await AnswersAsync(each);
        }
    }

    [Fact]
    public async Task It_can_be_started_from_anywhere()
    {
        await using var home = new TempHome();
        var elsewhere = home.Make("elsewhere");

        (await Launched.RunAsync(home.Command("start") with { Folder = elsewhere })).Succeeded();
        Directory.Delete(elsewhere);

        await AnswersAsync(home);
        (await home.HelixAsync("status")).Succeeded();
    }

    [Fact]
    public async Task A_home_that_cannot_be_made_is_said_with_its_path()
    {
        await using var home = new TempHome();
        home.Environment["HELIX_HOME"] = "/proc/helix";

        (await home.HelixAsync("start")).Failed(HomeUnusable, "/proc/helix", "HELIX_HOME");
    }

    [Fact]
    public async Task A_home_that_belongs_to_another_user_is_said_with_its_path()
    {
        await using var home = new TempHome();
        Nobody.May(home, Binary.Path);

        (await Launched.RunAsync(Nobody.Runs(home.Command("start")))).Failed(HomeUnusable, home.Root);
        Assert.Empty(home.Alive);
    }

    [Fact]
    public async Task A_run_folder_that_another_user_has_made_is_never_touched()
    {
        await using var home = new TempHome();
        home.Environment.Remove("XDG_RUNTIME_DIR");
        Nobody.May(home, Binary.Path);
        (await home.HelixAsync("start")).Succeeded();
        var folder = home.RunFolder;
        (await home.HelixAsync("stop")).Succeeded();
        Assert.False(Path.Exists(folder));

        try
        {
            await Nobody.MakesAsync(home, folder);
            (await home.HelixAsync("start")).Failed(HomeUnusable, folder);
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task A_configuration_that_is_no_yaml_is_said_with_its_line()
    {
        await using var home = new TempHome();
        await File.WriteAllTextAsync(home.Config, "health:\n  check_interval: 30\n bad: [indent\n", TestContext.Current.CancellationToken);

        (await home.HelixAsync("start")).Failed(ConfigInvalid, "auto-config.yaml", "line 3");
        Assert.Empty(home.Alive);
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_configuration_is_said_at_once_with_the_nearest_right_words()
    {
        await using var home = new TempHome();
        await File.WriteAllTextAsync(
            home.Config, "health:\n  check_intervall: 30\n  max_retries: many\nsecurty:\n  require_key: true\n", TestContext.Current.CancellationToken);

        (await home.HelixAsync("start")).Failed(ConfigInvalid, "health.check_interval", "health.max_retries", "security");
        Assert.Empty(home.Alive);
    }

    [Fact]
    public async Task A_hub_that_never_answers_is_given_up_within_seconds()
    {
        await using var home = new TempHome();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        home.Environment["HF_ENDPOINT"] = $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";

        var start = (await home.HelixAsync("start")).Succeeded();
        Assert.True(start.Took < TimeSpan.FromSeconds(15), start.ToString());

        var pull = await home.HelixAsync("models", "pull", HubStandIn.Source);
        Assert.Equal(9, pull.Code);
        Assert.True(pull.Took < TimeSpan.FromSeconds(20), pull.ToString());
        await AnswersAsync(home);
    }

    private static async Task AnswersAsync(TempHome home) =>
        Assert.Equal(
            SelfTestModel.Text, (string?)(await home.Gateway.PostAsync("/v1/chat/completions", Chat)).Is(200).Json["choices"]![0]!["message"]!["content"]);
}
