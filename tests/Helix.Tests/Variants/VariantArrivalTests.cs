using Helix.Core.Hardware;
using Helix.Tests.Fakes;
using Helix.Tests.Models;
using Helix.Variants;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Variants;

public sealed class VariantArrivalTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FixedConfig _config = new();
    private readonly List<EngineVariant> _fetched = [];
    private readonly List<EngineVariant> _tested = [];
    private readonly VariantStore _store;
    private AcceleratorFacts _facts = new("linux-x64", null, [], [], true, true, "radeon 1");
    private PackOutcome.Failed? _fetchFails;
    private Func<EngineVariant, VariantTest> _test = _ => new VariantTest.Passed("Vulkan0");
    private bool _offline;
    private bool _breaks;

    public VariantArrivalTests() => _store = new VariantStore(_temporary.Home);

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task The_build_at_hand_runs_until_the_other_one_has_passed_its_test()
    {
        var before = new List<EngineLibraries?>();
        VariantArrival? arrival = null;
        _test = _ =>
        {
            before.Add(arrival!.Current.Libraries);
            return new VariantTest.Passed("Vulkan0");
        };
        arrival = Make();
        Assert.Null(arrival.Current.Libraries);

        await RunAsync(arrival, () => arrival.Current.Libraries is not null);

        Assert.Equal([null], before);
        Assert.Equal(_store.FolderOf(EngineVariant.Vulkan), arrival.Current.Libraries!.Folder);
        Assert.Null(arrival.Current.Note);
    }

    [Fact]
    public async Task What_has_passed_is_used_at_once_by_the_next_daemon()
    {
        var first = Make();
        await RunAsync(first, () => first.Current.Libraries is not null);

        Assert.Equal(EngineVariant.Vulkan, Make().Current.Libraries?.Variant);

        var next = Make();
        _config.Become(_config.Current with { Builtin = new(Device: DeviceWish.Cpu) });
        await RunAsync(next, () => next.Current.Libraries is null);
        Assert.Single(_fetched);
        Assert.Single(_tested);
    }

    [Fact]
    public async Task What_failed_its_test_is_not_fetched_again_until_the_drivers_change()
    {
        _test = _ => new VariantTest.Failed("no device was found");
        var first = Make();
        await RunAsync(first, () => _tested.Count > 0 && Failed(first));
        Assert.False(_store.Has(EngineVariant.Vulkan));

        var second = Make();
        Assert.True(Failed(second));
        await RunAsync(second, () => true);
        Assert.Single(_fetched);

        _test = _ => new VariantTest.Passed("Vulkan0");
        _facts = _facts with { Drivers = "radeon 2" };
        var third = Make();
        await RunAsync(third, () => third.Current.Libraries is not null);
        Assert.Equal(2, _fetched.Count);

        static bool Failed(VariantArrival arrival) => arrival.Current is { Libraries: null, Note: "Vulkan failed its test on this machine (no device was found): the CPU computes" };
    }

    [Fact]
    public async Task After_a_failed_test_the_next_best_is_tried()
    {
        _facts = _facts with { Nvidia = new NvidiaDriver("RTX", new Version(580, 1)), CudaRuntimes = [12, 13] };
        _test = variant => variant == EngineVariant.Vulkan ? new VariantTest.Passed("Vulkan0") : new VariantTest.Failed("no kernel");
        var arrival = Make();

        await RunAsync(arrival, () => arrival.Current.Libraries is not null);

        Assert.Equal([EngineVariant.Cuda13, EngineVariant.Cuda12, EngineVariant.Vulkan], _fetched);
        Assert.Equal(EngineVariant.Vulkan, arrival.Current.Libraries?.Variant);
        Assert.Contains("CUDA 13 failed its test on this machine (no kernel)", arrival.Current.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fetch_that_fails_is_said_and_tried_again_later()
    {
        _fetchFails = new PackOutcome.Failed("npm is not there to fetch it", "Install Node.js");
        var arrival = Make();
        await RunAsync(
            arrival,
            () => arrival.Current.Note?.Contains("npm is not there to fetch it; Install Node.js (next try at 00:01 UTC)", StringComparison.Ordinal) is true,
            async () =>
            {
                _fetchFails = null;
                _time.Advance(TimeSpan.FromMinutes(1));
                await Eventually.TrueAsync(() => arrival.Current.Libraries is not null);
            });

        Assert.Equal(2, _fetched.Count);
    }

    [Fact]
    public async Task A_machine_that_breaks_does_not_end_the_loop()
    {
        _breaks = true;
        var arrival = Make();
        await RunAsync(
            arrival,
            () => arrival.Current.Note?.Contains("the keeper is away", StringComparison.Ordinal) is true,
            async () =>
            {
                _breaks = false;
                _time.Advance(TimeSpan.FromMinutes(1));
                await Eventually.TrueAsync(() => arrival.Current.Libraries is not null);
            });
    }

    [Fact]
    public async Task Offline_nothing_is_fetched_and_what_is_there_is_used()
    {
        _offline = true;
        var arrival = Make();
        await RunAsync(arrival, () => arrival.Current.Note?.StartsWith("helix is offline", StringComparison.Ordinal) is true);
        Assert.Empty(_fetched);

        Directory.CreateDirectory(_store.FolderOf(EngineVariant.Vulkan));
        var again = Make();
        await RunAsync(again, () => again.Current.Libraries is not null);
        Assert.Empty(_fetched);
    }

    [Fact]
    public async Task Without_auto_install_only_what_was_asked_for_is_fetched()
    {
        _config.Become(_config.Current with { AutoManager = new(AutoInstall: false) });
        var arrival = Make();
        await RunAsync(
            arrival,
            () => arrival.Current.Note?.Contains("helix config set builtin.device vulkan", StringComparison.Ordinal) is true,
            async () =>
            {
                Assert.Empty(_fetched);
                _config.Become(_config.Current with { Builtin = new(Device: DeviceWish.Vulkan) });
                await Eventually.TrueAsync(() => arrival.Current.Libraries is not null);
            });
    }

    private VariantArrival Make() => new(
        new VariantTools(() => _facts, _ => new Dictionary<string, string>(), variant => EnginePackages.Of(variant), FetchAsync, TestAsync, () => _offline),
        _store, _config, _time, NullLogger<VariantArrival>.Instance);

    private Task<PackOutcome.Failed?> FetchAsync(EngineVariant variant, CancellationToken cancellationToken)
    {
        if (_breaks) throw new IOException("the keeper is away");
        _fetched.Add(variant);
        if (_fetchFails is null) _store.Finish(variant, _store.Begin(variant));
        return Task.FromResult(_fetchFails);
    }

    private Task<VariantTest> TestAsync(EngineLibraries libraries, CancellationToken cancellationToken)
    {
        _tested.Add(libraries.Variant);
        return Task.FromResult(_test(libraries.Variant));
    }

    /// <summary>Runs the arrival's loop until this is so, does the rest, and ends it.</summary>
    private static async Task RunAsync(VariantArrival arrival, Func<bool> until, Func<Task>? then = null)
    {
        await arrival.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(until);
        if (then is not null) await then();
        await arrival.StopAsync(CancellationToken.None);
        arrival.Dispose();
    }
}
