using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Install;

public sealed class InstallChoiceTests
{
    private const string Ways = """
        [{"kind": "archive", "version": "1", "url": "https://example.org/{asset}", "assets": [
            {"os": "linux", "architectures": ["x64"], "accelerator": "none", "name": "cpu"},
            {"os": "linux", "architectures": ["x64", "arm64"], "accelerator": "vulkan", "name": "vulkan"},
            {"os": "macos", "architectures": ["arm64"], "name": "mac"}]},
         {"kind": "python", "version": "1", "package": "mine", "accelerators": ["nvidia", "amd"]},
         {"kind": "source", "version": "1", "url": "https://example.org/source", "target": "mine", "keep": ["mine"]},
         {"kind": "attach"}]
        """;

    [Theory]
    [InlineData("linux", "x64", "None", "Archive cpu, Source")]
    [InlineData("linux", "x64", "Vulkan", "Archive vulkan, Source")]
    [InlineData("linux", "arm64", "Vulkan", "Archive vulkan, Source")]
    [InlineData("linux", "arm64", "None", "Source")]
    [InlineData("linux", "x64", "Nvidia", "Python, Source")]
    [InlineData("linux", "arm64", "Amd", "Python, Source")]
    [InlineData("macos", "arm64", "Apple", "Archive mac, Source")]
    [InlineData("macos", "x64", "None", "Source")]
    [InlineData("windows", "x64", "Vulkan", "Source")]
    public void The_ways_that_suit_come_in_their_order_each_with_its_file(string os, string architecture, string on, string expected)
    {
        var choices = InstallChoice.Of(Read(Ways), Machine(os, architecture), Enum.Parse<Accelerator>(on));

        Assert.Equal(expected, string.Join(", ", choices.Select(choice => choice.Asset is { } asset ? $"{choice.Way.Kind} {asset.Name}" : $"{choice.Way.Kind}")));
    }

    [Fact]
    public void The_best_file_stands_first()
    {
        var ways = """
            [{"kind": "binary", "program": "p", "version": "1", "url": "https://example.org/{asset}", "assets": [
                {"os": "linux", "architectures": ["x64"], "accelerator": "nvidia", "name": "first"}, {"os": "linux", "architectures": ["x64"], "name": "any"}]}]
            """;

        Assert.Equal("first", Assert.Single(InstallChoice.Of(Read(ways), Machine("linux", "x64"), Accelerator.Nvidia)).Asset!.Name);
        Assert.Equal("any", Assert.Single(InstallChoice.Of(Read(ways), Machine("linux", "x64"), Accelerator.None)).Asset!.Name);
    }

    [Fact]
    public void What_the_user_runs_himself_is_never_installed() =>
        Assert.Empty(InstallChoice.Of(Read("""[{"kind": "attach"}]"""), Machine("linux", "x64"), Accelerator.None));

    private static MachineFacts Machine(string os, string architecture) => new(os, architecture, null, null, 1L << 34, null, [], false, false);

    private static Manifest Read(string ways)
    {
        var document = JsonNode.Parse("""
            {"id": "mine", "name": "Mine", "category": "foundation", "description": "An engine.", "licence": "MIT", "home": "https://example.org", "tier": 2,
             "runs": {"elsewhere": "no", "platforms": [{"os": "linux", "architectures": ["x64"]}]}, "install": WAYS}
            """.Replace("WAYS", ways, StringComparison.Ordinal))!.AsObject();
        return Assert.IsType<ManifestOutcome.Good>(ManifestParser.Parse(new ConfigDocument(document, ImmutableDictionary<string, int>.Empty))).Manifest;
    }
}
