using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>The published program raises alerts by what really happens, tells them, and loses none when it is killed.</summary>
public sealed class AlertTests(AlertTests.Alarmed alarmed) : IClassFixture<AlertTests.Alarmed>
{
    private const int NotFound = 5, Refused = 6;

    private readonly TempHome _home = alarmed.Home;

    [Fact]
    public async Task Wrong_keys_are_an_alert_that_is_told_once_on_each_channel_also_when_the_daemon_is_killed_before_it_told_it()
    {
        for (var at = 0; at < 25; at++) (await _home.Gateway.SendAsync(HttpMethod.Get, "/v1/models", null, ("Authorization", $"Bearer hx_wrong{at}"))).Is(401);
        await Eventually.TrueAsync(async () => (await AlertsAsync()).Any(alert => (string?)alert["cause"] == "wrong_keys"), "the alert is raised");
        Processes.Signal(_home.Daemon, Processes.Kill);

        await Eventually.TrueAsync(async () => (await AlertsAsync()).Any(alert => (string?)alert["cause"] == "wrong_keys" && alert["told"]!.AsArray().Count == 2), "the next daemon tells it");

        var alert = (await AlertsAsync()).Single(each => (string?)each["cause"] == "wrong_keys");
        Assert.Equal(("firing", "security", "error", "127.0.0.1"), ((string)alert["state"]!, (string)alert["type"]!, (string)alert["severity"]!, (string)alert["subject"]!));
        foreach (var channel in (string[])["web", "command_line"])
        {
            await Eventually.TrueAsync(async () => (await MessagesAsync(channel)).Count(message => IsOf(message, alert)) == 1, $"{channel} has it once");
            Assert.Equal("sent", (string?)(await MessagesAsync(channel)).Single(message => IsOf(message, alert))["state"]);
        }

        Assert.Contains("wrong", (await _home.HelixAsync("alerts", "show", alert["id"]!.ToString())).Succeeded().Out, StringComparison.OrdinalIgnoreCase);
        (await _home.HelixAsync("alerts", "ack", alert["id"]!.ToString(), "--note", "a test")).Succeeded();
        Assert.Equal("acknowledged", (string?)(await AlertsAsync()).Single(each => (string?)each["cause"] == "wrong_keys")["state"]);
        (await _home.HelixAsync("alerts", "resolve", alert["id"]!.ToString(), "--note", "a test")).Succeeded();
        Assert.Contains(await AlertsAsync("?state=resolved"), each => (long)each["id"]! == (long)alert["id"]! && ((string)each["end"]!).EndsWith(": a test", StringComparison.Ordinal));

        static bool IsOf(JsonNode message, JsonNode alert) => message["alerts"]!.AsArray().Any(id => (long)id! == (long)alert["id"]!);
    }

    [Fact]
    public async Task What_is_well_again_is_resolved()
    {
        var key = Path.Combine(_home.Folder, "alert-key");
        await File.WriteAllBytesAsync(key, new byte[32], TestContext.Current.CancellationToken);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        (await _home.HelixAsync("config", "set", "backup.key_file", key)).Succeeded();
        await Eventually.TrueAsync(
            async () =>
            {
                (await _home.Api.PostAsync("/helix/v1/security/run", "{}")).Is(200);
                return (await AlertsAsync()).Any(alert => (string?)alert["subject"] == key && (string?)alert["state"] == "firing");
            },
            "the alert");
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        (await _home.Api.PostAsync("/helix/v1/security/run", "{}")).Is(200);

        await Eventually.TrueAsync(async () => (await AlertsAsync("?state=resolved")).Any(alert => (string?)alert["subject"] == key), "its end");
        (await _home.HelixAsync("config", "unset", "backup.key_file")).Succeeded();
    }

    [Fact]
    public async Task Channels_are_tried_out_and_rules_are_changed_from_the_command_line()
    {
        (await _home.HelixAsync("alerts", "test", "web")).Succeeded();
        (await _home.HelixAsync("alerts", "test", "command_line")).Succeeded();
        (await _home.HelixAsync("alerts", "test", "pigeon")).Failed(NotFound, "pigeon", "web");

        var file = Path.Combine(_home.Folder, "rules.yaml");
        await File.WriteAllTextAsync(file, "rules:\n  - name: updated\n    on: false\n", TestContext.Current.CancellationToken);
        (await _home.HelixAsync("alerts", "rules", "--set", file)).Succeeded();
        var rules = JsonNode.Parse((await _home.HelixAsync("alerts", "rules", "--format", "json")).Succeeded().Out)!["rules"]!.AsArray();
        Assert.False((bool)rules.Single(rule => (string?)rule!["name"] == "updated")!["on"]!);

        await File.WriteAllTextAsync(file, "rules:\n  - name: updated\n    off: true\n", TestContext.Current.CancellationToken);
        (await _home.HelixAsync("alerts", "rules", "--set", file)).Failed(Refused, "line 3", "rules[0].off");
        (await _home.HelixAsync("alerts", "rules", "--reset")).Succeeded();
    }

    private async Task<JsonNode[]> AlertsAsync(string query = "?state=open") => [.. (await _home.Api.GetAsync($"/helix/v1/alerts{query}")).Is(200).Json["alerts"]!.AsArray().Select(each => each!)];

    private async Task<JsonNode[]> MessagesAsync(string channel) => [.. (await _home.Api.GetAsync($"/helix/v1/alerts/messages?channel={channel}&limit=1000")).Is(200).Json["messages"]!.AsArray().Select(each => each!)];

    public sealed class Alarmed : RunningHome;
}
