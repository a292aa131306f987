using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Install;

public sealed class DiskBudgetTests
{
    private const long Gb = 1_000_000_000;

    [Theory]
    [InlineData(5, 3, 100L, 5, true)]
    [InlineData(0, 3, 17L, 10, false)]
    [InlineData(0, 0, 0L, 0, false)]
    [InlineData(0, 3, null, null, false)]
    public void It_is_what_the_user_says_or_half_of_what_is_free_without_the_providers(int written, int used, long? free, int? bytes, bool isWritten) =>
        Assert.Equal(new DiskBudget(bytes * Gb, used * Gb, isWritten), DiskBudget.Of(new(written), used * Gb, free * Gb));

    [Theory]
    [InlineData(10, 8, 2, 0, true)]
    [InlineData(10, 8, 3, 0, false)]
    [InlineData(10, 8, 2, 1, false)]
    [InlineData(10, 12, 1, 0, false)]
    [InlineData(10, 9, null, 0, true)]
    [InlineData(10, 10, null, 0, false)]
    [InlineData(10, 9, null, 1, false)]
    [InlineData(null, 99, 99, 9, true)]
    public void The_next_one_is_begun_when_it_fits_beside_what_is_used_and_under_way(int? budget, int used, int? next, int running, bool begins)
    {
        var refusal = new DiskBudget(budget * Gb, used * Gb, true).Refusal(new(null, next * Gb), running * Gb);

        Assert.Equal(begins, refusal is null);
    }

    [Fact]
    public void A_refusal_says_what_is_needed_what_is_used_and_what_to_do()
    {
        var budget = new DiskBudget(10 * Gb, 8 * Gb, false);

        Assert.Equal(
            "it needs about 3.0 GB, and of resources.disk_budget 8.0 GB of 10.0 GB are used (half of what is free without them), and 1.0 GB are kept for what is being installed; helix local-llm cleanup frees what nobody needs, or raise resources.disk_budget",
            budget.Refusal(new(Gb, 2 * Gb), Gb));
        Assert.Equal("Run: helix local-llm cleanup, or: helix config set resources.disk_budget 13", budget.Remedy(new(Gb, 2 * Gb), Gb));
    }

    [Theory]
    [InlineData("""{"kind": "binary", "program": "p", "version": "1", "url": "https://example.org/{asset}", "bytes": 300, "assets": [{"os": "linux", "architectures": ["x64"], "name": "a", "bytes": 100}]}""", 100L, 300L, 400L)]
    [InlineData("""{"kind": "binary", "program": "p", "version": "1", "url": "https://example.org/{asset}", "assets": [{"os": "linux", "architectures": ["arm64"], "name": "b", "bytes": 7}, {"os": "linux", "architectures": ["x64"], "name": "a", "bytes": 100}]}""", 100L, 3_000_000_000L, 3_000_000_100L)]
    [InlineData("""{"kind": "python", "version": "1", "package": "p", "bytes": 50}""", null, 50L, 50L)]
    [InlineData("""{"kind": "python", "version": "1", "package": "p"}""", null, 3_000_000_000L, 3_000_000_000L)]
    public void What_an_installation_takes_is_what_its_way_says_or_its_platform(string way, long? download, long disk, long total)
    {
        var manifest = Read(way);
        var machine = new MachineFacts("linux", "x64", null, null, 1L << 34, 100 * Gb, [], false, false);
        var need = Assert.IsType<InstallNeed.Needed>(InstallNeed.Of(manifest, machine, HelixConfig.Default, new(true, false, null, null), null));

        var size = InstallSize.Of(manifest, machine, need);

        Assert.Equal((download, disk, total), (size.Download, size.Disk!.Value, size.Total!.Value));
    }

    private static Manifest Read(string way)
    {
        var document = JsonNode.Parse("""
            {"id": "mine", "name": "Mine", "category": "foundation", "description": "An engine.", "licence": "MIT", "home": "https://example.org", "tier": 2,
             "runs": {"elsewhere": "no", "platforms": [{"os": "linux", "architectures": ["x64"], "disk_gb": 3}]}, "install": [WAY],
             "launch": {"listen": "socket", "processes": [{"program": "{release}/p", "arguments": [{"words": ["{socket}"]}]}]},
             "serves": {"dialects": ["openai"], "abilities": ["chat"], "ready": {"path": "/health", "status": 200}}, "models": {"formats": ["gguf"]}}
            """.Replace("WAY", way, StringComparison.Ordinal))!.AsObject();
        var outcome = ManifestParser.Parse(new ConfigDocument(document, ImmutableDictionary<string, int>.Empty));
        return outcome is ManifestOutcome.Good(var manifest) ? manifest : throw new InvalidOperationException(string.Join('\n', ((ManifestOutcome.Bad)outcome).Errors));
    }
}
