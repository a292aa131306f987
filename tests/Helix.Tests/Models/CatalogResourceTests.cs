using Helix.Core.Hardware;
using Helix.Core.Planning;
using Helix.Models;

namespace Helix.Tests.Models;

public sealed class CatalogResourceTests
{
    private const long Gib = 1L << 30;

    [Fact]
    public void The_catalogue_in_this_build_is_sound() => Assert.True(CatalogResource.Load().Entries.Length > 10);

    [Theory]
    [InlineData(3, 2, "smollm2-135m")]
    [InlineData(4, 1, "qwen3.5-0.8b")]
    [InlineData(4, 2, "qwen3.5-2b")]
    [InlineData(8, 2, "qwen3.5-2b")]
    [InlineData(8, 8, "qwen3.5-4b")]
    [InlineData(16, 8, "qwen3.5-4b")]
    [InlineData(64, 16, "qwen3.6-35b-a3b")]
    public void Common_machines_get_a_model_that_they_can_run(int gib, int cores, string id) =>
        Assert.Equal(id, Assert.IsType<ModelChoice.Picked>(ModelChoice.For(new HardwareFacts(gib * Gib, (long)(gib * 0.8 * Gib), cores, 500 * Gib, false, []), CatalogResource.Load(), [])).Entry.Id);
}
