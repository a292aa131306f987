using Helix.Core.Manifests;
using Helix.Install;
using Helix.Manifests;

namespace Helix.Tests.Install;

/// <summary>The real packages, by the manifests as they are: some minutes and the network. Set HELIX_REAL_INSTALL=1.</summary>
public sealed class RealInstallTests
{
    [Fact]
    public async Task The_GPT4All_of_npm_is_installed_and_loads()
    {
        Asked();
        using var stand = new InstallStand();
        var way = WayOf("gpt4all", InstallKind.Npm);
        stand.OurFiles["gpt4all-server.js"] = "// laid by the test\n";

        var digests = await stand.InstalledAsync(way);

        TestContext.Current.TestOutputHelper!.WriteLine(stand.Log + string.Join('\n', digests));
        Assert.Contains(digests, digest => digest is { What: "gpt4all@4.0.0", Algorithm: "sha512", From: DigestFrom.Registry });
        Assert.Equal("4.0.0", await SaysAsync(stand, "node", "-p", $"require('{stand.Staging}/node_modules/gpt4all/package.json').version"));
        Assert.Equal("function", await SaysAsync(stand, "node", "-p", $"typeof require('{stand.Staging}/node_modules/gpt4all').loadModel"));
    }

    [Fact]
    public async Task The_llama_server_of_the_source_is_built_and_answers()
    {
        Asked();
        using var stand = new InstallStand();

        var digests = await stand.InstalledAsync(WayOf("llamacpp", InstallKind.Source));

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', digests) + "\n" + string.Join(", ", stand.Reports.Select(report => report.Step).Distinct().TakeLast(5)));
        Assert.Equal(["llama-server"], stand.Made);
        Assert.Contains("version: 0.5.0", await SaysAsync(stand, Path.Combine(stand.Staging, "llama-server"), "--version"), StringComparison.Ordinal);
    }

    private static void Asked() => Assert.SkipUnless(Environment.GetEnvironmentVariable("HELIX_REAL_INSTALL") == "1", "takes minutes and the network: set HELIX_REAL_INSTALL=1");

    private static InstallWay WayOf(string id, InstallKind kind) => ManifestResource.All.Single(manifest => manifest.Id == id).Install.Single(way => way.Kind == kind);

    private static async Task<string> SaysAsync(InstallStand stand, string program, params string[] arguments)
    {
        var path = Path.IsPathFullyQualified(program) ? program : Toolbox.OnPath(stand.Environment, program)!;
        var log = Path.Combine(stand.Root, "said");
        Assert.NotNull(await stand.Child.EndOfAsync(new("says", path, arguments, stand.Environment, stand.Root, log), TimeSpan.FromMinutes(1), static () => { }, TestContext.Current.CancellationToken));
        return (await File.ReadAllTextAsync(log)).Trim();
    }
}
