using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>The configuration file, while nothing runs and while a daemon does.</summary>
public sealed class ConfigTests
{
    private const int ConfigInvalid = 4;
    private const string Chat = """{"messages":[{"role":"user","content":"Hi"}]}""";

    [Theory]
    [InlineData("health.check_interval", "60", "60")]
    [InlineData("providers.enabled", "vllm,localai", "vllm")]
    [InlineData("performance.weights", """{"response_time": 0.5, "throughput": 0.5}""", "throughput")]
    [InlineData("security.require_key", "true", "true")]
    public async Task A_value_that_was_set_is_got_again_and_the_file_is_valid(string key, string value, string expected)
    {
        await using var home = new TempHome();

        (await home.HelixAsync("config", "set", key, value)).Succeeded();

        Assert.Contains(expected, (await home.HelixAsync("config", "get", key)).Succeeded().Out, StringComparison.Ordinal);
        (await home.HelixAsync("config", "validate")).Succeeded();
        Assert.Equal(home.Config, (await home.HelixAsync("config", "path")).Succeeded().Out.Trim());
    }

    [Fact]
    public async Task Comments_survive_a_set_and_an_unset_and_a_refused_value_changes_nothing()
    {
        await using var home = new TempHome();
        var text = await File.ReadAllTextAsync(home.Config, TestContext.Current.CancellationToken) + "# my own words\nhealth:\n  max_retries: 5 # five is enough\n";
        await File.WriteAllTextAsync(home.Config, text, TestContext.Current.CancellationToken);

        (await home.HelixAsync("config", "set", "health.check_interval", "60")).Succeeded();
        (await home.HelixAsync("config", "unset", "health.check_interval")).Succeeded();
        (await home.HelixAsync("config", "set", "health.max_retries", "7")).Succeeded();
        (await home.HelixAsync("config", "set", "health.max_retries", "some")).Failed(ConfigInvalid, "health.max_retries");

        Assert.Equal(text.Replace("max_retries: 5", "max_retries: 7", StringComparison.Ordinal), await File.ReadAllTextAsync(home.Config, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_key_without_effect_yet_is_accepted_and_shown_as_such()
    {
        await using var home = new TempHome();

        (await home.HelixAsync("config", "set", "auto_manager.auto_configure", "false")).Succeeded();

        var shown = (await home.HelixAsync("config", "show")).Succeeded();
        var line = (shown.Out + shown.Error).Split('\n').First(each => each.Contains("auto_configure", StringComparison.Ordinal));
        Assert.Contains("no effect", line, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_running_daemon_takes_a_valid_change_at_once_and_keeps_the_old_one_on_a_bad_edit()
    {
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();
        var daemon = home.Daemon;

        (await home.HelixAsync("config", "set", "security.require_key", "true")).Succeeded();
        (await home.Gateway.PostAsync("/v1/chat/completions", Chat)).IsError(401, null);

        var good = await File.ReadAllTextAsync(home.Config, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(home.Config, good.Replace("require_key: true", "require_key: perhaps", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await home.HelixAsync("config", "validate")).Failed(ConfigInvalid, "security.require_key");
        await Eventually.TrueAsync(
            async () => await home.HelixAsync("status") is var status && (status.Out + status.Error).Contains("require_key", StringComparison.Ordinal),
            "status says that the edit was not taken");
        (await home.Gateway.PostAsync("/v1/chat/completions", Chat)).IsError(401, null);

        await File.WriteAllTextAsync(home.Config, good.Replace("require_key: true", "require_key: false", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => (await home.Gateway.PostAsync("/v1/chat/completions", Chat)).Status == 200, "an edit by hand is taken");
        Assert.Equal(daemon, home.Daemon);
    }

    [Fact]
    public async Task Keys_open_what_they_may_and_nothing_after_they_were_revoked()
    {
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();
        (await home.HelixAsync("config", "set", "security.require_key", "true")).Succeeded();
        var infer = (await home.HelixAsync("keys", "create", "laptop")).Succeeded().Out.Trim();
        var admin = (await home.HelixAsync("keys", "create", "boss", "--scope", "admin")).Succeeded().Out.Trim();

        foreach (var header in new[] { ("Authorization", $"Bearer {infer}"), ("x-api-key", infer) })
            (await home.Gateway.PostAsync("/v1/chat/completions", Chat, header)).Is(200);
        (await home.Gateway.PostAsync("/v1/chat/completions", Chat, ("Authorization", "Bearer hx_wrong"))).IsError(401, "invalid_api_key");
        Assert.Equal(403, (await home.Gateway.SendAsync(HttpMethod.Get, "/helix/v1/status", null, ("x-api-key", infer))).Status);
        Assert.Equal(200, (await home.Gateway.SendAsync(HttpMethod.Get, "/helix/v1/status", null, ("x-api-key", admin))).Status);
        await Clients.DotnetAsync(new Uri(home.Gateway.Address, "v1"), SelfTestModel.Text, infer);

        var listed = (await home.HelixAsync("keys", "list")).Succeeded().Out;
        Assert.Contains("laptop", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(infer, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(infer, await File.ReadAllTextAsync(Path.Combine(home.LocalLlm, "state", "helix.db"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Processes.Signal(home.Daemon, Processes.Kill);
        (await home.Gateway.PostAsync("/v1/chat/completions", Chat, ("x-api-key", infer))).Is(200);

        (await home.HelixAsync("keys", "revoke", "laptop")).Succeeded();
        (await home.Gateway.PostAsync("/v1/chat/completions", Chat, ("x-api-key", infer))).IsError(401, null);
    }

    [Fact]
    public async Task What_the_user_stopped_stays_stopped_though_the_daemon_dies()
    {
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();

        (await home.HelixAsync("local-llm", "stop", "builtin")).Succeeded();
        Assert.Empty(home.Engines);
        var daemon = home.Daemon;
        Processes.Signal(daemon, Processes.Kill);
        await Eventually.TrueAsync(() => home.Alive.Any(process => process.Role == "daemon" && process != daemon), "the next daemon");

        var status = (await home.HelixAsync("local-llm", "status", "builtin", "--format", "json")).Succeeded().Out;
        Assert.Contains("\"standby\"", status, StringComparison.Ordinal);
        Assert.Empty(home.Engines);
        var refused = await home.Gateway.PostAsync("/v1/chat/completions", Chat);
        Assert.InRange(refused.IsError(refused.Status, null).Status, 400, 503);
        Assert.Empty(home.Engines);

        (await home.HelixAsync("local-llm", "start", "builtin")).Succeeded();
        (await home.Gateway.PostAsync("/v1/chat/completions", Chat)).Is(200);
    }
}
