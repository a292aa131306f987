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

/// <summary>Installations keep to <c>resources.disk_budget</c>, and to what the user wishes.</summary>
public sealed class InstallRoomTests : IAsyncLifetime
{
    private readonly TemporaryHome _temporary = new();
    private readonly FixedConfig _config = new();
    private readonly ReleaseStore _store;
    private readonly Installations _installations;
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<InstallJob, InstallOutcome> _outcome = _ => new InstallOutcome.Done([]);
    private TrialOutcome _trial = new TrialOutcome.Passed("tried");
    private Action<InstallProgress>? _reported;
    private long _used;

    public InstallRoomTests()
    {
        Write("small", 1);
        Write("middle", 3);
        Write("large", 9);
        var home = _temporary.Home;
        _store = new ReleaseStore(home);
        Budget(5);
        var machine = new MachineFacts("linux", "x64", null, new(2, 36), 16_000_000_000, 100_000_000_000, [], false, false);
        var tools = new InstallTools(
            () => machine, (_, _, need) => [.. need.Ways.Select(way => (way, (Asset?)null))], MakeAsync, (_, _, _, _) => Task.FromResult(_trial),
            () => new(home.Downloads, id => Path.Combine(home.Logs, id)))
        {
            Disk = () => (_used, null),
        };
        _installations = new Installations(tools, _store, new ManifestShelf(home), _config, TimeProvider.System, NullLogger<Installations>.Instance);
    }

    public async ValueTask InitializeAsync() => await _installations.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _go.TrySetResult();
        await _installations.StopAsync(CancellationToken.None);
        _installations.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task The_smallest_are_begun_first_and_what_does_not_fit_beside_them_says_so()
    {
        await Eventually.TrueAsync(() => State("small").IsWorking && State("middle").IsWorking);

        Assert.False(State("large").IsWorking);
        Assert.Equal(
            "it needs about 9.0 GB, and of resources.disk_budget 0 bytes of 5.0 GB are used, and 4.0 GB are kept for what is being installed; helix local-llm cleanup frees what nobody needs, or raise resources.disk_budget",
            State("large").Failure!.Reason);
        Assert.Equal("Run: helix local-llm cleanup, or: helix config set resources.disk_budget 14", State("large").Failure!.Remedy);
        Assert.Equal("about 1.0 GB on disk", State("small").Size);
    }

    [Fact]
    public async Task A_higher_budget_lets_it_begin_at_once()
    {
        _go.SetResult();
        await Eventually.TrueAsync(() => _store.Current("middle") is not null && State("large").Failure is not null);

        Budget(20);

        await Eventually.TrueAsync(() => _store.Current("large") is not null);
    }

    [Fact]
    public async Task A_release_is_made_again_in_its_place_and_the_old_one_stays_where_that_fails()
    {
        _go.SetResult();
        await Eventually.TrueAsync(() => _store.Current("small") is not null && State("small").Need is InstallNeed.Satisfied);
        var mark = Path.Combine(_store.Current("small")!.Folder, "mark");
        await File.WriteAllTextAsync(mark, "", TestContext.Current.CancellationToken);

        _outcome = _ => new InstallOutcome.Failed("downloading", "no network", "", Waits: true);
        Assert.Equal("no network", (await _installations.RebuildAsync("small"))!.Reason);
        Assert.True(File.Exists(mark));
        await Eventually.TrueAsync(() => State("small").Need is InstallNeed.Satisfied);

        _outcome = _ => new InstallOutcome.Done([]);
        Assert.Null(await _installations.RebuildAsync("small"));
        Assert.False(File.Exists(mark));
        Assert.NotNull(_store.Current("small"));
    }

    [Fact]
    public async Task What_is_not_installed_cannot_be_made_again() =>
        Assert.Contains("cannot be installed here now", (await _installations.RebuildAsync("nobody"))!.Reason, StringComparison.Ordinal);

    [Fact]
    public async Task Room_that_a_cleanup_made_lets_it_begin_at_once()
    {
        _used = 50_000_000_000;
        _go.SetResult();
        Budget(20);
        await Eventually.TrueAsync(() => State("large").Failure is not null);

        _used = 0;
        await _installations.WhileStillAsync(_ => { });

        await Eventually.TrueAsync(() => _store.Current("large") is not null);
    }

    [Fact]
    public async Task What_waits_for_room_can_be_removed()
    {
        await Eventually.TrueAsync(() => State("large").Failure is not null);

        await _installations.RemoveAsync("large").WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        Assert.IsType<InstallNeed.Off>(State("large").Need);
    }

    [Fact]
    public async Task What_is_removed_while_it_is_being_installed_is_not_installed_any_further()
    {
        await Eventually.TrueAsync(() => State("small").IsWorking);

        await _installations.RemoveAsync("small");

        Assert.False(State("small").IsWorking);
        _go.SetResult();
        await Eventually.TrueAsync(() => _store.Current("middle") is not null);
        Assert.Null(_store.Current("small"));
        Assert.Empty(_store.All("small"));

        _installations.Ask("small", null);
        await Eventually.TrueAsync(() => _store.Current("small") is not null);
    }

    [Fact]
    public async Task What_is_switched_off_while_it_is_being_installed_is_not_installed_any_further()
    {
        await Eventually.TrueAsync(() => State("small").IsWorking && State("middle").IsWorking);

        _config.Become(_config.Current with { Providers = new(["middle"]) });
        _installations.Ask("middle", null);

        await _installations.WhileStillAsync(_ => { });
        await Eventually.TrueAsync(() => IsStill("small"));
        _go.SetResult();
        await Eventually.TrueAsync(() => _store.Current("middle") is not null);
        Assert.Null(_store.Current("small"));

        bool IsStill(string id)
        {
            var isStill = false;
            _installations.WhileStillAsync(working => isStill = !working.Contains(id)).GetAwaiter().GetResult();
            return isStill;
        }
    }

    [Fact]
    public async Task What_was_fetched_already_is_not_counted_twice()
    {
        await Eventually.TrueAsync(() => State("small").IsWorking && State("middle").IsWorking && Volatile.Read(ref _reported) is not null);

        _reported!(new("downloading p", 800_000_000, 1_000_000_000));
        _used = 800_000_000;
        _installations.Ask("large", null);
        await _installations.SettledAsync();

        Assert.StartsWith("it needs about 9.0 GB, and of resources.disk_budget 800.0 MB of 5.0 GB are used, and 3.2 GB are kept", State("large").Failure!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_is_kept_only_once_it_is_there_and_one_that_cannot_be_had_changes_nothing()
    {
        _go.SetResult();
        await Eventually.TrueAsync(() => _store.Current("small") is not null);
        _outcome = job => job.Version == "typo" ? new InstallOutcome.Failed("fetching", "there is no such version", "", Waits: false) : new InstallOutcome.Done([]);

        _installations.Ask("small", "typo");
        await Eventually.TrueAsync(() => State("small") is { Failure: not null });
        Assert.IsType<InstallNeed.Satisfied>(State("small").Need);
        Assert.Equal(("1", null), (_store.Current("small")!.Version, _store.Words("small").Pinned));

        Assert.Null(_store.Words("small").Wished);

        _installations.Ask("small", "2");
        await Eventually.TrueAsync(() => _store.Current("small")!.Version == "2");
        await _installations.SettledAsync();
        Assert.Equal(("2", null), (_store.Words("small").Pinned, _store.Words("small").Wished));

        // what is in use already is kept from then on, too
        _installations.Ask("small", null);
        await Eventually.TrueAsync(() => _store.Current("small")!.Version == "1");
        _installations.Ask("small", "1");
        await _installations.SettledAsync();
        Assert.Equal("1", _store.Words("small").Pinned);
    }

    [Fact]
    public async Task What_was_refused_when_it_was_asked_for_is_not_done_later_unasked()
    {
        _go.SetResult();
        await Eventually.TrueAsync(() => _store.Current("small") is not null);
        await _installations.RemoveAsync("small");
        var before = _config.Current;
        _config.Become(before with { Providers = new(["middle"]) });
        await Eventually.TrueAsync(() => State("large").Need is InstallNeed.Off);

        _installations.Ask("small", null);
        await _installations.SettledAsync();
        Assert.Equal("small is not in providers.enabled", Assert.IsType<InstallNeed.Off>(State("small").Need).Reason);
        _config.Become(before);
        await Eventually.TrueAsync(() => State("large").Need is InstallNeed.Needed);

        Assert.StartsWith("removed by you", Assert.IsType<InstallNeed.Off>(State("small").Need).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_nobody_vouches_for_goes_with_the_release_that_does_not_answer()
    {
        var file = Path.Combine(_temporary.Home.Root, "fetched");
        await File.WriteAllTextAsync(file, "x", TestContext.Current.CancellationToken);
        _outcome = _ => new InstallOutcome.Done([new("p 1", "sha256", new string('0', 64), DigestFrom.Recorded)]) { Fetched = new(file, new("p 1", "sha256", new string('0', 64), DigestFrom.Recorded)) };
        _trial = new TrialOutcome.Failed("trying it", "it does not answer");
        _go.SetResult();

        await Eventually.TrueAsync(() => State("small").Failure is not null);

        Assert.False(File.Exists(file));
        // where the same comes again, it is not the file that is to blame
        await File.WriteAllTextAsync(file, "x", TestContext.Current.CancellationToken);
        _installations.Ask("small", null);
        await _installations.SettledAsync();
        await Eventually.TrueAsync(() => State("small").Failure is not null);
        Assert.True(File.Exists(file));
        // nor is its digest what must be from now on
        Assert.Null(DigestLedger.Of(_temporary.Home, "small").Find("p 1", "sha256"));
    }

    [Fact]
    public async Task Asked_for_by_name_it_is_not_begun_either()
    {
        await Eventually.TrueAsync(() => State("large").Failure is not null);

        _installations.Ask("large", null);
        await _installations.SettledAsync();

        Assert.False(State("large").IsWorking);
        Assert.Equal("looking for room", State("large").Failure!.Step);
    }

    private ProviderInstall State(string id)
    {
        Assert.Empty(new ManifestShelf(_temporary.Home).Current.Problems);
        return _installations.Current.Providers[id];
    }

    private void Budget(int gigabytes) => _config.Become(HelixConfig.Default with { Providers = new(["small", "middle", "large"]), Resources = new(gigabytes) });

    private async Task<InstallOutcome> MakeAsync(InstallJob job, CancellationToken cancellationToken)
    {
        if (job.Provider == "small") _reported = job.Report;
        await _go.Task.WaitAsync(cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(job.Staging, "p"), "x", cancellationToken);
        return _outcome(job);
    }

    private void Write(string id, int gigabytes)
    {
        Directory.CreateDirectory(_temporary.Home.UserProviders);
        File.WriteAllText(Path.Combine(_temporary.Home.UserProviders, id + ".yaml"), """
            id: {{id}}
            name: An engine
            category: foundation
            description: For a test
            licence: MIT
            home: https://example.org
            tier: 2
            runs:
              elsewhere: no
              platforms:
                - {os: linux, architectures: [x64], disk_gb: {{gigabytes}}}
            install:
              - {kind: python, version: "1", package: p}
            launch:
              listen: socket
              processes:
                - program: "{release}/p"
                  arguments: [{words: ["{socket}"]}]
            serves: {dialects: [openai], abilities: [chat], ready: {path: /health, status: 200}}
            models: {formats: [gguf]}
            """.Replace("{{id}}", id, StringComparison.Ordinal).Replace("{{gigabytes}}", $"{gigabytes}", StringComparison.Ordinal));
    }
}
