using Helix.Cli;
using Helix.Core.Configuration;
using Helix.Manifests;
using Helix.Tests.Cli.Fakes;
using Helix.Tests.Fakes;

namespace Helix.Tests.Manifests;

public sealed class NamedThingsTests
{
    private const string Mine = """
        id: mine
        name: Mine
        category: foundation
        description: An engine
        licence: MIT
        home: https://example.org
        tier: 2
        runs:
          elsewhere: use another
          platforms:
            - os: linux
              architectures: [x64]
        """;

    [Fact]
    public void Without_the_setting_nothing_is_wrong()
    {
        using var temporary = new TemporaryHome();

        Assert.Empty(NamedThings.Errors(HelixConfig.Default, temporary.Home));
    }

    [Fact]
    public async Task An_id_of_the_users_own_manifest_may_be_enabled_and_one_of_none_may_not()
    {
        using var line = new CommandLine();
        Assert.Equal(ExitCodes.ConfigInvalid, await line.RunAsync("config", "set", "providers.enabled", "builtin,mine"));
        Assert.Contains("there is no provider \"mine\"", line.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(line.Temporary.Home.Config));

        Directory.CreateDirectory(line.Temporary.Home.UserProviders);
        await File.WriteAllTextAsync(Path.Combine(line.Temporary.Home.UserProviders, "mine.yaml"), Mine, TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("config", "set", "providers.enabled", "builtin,mine"));
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("config", "validate"));
    }

    [Fact]
    public async Task A_machine_file_that_is_not_there_or_describes_none_is_refused()
    {
        using var line = new CommandLine();
        var file = Path.Combine(line.Temporary.Home.Root, "machine.yaml");
        Assert.Equal(ExitCodes.ConfigInvalid, await line.RunAsync("config", "set", "hardware.override", file));
        Assert.Contains("it is not there", line.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "os: linux\n", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.ConfigInvalid, await line.RunAsync("config", "set", "hardware.override", file));
        Assert.Contains("cores: is missing", line.Error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "os: linux\narchitecture: x64\ncores: 2\nmemory_gb: 8\n", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("config", "set", "hardware.override", file));
        File.Delete(file);
        Assert.Equal(ExitCodes.ConfigInvalid, await line.RunAsync("config", "validate"));
    }

    [Fact]
    public async Task A_file_that_names_an_unknown_provider_is_not_valid_and_says_in_which_line()
    {
        using var line = new CommandLine();
        line.Temporary.WriteConfig("health:\nproviders:\n  enabled: [builtin, vlm]\n");

        Assert.Equal(ExitCodes.ConfigInvalid, await line.RunAsync("config", "validate"));

        Assert.Contains("line 3: providers.enabled: there is no provider \"vlm\"; did you mean vllm?", line.Out + line.Error, StringComparison.Ordinal);
    }
}
