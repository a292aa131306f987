using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Tests.Fakes;

namespace Helix.Tests.Configuration;

public sealed class ConfigFileTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();

    [Fact]
    public void A_file_that_is_not_there_means_all_defaults() =>
        Assert.Empty(ConfigChanges.Between(HelixConfig.Default, Assert.IsType<ConfigOutcome.Good>(ConfigFile.Load(_temporary.Home.Config)).Config));

    [Fact]
    public void What_is_written_is_read()
    {
        ConfigFile.Write(_temporary.Home.Config, "health: {check_interval: 7}\n");

        Assert.Equal(7, Assert.IsType<ConfigOutcome.Good>(ConfigFile.Load(_temporary.Home.Config)).Config.Health.CheckInterval);
    }

    [Fact]
    public void A_file_of_another_encoding_or_size_is_refused()
    {
        var path = _temporary.WriteConfig("");
        File.WriteAllBytes(path, [0x68, 0xE9, 0x6C]);
        Assert.Contains("is not UTF-8", Assert.Single(Assert.IsType<ConfigOutcome.Bad>(ConfigFile.Load(path)).Errors).What);

        File.WriteAllText(path, new string('#', ConfigFile.LargestSize + 1));
        Assert.Contains("is larger than", Assert.Single(Assert.IsType<ConfigOutcome.Bad>(ConfigFile.Load(path)).Errors).What);
    }

    [Fact]
    public void A_folder_in_its_place_is_refused_in_words()
    {
        Directory.CreateDirectory(_temporary.Home.Config);

        Assert.Contains("cannot be read", Assert.Single(Assert.IsType<ConfigOutcome.Bad>(ConfigFile.Load(_temporary.Home.Config)).Errors).What);
    }

    [Fact]
    public void A_new_file_is_for_its_owner_and_an_old_one_keeps_its_mode()
    {
        if (OperatingSystem.IsWindows()) return;
        ConfigFile.Write(_temporary.Home.Config, "");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_temporary.Home.Config));

        const UnixFileMode chosen = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(_temporary.Home.Config, chosen);
        ConfigFile.Write(_temporary.Home.Config, "# new\n");

        Assert.Equal(chosen, File.GetUnixFileMode(_temporary.Home.Config));
        Assert.Equal(["auto-config.yaml"], Directory.GetFiles(Path.GetDirectoryName(_temporary.Home.Config)!).Select(Path.GetFileName));
    }

    [Fact]
    public void A_link_stays_a_link()
    {
        var elsewhere = Path.Combine(_temporary.Home.Root, "dotfiles.yaml");
        File.WriteAllText(elsewhere, "");
        Directory.CreateDirectory(Path.GetDirectoryName(_temporary.Home.Config)!);
        File.CreateSymbolicLink(_temporary.Home.Config, elsewhere);

        ConfigFile.Write(_temporary.Home.Config, "# through the link\n");

        Assert.Equal("# through the link\n", File.ReadAllText(elsewhere));
        Assert.NotNull(new FileInfo(_temporary.Home.Config).LinkTarget);
    }

    [Fact]
    public void The_first_file_never_replaces_what_is_there()
    {
        ConfigFile.WriteDefaultIfAbsent(_temporary.Home.Config);
        Assert.Equal(DefaultConfig.Text, File.ReadAllText(_temporary.Home.Config));

        _temporary.WriteConfig("# mine\n");
        ConfigFile.WriteDefaultIfAbsent(_temporary.Home.Config);

        Assert.Equal("# mine\n", File.ReadAllText(_temporary.Home.Config));
    }

    public void Dispose() => _temporary.Dispose();
}
