using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Core.Tests.Models;

namespace Helix.Core.Tests.Planning;

public sealed class ModelChoiceTests
{
    private const long Gib = 1L << 30;

    private static readonly ModelCatalog s_catalog = ModelCatalog.Parse(new JsonObject
    {
        ["models"] = new JsonArray(
            ModelCatalogTests.Entry("sparse", 20 * Gib, 21, 35, 3, 22),
            ModelCatalogTests.Entry("dense", 16 * Gib, 17, 27, chooseFrom: 18),
            ModelCatalogTests.Entry("four", 3 * Gib, 3.3, 4, chooseFrom: 3.5),
            ModelCatalogTests.Entry("small", Gib / 2, 1.1, 0.8, chooseFrom: 1.2),
            ModelCatalogTests.Entry("named", Gib, 1.5, 1)),
    }).Catalog!;

    private static readonly Gen<HardwareFacts> s_hardware =
        from total in Gen.Long[0, 128 * Gib]
        from available in Gen.Long[0, total]
        from cores in Gen.Int[1, 32]
        from disk in Gen.Long[0, 64 * Gib]
        from accelerated in Gen.Bool
        select Machine(total, available, cores, disk, accelerated);

    [Fact]
    public void It_never_picks_what_does_not_fit() => s_hardware.Sample(hardware => ModelChoice.For(hardware, s_catalog, []) is not ModelChoice.Picked(var entry, var reason)
        || (entry.NeedBytes <= ModelChoice.Budget(hardware) && entry.Bytes + 2 * Gib <= hardware.FreeDisk && reason.Length > 0 && entry.ChooseFromGib is not null
            && (hardware.Accelerated || entry.Active <= 4)));

    [Fact]
    public void More_memory_cores_or_disk_never_give_a_lesser_model() =>
        Gen.Select(s_hardware, Gen.Long[0, 64 * Gib], Gen.Int[0, 8]).Sample((hardware, more, cores) =>
        {
            var richer = hardware with { TotalMemory = hardware.TotalMemory + more, AvailableMemory = hardware.AvailableMemory + more, LogicalCores = hardware.LogicalCores + cores, FreeDisk = hardware.FreeDisk + more };
            return Rank(ModelChoice.For(richer, s_catalog, [])) <= Rank(ModelChoice.For(hardware, s_catalog, []));
        });

    [Theory]
    [InlineData(64, 60, 16, false, "sparse")]
    [InlineData(32, 28, 16, false, "sparse")]
    [InlineData(26, 24, 16, false, "four")]
    [InlineData(26, 24, 16, true, "dense")]
    [InlineData(8, 7, 8, false, "four")]
    [InlineData(8, 7, 2, false, "small")]
    [InlineData(4, 3, 4, false, "small")]
    public void The_ladder_gives_the_model_for_a_machine(int total, int available, int cores, bool accelerated, string id) =>
        Assert.Equal(id, Assert.IsType<ModelChoice.Picked>(ModelChoice.For(Machine(total * Gib, available * Gib, cores, 100 * Gib, accelerated), s_catalog, [])).Entry.Id);

    [Theory]
    [InlineData(1, 24, "sparse", "NVIDIA RTX")]
    [InlineData(1, 20, "dense", "NVIDIA RTX")]
    [InlineData(2, 12, "dense", "2 × NVIDIA RTX")]
    [InlineData(1, 4, "four", "and the rest on the processor")]
    public void What_fits_into_the_GPUs_is_chosen_though_the_machine_has_less_memory(int count, int gib, string id, string where)
    {
        var devices = Enumerable.Range(0, count).Select(index => new PlannedDevice(Accelerator.Nvidia, index, "NVIDIA RTX", gib * Gib)).ToImmutableArray();

        var picked = Assert.IsType<ModelChoice.Picked>(ModelChoice.For(Machine(16 * Gib, 14 * Gib, 8, 100 * Gib, false), s_catalog, devices));

        Assert.Equal(id, picked.Entry.Id);
        Assert.Contains(where, picked.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_gives_a_smaller_model_or_says_so()
    {
        Assert.Equal("small", Assert.IsType<ModelChoice.Picked>(ModelChoice.For(Machine(64 * Gib, 60 * Gib, 8, 4 * Gib, false), s_catalog, [])).Entry.Id);
        Assert.Contains("free disk", Assert.IsType<ModelChoice.None>(ModelChoice.For(Machine(64 * Gib, 60 * Gib, 8, Gib, false), s_catalog, [])).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_little_memory_is_said() => Assert.Contains("0 bytes of memory", Assert.IsType<ModelChoice.None>(ModelChoice.For(Machine(Gib, Gib, 1, Gib, false), s_catalog, [])).Reason, StringComparison.Ordinal);

    private static int Rank(ModelChoice choice) => choice is ModelChoice.Picked(var entry, _) ? s_catalog.Entries.IndexOf(entry) : int.MaxValue;

    private static HardwareFacts Machine(long total, long available, int cores, long disk, bool accelerated) => new(total, available, cores, disk, accelerated, []);
}
