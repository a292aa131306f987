using Helix.Processes;
using Helix.Tests.Install;

namespace Helix.Tests.SelfUpdate;

/// <summary>The launcher on a machine of root's without a compiler, where it may install one; programs of a few lines stand for what it calls.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly InstallStand _stand = new();

    public void Dispose() => _stand.Dispose();

    [Theory]
    [InlineData(null, true)]
    [InlineData("0", false)]
    public async Task It_installs_packages_of_the_system_only_where_it_may(string? packages, bool areInstalled)
    {
        var asked = Path.Combine(_stand.Root, "asked");
        foreach (var (name, lines) in (ReadOnlySpan<(string, string)>)[("id", "echo 0"), ("clang", "exit 1"), ("gcc", "exit 1"), ("npm", "exit 1"), ("dotnet", "echo 10.0"), ("apt-get", $"echo \"$@\" >> '{asked}'")])
            _stand.Script(name, lines);
        var launcher = Path.Combine(Directory.CreateDirectory(Path.Combine(_stand.Root, "clone")).FullName, "helix");
        File.Copy(Path.Combine(RepositoryRoot.Path, "helix"), launcher);
        if (packages is not null) _stand.Environment["HELIX_PACKAGES"] = packages;
        foreach (var name in (string[])["HELIX_BINARY", "HELIX_AOT", "HELIX_YES"]) _stand.Environment.Remove(name);

        var log = Path.Combine(_stand.Root, "said");
        var end = await _stand.Child.EndOfAsync(
            new LaunchSpec("launcher", "/bin/sh", [launcher, "version"], _stand.Environment, _stand.Root, log), TimeSpan.FromMinutes(1), static () => { }, TestContext.Current.CancellationToken);

        Assert.Contains("Fetching the engine's libraries", await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal((70, areInstalled), (end?.Code, File.Exists(asked)));
    }
}
