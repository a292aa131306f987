using System.Text;
using Helix.Cli;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Daemon;
using Helix.Hardware;
using Helix.Manifests;
using Helix.Models;
using Helix.Tests.Cli;
using Helix.Tests.Fakes;
using Helix.Tests.Manifests;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Daemon;

/// <summary>What would happen on common machines, word for word.</summary>
public sealed class PlanTests : IDisposable
{
    private const ModelAbilities Chatty = ModelAbilities.Chat | ModelAbilities.Completion;

    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly PlannedModel[] s_library =
    [
        new("tiny", "/m/tiny.gguf", 500_000_000, 100_000, 32768, Chatty, false, s_now.AddDays(-3)),
        new("middle", "/m/middle.gguf", 5_000_000_000, 150_000, 32768, Chatty, false, s_now.AddDays(-2)),
        new("huge", "/m/huge.gguf", 42_000_000_000, 330_000, 131072, Chatty, false, s_now.AddDays(-4)),
        new("apple", "/m/apple", 3_000_000_000, 100_000, 32768, Chatty, false, s_now, ModelFormat.Mlx, "qwen3"),
        new("helix-selftest", "/m/s.gguf", 1_000_000, 100, 4096, Chatty, true, s_now),
    ];

    private readonly TemporaryHome _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Every_model_on_every_machine()
    {
        var text = new StringBuilder();
        foreach (var (name, facts, cores) in CommonMachines.All)
        {
            var ground = Ground(s_library);
            var table = PlanEndpoints.TableOf(facts, CommonMachines.HardwareOf(facts, cores), ground, other: true);
            var report = PlanEndpoints.ReportOf(table, s_library, null);
            text.Append($"{name}: {report.Machine}; {report.ModelMemoryBytes / 1e9:0.0} GB for models\n");
            foreach (var model in report.Models)
                text.Append($"  {model.Id,-22} {model.Format,-5} {model.Provider,-8} {model.Placement,-10} {model.Context,5} {model.Slots,1} {model.Reason}{(model.InLibrary ? "" : " (to be fetched)")}\n");
            text.Append($"  choice: {report.Choice}\n");
            text.Append($"  possible: {string.Join(' ', report.Providers.Where(provider => provider.State == ProviderState.Available).Select(provider => provider.Id))}\n\n");
        }

        GoldenFile.Check("plan", text.ToString());
    }

    /// <summary>Sizes of Qwen3 0.6B, 8B, 32B and Llama 3.3 70B as they are published: Q4_K_M, and 16 bit.</summary>
    [Fact]
    public void A_library_from_small_to_large_on_every_machine()
    {
        PlannedModel[] library =
        [
            Sized("0.6b", 0.40, 114_688, 28), Sized("8b", 5.03, 147_456, 36), Sized("32b", 19.8, 262_144, 64), Sized("70b", 42.5, 327_680, 80),
            Folder("0.6b", 1.5, 114_688, 28), Folder("8b", 16.4, 147_456, 36), Folder("32b", 65.5, 262_144, 64), Folder("70b", 141.1, 327_680, 80), s_library[^1],
        ];
        var text = new StringBuilder();
        foreach (var (name, facts, cores) in CommonMachines.All)
        {
            var report = PlanEndpoints.ReportOf(PlanEndpoints.TableOf(facts, CommonMachines.HardwareOf(facts, cores), Ground(library), other: false), library, null);
            text.Append($"{name}: {report.ModelMemoryBytes / 1e9:0.0} GB for models, {report.Threads} threads\n");
            foreach (var model in report.Models.Where(model => model.Id != "helix-selftest"))
                text.Append($"  {model.Id,-16} {model.Provider,-9} {model.Placement,-10} {model.Context,5} x {model.Slots,1}  {PlanVerb.GpuOf(model),-58} {model.Reason}\n");
            text.Append('\n');
        }

        GoldenFile.Check("plan-library", text.ToString());

        static PlannedModel Sized(string id, double gigabytes, long kv, int layers) =>
            new($"{id}-gguf", $"/m/{id}.gguf", (long)(gigabytes * 1e9), kv, 32768, Chatty, false, s_now.AddDays(-9 + layers / 40), ModelFormat.Gguf, "llama") { Layers = layers };

        static PlannedModel Folder(string id, double gigabytes, long kv, int layers) =>
            new($"{id}-safetensors", $"/m/{id}", (long)(gigabytes * 1e9), kv, 32768, Chatty, false, s_now.AddDays(-9), ModelFormat.Safetensors, "llama") { Layers = layers };
    }

    [Fact]
    public void Each_model_goes_to_the_best_provider_that_reads_it()
    {
        var report = Report(s_library);

        Assert.Equal("mlx", report.Models.Single(model => model.Id == "apple").Provider);
        Assert.All(report.Models.Where(model => model.Format == "gguf" && model.Id != "helix-selftest"), model => Assert.Equal("llamacpp", model.Provider));
        Assert.Equal(s_library.Select(model => model.Id).Order(), report.Models.Select(model => model.Id).Order());
    }

    [Fact]
    public void For_another_machine_the_model_that_would_be_fetched_there_is_planned_too()
    {
        var (_, facts, cores) = CommonMachines.All[1];
        var table = PlanEndpoints.TableOf(facts, CommonMachines.HardwareOf(facts, cores), Ground([s_library[^1]]), other: true);

        var fetched = PlanEndpoints.ReportOf(table, [s_library[^1]], null).Models[0];

        Assert.Equal((false, "run"), (fetched.InLibrary, fetched.Placement));
        Assert.StartsWith(fetched.Id, table.Choice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_file_replaces_the_machine_and_says_so()
    {
        var path = Path.Combine(_temporary.Home.Root, "machine.yaml");
        Directory.CreateDirectory(_temporary.Home.Root);
        File.WriteAllText(path, "os: linux\narchitecture: arm64\ncores: 4\nmemory_gb: 8\nglibc: 2.36\n");

        var chosen = Override(path);

        Assert.Equal($"this machine is planned as {path} says, not as it is", chosen.Note);
        Assert.Equal(("arm64", new Version(2, 36)), (chosen.Machine(CommonMachines.All[0].Facts).Architecture, chosen.Machine(CommonMachines.All[0].Facts).Glibc));
        Assert.Equal((8_000_000_000L, 4), (chosen.Hardware().TotalMemory, chosen.Hardware().LogicalCores));
    }

    [Fact]
    public void A_machine_file_that_cannot_be_used_changes_nothing_and_is_named()
    {
        var path = Path.Combine(_temporary.Home.Root, "machine.yaml");
        Directory.CreateDirectory(_temporary.Home.Root);
        Assert.Contains("it is not there", Override(path).Note, StringComparison.Ordinal);

        File.WriteAllText(path, "os: linux\ncpus: 4\n");
        var broken = Override(path);
        Assert.Contains("line 2: cpus: there is no such key", broken.Note, StringComparison.Ordinal);
        Assert.Same(CommonMachines.All[0].Facts, broken.Machine(CommonMachines.All[0].Facts));
        Assert.Null(Override(null).Note);
    }

    [Theory]
    [InlineData("{\"os\": \"linux\", \"architecture\": \"x64\", \"cores\": 1, \"memory_gb\": 4}", "")]
    [InlineData("os: linux\narchitecture: x64\ncores: 1\nmemory_gb: 4.5\n", "")]
    [InlineData("{\"os\": ", "line 1")]
    [InlineData("{\"os\": \"\\ud800\"}", "half of a character")]
    [InlineData("- 7\n", "section")]
    [InlineData("", "is missing")]
    public void A_machine_file_is_yaml_or_json(string text, string wrong)
    {
        var (file, errors) = MachineFileText.Parse(text);

        Assert.Equal(wrong.Length == 0, file is not null);
        Assert.Contains(wrong, string.Join("; ", errors), StringComparison.Ordinal);
    }

    private static HardwareOverride Override(TemporaryHome home, string? path)
    {
        var config = new Models.FixedConfig();
        config.Become(HelixConfig.Default with { Hardware = new(path) });
        return new(home.Home, config);
    }

    private HardwareOverride Override(string? path) => Override(_temporary, path);

    private Helix.Contracts.PlanReport Report(PlannedModel[] library)
    {
        var (_, facts, cores) = CommonMachines.All[1];
        return PlanEndpoints.ReportOf(PlanEndpoints.TableOf(facts, CommonMachines.HardwareOf(facts, cores), Ground(library), other: false), library, null);
    }

    private PlanGround Ground(PlannedModel[] library) => new(
        () => throw new InvalidOperationException("the machine is given"), new ManifestShelf(_temporary.Home), CatalogResource.Load, () => HelixConfig.Default, () => library, new FakeTimeProvider(s_now));
}
