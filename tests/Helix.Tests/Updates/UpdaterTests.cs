using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.History;
using Helix.Core.Manifests;
using Helix.Fleet;
using Helix.Install;
using Helix.Manifests;
using Helix.Tests.Fakes;
using Helix.Tests.Install;
using Helix.Tests.Models;
using Helix.Updates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Updates;

/// <summary>The manifest names version 2, which fails its trial; version 1 is in use.</summary>
public sealed class UpdaterTests : IAsyncLifetime
{
    private readonly TemporaryHome _temporary = new();
    private readonly InstallStand _stand = new();
    private readonly FixedConfig _config = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly List<HistoryEvent> _told = [];
    private readonly List<DateTimeOffset> _backups = [];
    private readonly MeasuringTurn _measuring = new();
    private readonly NewestLook _newest;
    private readonly Installations _installations;
    private readonly Updater _updater;

    public UpdaterTests()
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
              - {kind: python, version: "2", package: p}
            launch:
              listen: socket
              processes:
                - program: "{release}/p"
                  arguments: [{words: ["{socket}"]}]
            serves: {dialects: [openai], abilities: [chat], ready: {path: /health, status: 200}}
            models: {formats: [gguf]}
            """);
        var (store, shelf) = (new ReleaseStore(home), new ManifestShelf(home));
        var staging = store.Begin("mine", "1");
        store.Finish(new("mine", "1", staging, Accelerator.None, InstallKind.Python, _time.GetUtcNow(), 1, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty, [], ""), staging);
        store.Switch("mine", "1");
        _config.Become(HelixConfig.Default with { Providers = new(["mine"]) });
        var machine = new MachineFacts("linux", "x64", null, new(2, 36), 16_000_000_000, 100_000_000_000, [], false, false);
        var tools = new InstallTools(
            () => machine, (_, _, need) => [.. need.Ways.Select(way => (way, (Asset?)null))], (_, _) => Task.FromResult<InstallOutcome>(new InstallOutcome.Done([])),
            (_, _, _, _) => Task.FromResult<TrialOutcome>(new TrialOutcome.Failed("asking it", "no answer")), () => new(home.Downloads, id => Path.Combine(home.Logs, id)));
        _installations = new Installations(tools, store, shelf, _config, _time, NullLogger<Installations>.Instance);
        _newest = new NewestLook(_stand.Ground, _time);
        var sources = new VersionSources(
            shelf, store, _newest, () => machine,
            (_, _) =>
            {
                lock (_backups) _backups.Add(_time.GetUtcNow());
                return Task.CompletedTask;
            });
        // nothing comes so far that it is raced or watched
        _updater = new Updater(sources, _installations, null!, null!, _measuring, _config, _told.Add, _time, () => 0, NullLogger<Updater>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _installations.StartAsync(Token);

    public async ValueTask DisposeAsync()
    {
        await _updater.StopAsync(CancellationToken.None);
        await _installations.StopAsync(CancellationToken.None);
        _updater.Dispose();
        _installations.Dispose();
        _newest.Dispose();
        _measuring.Dispose();
        _stand.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task What_the_manifest_names_and_fails_is_not_fetched_again_every_hour()
    {
        for (var minute = 0; minute < 30 * 60; minute++)
        {
            await _updater.LookAsync(Token);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(2, _backups.Count);
        Assert.InRange(_backups[1] - _backups[0], TimeSpan.FromHours(24), TimeSpan.FromHours(25));
        Assert.Equal(["begun", "not_installed", "begun", "not_installed"], _told.Select(each => each.What));
    }

    [Fact]
    public async Task A_maintenance_window_between_two_looks_is_met()
    {
        // the looks are at three minutes past each hour
        _config.Become(_config.Current with { Updates = new(Window: "12:20-12:30") });
        await _updater.StartAsync(Token);

        await Eventually.TrueAsync(() => Backups() > 0 || _time.GetUtcNow() > _time.Start.AddHours(3), () => _time.Advance(TimeSpan.FromSeconds(10)));

        Assert.InRange(Assert.Single(_backups), _time.Start.AddMinutes(20), _time.Start.AddMinutes(30));

        int Backups()
        {
            lock (_backups) return _backups.Count;
        }
    }
}
