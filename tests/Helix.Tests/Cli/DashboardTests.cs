using Helix.Cli;
using Helix.Contracts;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class DashboardTests
{
    private const string Url = "http://127.0.0.1:4359/#/sign-in/secret";

    private static readonly LinkReport s_link = new(Url, FakeDaemon.Moment.AddMinutes(10));

    [Fact]
    public async Task A_link_is_data_and_what_is_said_of_it_is_not()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/dashboard/link", s_link, SessionJson.Default.LinkReport, 201);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("dashboard"));

        Assert.Equal(Url + "\n", line.Out);
        Assert.Contains("works once, in one browser, until 12:10 UTC", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_helix_without_a_dashboard_says_so()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Refuse("POST /helix/v1/dashboard/link", 409, new("conflict", "This helix was built without the dashboard's files.", "Build it anew."));

        Assert.Equal(ExitCodes.Refused, await line.RunAsync("dashboard"));
        Assert.Contains("built without", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_signed_in_is_listed_and_signed_out()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/sessions", new SessionList([new("5f0c2a91b3d4", FakeDaemon.Moment, FakeDaemon.Moment, FakeDaemon.Moment.AddDays(7), "Firefox", false)]), SessionJson.Default.SessionList);
        daemon.On("DELETE /helix/v1/sessions/5f0c2a91b3d4", new Done("one browser is signed out"), ApiJson.Default.Done);
        daemon.On("DELETE /helix/v1/sessions", new Done("2 browsers are signed out"), ApiJson.Default.Done);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("dashboard", "--sessions"));
        Assert.Contains("5f0c2a91b3d4", line.Out, StringComparison.Ordinal);
        Assert.Contains("2026-03-08 12:00 UTC", line.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("dashboard", "--sign-out", "5f0c2a91b3d4"));
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("dashboard", "--sign-out-all"));
        Assert.Contains("2 browsers are signed out", line.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, await line.RunAsync("dashboard", "--sessions", "--sign-out-all"));
    }

    [Fact]
    public async Task A_start_shows_where_the_dashboard_is()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/dashboard/link", s_link, SessionJson.Default.LinkReport, 201);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("start"));

        Assert.Contains($"  open   {Url}\n", line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_may_name_a_port_for_the_dashboard_alone()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.Temporary.WriteConfig("# mine\ngateway:\n  port: 4359\n");
        daemon.On("POST /helix/v1/config/reload", new ReloadReport(true, [], []), ApiJson.Default.ReloadReport);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("start", "--monitor-port", "8080"));

        Assert.Equal("# mine\ngateway:\n  port: 4359\n  monitor_port: 8080\n", await File.ReadAllTextAsync(line.Temporary.Home.Config, TestContext.Current.CancellationToken));
        Assert.Contains(daemon.Asked, asked => asked.What == "POST /helix/v1/config/reload");
    }

    [Theory]
    [InlineData("http")]
    [InlineData("-1")]
    [InlineData("65536")]
    [InlineData("")]
    public async Task What_is_no_port_is_not_understood(string port)
    {
        using var line = new CommandLine();

        Assert.Equal(ExitCodes.Usage, await line.RunAsync("start", "--monitor-port", port));
        Assert.Null(line.Keeper.Started);
    }
}
