using System.Text;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class OllamaManifestTests
{
    private const string Digest = "60e05f2100071479f596b964f89f510f057ce397ea22f2833a0cfe029bfc2463";

    [Fact]
    public void The_weights_are_the_layer_of_their_kind() => Assert.Equal(
        new OllamaManifest.Weights(Digest, 4683),
        Read($$"""{"schemaVersion":2,"layers":[{"mediaType":"application/vnd.ollama.image.template","digest":"sha256:00","size":1},{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:{{Digest}}","size":4683}]}"""));

    [Theory]
    [InlineData("{", "is broken")]
    [InlineData("[]", "names no layers")]
    [InlineData("""{"layers":[]}""", "has no weights on this machine")]
    [InlineData("""{"layers":[7, {"mediaType":"application/vnd.ollama.image.tensor; name=x"}]}""", "single tensors")]
    [InlineData("""{"layers":[{"mediaType":"application/vnd.ollama.image.model"},{"mediaType":"application/vnd.ollama.image.model"}]}""", "2 files without their own names")]
    [InlineData("""{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:../../etc/passwd","size":1}]}""", "digest and size")]
    [InlineData("""{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"\ud800","size":1}]}""", "is broken")]
    public void Others_say_why_they_cannot_be_used(string json, string reason) => Assert.Contains(reason, Assert.IsType<OllamaManifest.Unusable>(Read(json)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("registry.ollama.ai", "library", "qwen3", "0.6b", "qwen3:0.6b")]
    [InlineData("registry.ollama.ai", "library", "qwen3", "latest", "qwen3")]
    [InlineData("registry.ollama.ai", "ann", "tuned", "v1", "ann/tuned:v1")]
    [InlineData("hf.co", "ann", "Tiny-GGUF", "Q4_K_M", "hf.co/ann/Tiny-GGUF:Q4_K_M")]
    public void The_name_is_as_the_program_shows_it(string host, string space, string model, string tag, string name) => Assert.Equal(name, OllamaManifest.NameOf(host, space, model, tag));

    [Theory]
    [InlineData("models--Qwen--Qwen3-0.6B", "Qwen/Qwen3-0.6B")]
    [InlineData("models--gpt2", "gpt2")]
    [InlineData("datasets--ann--data", null)]
    [InlineData("models--a--b--c", null)]
    [InlineData("models--", null)]
    public void A_repository_in_the_hubs_cache_is_known_by_its_folder(string folder, string? name) => Assert.Equal(name, HubCacheName.Repository(folder));

    private static OllamaManifest Read(string json) => OllamaManifest.Read(Encoding.UTF8.GetBytes(json));
}
