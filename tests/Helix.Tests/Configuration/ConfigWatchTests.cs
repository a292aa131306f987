using Helix.Configuration;
using Helix.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Configuration;

public sealed class ConfigWatchTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryHome _temporary = new();

    [Fact]
    public async Task A_good_edit_is_taken_and_said_to_who_waits()
    {
        _temporary.WriteConfig("");
        using var watch = await StartAsync();
        var changed = watch.ChangedAsync(watch.Version, TestContext.Current.CancellationToken);

        _temporary.WriteConfig("health:\n  check_interval: 7\n");
        await changed.WaitAsync(s_patience, TestContext.Current.CancellationToken);

        Assert.Equal(7, watch.Current.Health.CheckInterval);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_file_that_an_editor_renames_into_place_is_seen()
    {
        var path = _temporary.WriteConfig("");
        using var watch = await StartAsync();
        var changed = watch.ChangedAsync(watch.Version, TestContext.Current.CancellationToken);

        await File.WriteAllTextAsync(path + "~", "gateway: {port: 5000}\n", TestContext.Current.CancellationToken);
        File.Move(path + "~", path, overwrite: true);
        await changed.WaitAsync(s_patience, TestContext.Current.CancellationToken);

        Assert.Equal(5000, watch.Current.Gateway.Port);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_bad_edit_changes_nothing_and_is_named()
    {
        _temporary.WriteConfig("health:\n  check_interval: 7\n");
        using var watch = Create();

        _temporary.WriteConfig("health:\n  check_interval: never\n");
        var report = watch.Reload();

        Assert.False(report.Taken);
        Assert.StartsWith("line 2: health.check_interval: must be", Assert.Single(report.Errors));
        Assert.Equal(report.Errors, watch.Problems);
        Assert.Equal(7, watch.Current.Health.CheckInterval);

        _temporary.WriteConfig("health:\n  check_interval: 8\n");
        Assert.True(watch.Reload().Taken);
        Assert.Empty(watch.Problems);
        Assert.Equal(8, watch.Current.Health.CheckInterval);
    }

    [Fact]
    public void A_daemon_that_comes_back_to_a_broken_file_goes_on_with_the_last_good_one()
    {
        _temporary.WriteConfig("security:\n  require_key: true\n");
        using (Create()) { }

        _temporary.WriteConfig("security:\n  require_key: maybe\n");
        using var second = Create();

        Assert.True(second.Current.Security.RequireKey);
        Assert.NotEmpty(second.Problems);
    }

    [Fact]
    public void A_file_that_is_deleted_opens_nothing()
    {
        var path = _temporary.WriteConfig("security:\n  require_key: true\n");
        using var watch = Create();

        File.Delete(path);
        var report = watch.Reload();
        using var second = Create();

        Assert.False(report.Taken);
        Assert.Contains("is gone", Assert.Single(watch.Problems), StringComparison.Ordinal);
        Assert.True(watch.Current.Security.RequireKey);
        Assert.True(second.Current.Security.RequireKey);
    }

    [Fact]
    public void A_reload_says_what_is_felt_later_or_not_at_all()
    {
        _temporary.WriteConfig("");
        using var watch = Create();

        _temporary.WriteConfig("gateway: {port: 5000}\nauto_manager: {auto_configure: false}\nhealth: {retry_delay: 1}\n");

        Assert.Equal(
            ["auto_manager.auto_configure has no effect yet: what it steers is not built", "gateway.port takes effect at the next start: helix stop, then helix start"],
            watch.Reload().Notes);
        Assert.Empty(watch.Reload().Notes);
        Assert.Equal(1, watch.Version);
    }

    private ConfigWatch Create() => new(_temporary.Home, TimeProvider.System, NullLogger<ConfigWatch>.Instance);

    private async Task<ConfigWatch> StartAsync()
    {
        var watch = Create();
        await watch.StartAsync(TestContext.Current.CancellationToken);
        return watch;
    }

    public void Dispose() => _temporary.Dispose();
}
