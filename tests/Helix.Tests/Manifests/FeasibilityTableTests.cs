using System.Text;
using Helix.Core.Configuration;
using Helix.Core.Install;
using Helix.Core.Planning;
using Helix.Manifests;
using Helix.Tests.Cli;

namespace Helix.Tests.Manifests;

/// <summary>What each provider's manifest comes to on common machines, word for word.</summary>
public sealed class FeasibilityTableTests
{
    [Fact]
    public void Every_provider_on_every_machine()
    {
        var text = new StringBuilder();
        foreach (var (name, facts, _) in CommonMachines.All)
        {
            text.Append($"{name} ({facts.Platform})\n");
            foreach (var manifest in ManifestResource.All.Where(manifest => manifest.Id != Helix.Fleet.Fleet.Builtin))
            {
                var words = InstallNeed.Of(manifest, facts, HelixConfig.Default, new(false, false, null, null), null) switch
                {
                    InstallNeed.Needed needed => $"installs {needed.Label}: {string.Join(", then ", InstallChoice.Of(manifest with { Install = needed.Ways }, facts, needed.On).Select(Shown))}",
                    InstallNeed.Impossible(var reason) => reason,
                    InstallNeed.Off(var reason) => reason,
                    _ => "is used while it runs",
                };
                text.Append($"  {manifest.Id,-10} {words}\n");
            }
        }

        GoldenFile.Check("feasibility", text.ToString());
    }

    private static string Shown(InstallChoice choice) => $"{choice.Way.Kind.ToString().ToLowerInvariant()} {choice.Asset?.Name ?? choice.Way.Package ?? choice.Way.Url}";

    [Theory]
    [InlineData("laptop with 4 GB, Debian 11", "fastchat gpt4all koboldai lmstudio localai mistralrs textgen")]
    [InlineData("laptop with 16 GB", "fastchat gpt4all jan koboldai llamacpp lmstudio localai mistralrs mlx textgen vllm")]
    [InlineData("Apple M3 Pro with 36 GB", "fastchat jan koboldai llamacpp lmstudio localai mistralrs mlx textgen vllm")]
    [InlineData("one NVIDIA with 24 GB", "fastchat gpt4all jan koboldai llamacpp lmstudio localai mistralrs mlx textgen vllm")]
    [InlineData("eight NVIDIA with 80 GB", "fastchat gpt4all jan koboldai llamacpp lmstudio localai mistralrs mlx tabbyapi textgen vllm")]
    [InlineData("Raspberry Pi 5 with 8 GB", "fastchat llamacpp lmstudio localai mistralrs mlx")]
    [InlineData("WSL with an NVIDIA GPU", "fastchat gpt4all jan koboldai llamacpp lmstudio localai mistralrs mlx tabbyapi textgen vllm")]
    public void What_fits_a_machine_is_what_its_hardware_allows(string machine, string ids)
    {
        var facts = CommonMachines.All.Single(each => each.Name == machine).Facts;

        Assert.Equal(ids, string.Join(' ', ManifestResource.All.Where(each => each.Id != Helix.Fleet.Fleet.Builtin && Feasibility.Of(each, facts) is Feasibility.Possible).Select(each => each.Id)));
    }
}
