namespace Helix.EndToEnd.Providers;

/// <summary>Engines that want the same port of their own run side by side; on a machine with a GPU, as far as helix is told.</summary>
public sealed class SideBySideTests(SideBySideTests.Shop shop) : IClassFixture<SideBySideTests.Shop>
{
    [Theory]
    [InlineData("port: 5000", "tabbyapi", ProviderHome.Exl3, "textgen", ProviderHome.Gguf)]
    [InlineData("port: 8080", "localai", ProviderHome.Gguf, "mlx", ProviderHome.Mlx)]
    public async Task Two_that_want_the_same_port_run_at_once(string port, string one, string itsModel, string other, string othersModel)
    {
        Assert.All([one, other], id => Assert.Contains(port, ProviderHome.ManifestOf(id), StringComparison.Ordinal));
        foreach (var (id, model) in ((string, string)[])[(one, itsModel), (other, othersModel), (one, itsModel)])
        {
            await shop.ReleaseIsAsync(id, shop.Labels[id]);
            await shop.AnswersAsync(id, model, shop.Says[id]);
        }

        int[] pids = [(int)(await shop.ProviderAsync(one))["pid"]!, (int)(await shop.ProviderAsync(other))["pid"]!];
        Assert.All(pids, pid => Assert.NotNull(Processes.StartOf(pid)));
        Assert.NotEqual(pids[0], pids[1]);
        RecordedRun.OfStandIn(one, shop.Says[one]);
    }

    [Fact]
    public async Task A_machine_that_is_only_described_is_named_as_such() =>
        Assert.Contains("is planned as", (await shop.Home.HelixAsync("status")).Succeeded() is var said ? said.Out + said.Error : "", StringComparison.Ordinal);

    public sealed class Shop : ProviderHome
    {
        internal Dictionary<string, string> Labels { get; } = [];

        internal Dictionary<string, string> Says { get; } = [];

        protected override string Machine => WithH100;

        protected override string Settings => "providers:\n  enabled: [builtin, tabbyapi, textgen, localai, mlx]\n";

        protected override async Task PublishAsync()
        {
            foreach (var id in (string[])["tabbyapi", "textgen", "localai", "mlx"])
            {
                await Mirror.PublishAsync(Payloads.For(id, ReleaseOf(id)));
                Says[id] = ReleaseOf(id);
                Labels[id] = ReleaseOf(id) + "+nvidia";
            }

            // a commit's name cannot be chosen
            var commit = Mirror.Git.CommitOf("/github.com/theroyallab/tabbyAPI", ReleaseOf("tabbyapi"));
            Labels["tabbyapi"] = commit + "+nvidia";
            Overlay("tabbyapi", Replaced(ManifestOf("tabbyapi"), "    version: [0-9a-f]{8}", $"    version: {commit}"));
        }
    }
}
