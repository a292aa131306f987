using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Install;
using Helix.Manifests;
using Helix.Tests.Fakes;
using Helix.Tests.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Install;

/// <summary>What becomes of a release that is no good: where helix goes back to, and what it does not come back to.</summary>
public sealed class ReleaseRefusalTests : IAsyncLifetime
{
    private readonly TemporaryHome _temporary = new();
    private readonly FixedConfig _config = new();
    private readonly ReleaseStore _store;
    private readonly Installations _installations;
    private Func<int, TrialOutcome> _trial = _ => new TrialOutcome.Passed("tried");
    private int _trials;

    public ReleaseRefusalTests()
    {
        var home = _temporary.Home;
        Directory.CreateDirectory(home.UserProviders);
        File.WriteAllText(Path.Combine(home.UserProviders, "mine.yaml"), """
            id: mine
            name: An engine
            category: foundation
            description: For a test
            licence: MIT
            home: https://example.org
            tier: 2
            runs:
              elsewhere: no
              platforms:
                - {os: linux, architectures: [x64]}
            install:
              - {kind: python, version: "1", package: p}
            launch:
              listen: socket
              processes:
                - program: "{release}/p"
                  arguments: [{words: ["{socket}"]}]
            serves: {dialects: [openai], abilities: [chat], ready: {path: /health, status: 200}}
            models: {formats: [gguf]}
            """);
        _store = new ReleaseStore(home);
        _config.Become(HelixConfig.Default with { Providers = new(["mine"]) });
        var machine = new MachineFacts("linux", "x64", null, new(2, 36), 16_000_000_000, 100_000_000_000, [], false, false);
        var tools = new InstallTools(
            () => machine, (_, _, need) => [.. need.Ways.Select(way => (way, (Asset?)null))],
            async (job, cancellationToken) =>
            {
                await File.WriteAllTextAsync(Path.Combine(job.Staging, "p"), "x", cancellationToken);
                return new InstallOutcome.Done([]);
            },
            (_, _, _, _) => Task.FromResult(_trial(++_trials)),
            () => new(home.Downloads, id => Path.Combine(home.Logs, id)));
        _installations = new Installations(tools, _store, new ManifestShelf(home), _config, TimeProvider.System, NullLogger<Installations>.Instance);
    }

    public async ValueTask InitializeAsync()
    {
        await _installations.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => _store.Current("mine")?.Version == "1");
        await _installations.SettledAsync();
        _trials = 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _installations.StopAsync(CancellationToken.None);
        _installations.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task Nobody_goes_back_to_a_release_that_was_no_good()
    {
        Assert.Null(await _installations.StageAsync("mine", "2"));
        await _installations.UseAsync("mine", "2");
        Assert.Equal("1", (await _installations.RefuseAsync("mine", "2"))?.Version);

        Assert.Null(_store.Previous("mine"));
        Assert.Contains(_store.Unused("mine"), release => release.Version == "2");
        // the old one has trouble later: there is nothing better than itself
        Assert.Null(await _installations.RefuseAsync("mine", "1"));
        Assert.Equal("1", _store.Current("mine")?.Version);
    }

    [Fact]
    public async Task A_link_to_one_that_was_no_good_leads_nowhere()
    {
        Assert.Null(await _installations.StageAsync("mine", "2"));
        await _installations.UseAsync("mine", "2");
        _store.Remember("mine", _store.Words("mine") with { Refused = ["1"] });

        Assert.Null(_store.Previous("mine"));
        Assert.Null(await _installations.RefuseAsync("mine", "2"));
        Assert.Equal("2", _store.Current("mine")?.Version);
    }

    [Fact]
    public async Task One_that_was_asked_for_by_name_and_was_no_good_does_not_come_back()
    {
        _installations.Ask("mine", "2");
        await Eventually.TrueAsync(() => _store.Words("mine").Pinned == "2");

        Assert.Equal("1", (await _installations.RefuseAsync("mine", "2"))?.Version);
        await _installations.SettledAsync();

        Assert.Null(_store.Words("mine").Pinned);
        Assert.IsType<InstallNeed.Satisfied>(_installations.Current.Providers["mine"].Need);
        Assert.Equal("1", _store.Current("mine")?.Version);
        // asked for once more, it is used once more
        _installations.Ask("mine", "2");
        await Eventually.TrueAsync(() => _store.Current("mine")?.Version == "2");
    }

    [Fact]
    public async Task An_update_that_fails_its_trial_once_is_tried_once_more()
    {
        _trial = number => number == 1 ? new TrialOutcome.Failed("asking it", "killed by signal 9") : new TrialOutcome.Passed("tried");

        Assert.Null(await _installations.StageAsync("mine", "2"));

        Assert.Equal(2, _trials);
        Assert.Equal("1", _store.Current("mine")?.Version);
    }

    [Fact]
    public async Task One_that_fails_it_twice_is_no_good_and_the_manifests_own_is_tried_later()
    {
        _trial = _ => new TrialOutcome.Failed("asking it", "no answer");
        Assert.Equal((true, false), await _installations.StageAsync("mine", "2") is { } failed ? (failed.WasTried, failed.Waits) : default);
        Assert.Null(_store.Words("mine").Failed);
        Assert.Equal(2, _trials);

        _trial = _ => new TrialOutcome.Passed("tried");
        Assert.Null(await _installations.StageAsync("mine", "2"));
        await _installations.UseAsync("mine", "2");
        ReleaseStore.Delete(_store.Find("mine", "1")!);
        _trial = _ => new TrialOutcome.Failed("asking it", "no answer");
        for (var times = 1; times <= 2; times++)
        {
            Assert.Equal((true, true), await _installations.StageAsync("mine", "1") is { } again ? (again.WasTried, again.Waits) : default);
            Assert.Equal(("1", times), _store.Words("mine").Failed is { } noted ? (noted.Version, noted.Times) : default);
        }
    }
}
