using Helix.Backup;
using Helix.Core.Backup;
using Helix.Core.History;

namespace Helix.Tests.Backup;

public sealed class DailyBackupTests : IAsyncLifetime
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMinutes(30);

    private readonly BackupHouse _house = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _house.FurnishAsync();

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task In_a_week_seven_backups_are_made_exactly()
    {
        _house.Config = new(KeepDaily: 30);

        await PassAsync(TimeSpan.FromDays(7), Daily());

        Assert.Equal(7, _house.Backups.Shelf.All.Count);
        Assert.Equal(7, _house.Told.Count(told => told.What == "backed_up"));
        Assert.DoesNotContain(_house.Told, told => told.Kind == HistoryKind.Alert);
    }

    [Fact]
    public async Task A_daemon_that_comes_back_each_hour_makes_no_more_of_them()
    {
        _house.Config = new(KeepDaily: 30);

        for (var hour = 0; hour < 7 * 24; hour++) await PassAsync(TimeSpan.FromHours(1), Daily());

        Assert.Equal(7, _house.Backups.Shelf.All.Count);
    }

    [Fact]
    public async Task Days_on_which_the_machine_was_off_are_made_up_once()
    {
        await PassAsync(TimeSpan.FromHours(1), Daily());
        _house.Time.Advance(TimeSpan.FromDays(12));

        await PassAsync(TimeSpan.FromHours(20), Daily());

        Assert.Equal(2, _house.Told.Count(told => told.What == "backed_up"));
    }

    [Fact]
    public async Task What_is_kept_is_bounded()
    {
        await PassAsync(TimeSpan.FromDays(40), Daily());

        Assert.Equal(40, _house.Told.Count(told => told.What == "backed_up"));
        Assert.Equal(new Retention(7, 4, 6).Keep(_house.Backups.Shelf.All.Select(backup => backup.Name.At)).Count, _house.Backups.Shelf.All.Count);
        Assert.InRange(_house.Backups.Shelf.All.Count, 9, 13);
    }

    [Fact]
    public async Task None_is_made_where_that_is_switched_off()
    {
        _house.Config = new(Enabled: false);

        await PassAsync(TimeSpan.FromDays(2), Daily());

        Assert.Empty(_house.Backups.Shelf.All);
    }

    [Fact]
    public async Task One_that_fails_is_tried_again_within_the_hour_and_not_at_every_look()
    {
        _house.Config = new(KeyFile: "/nowhere/key");

        await PassAsync(TimeSpan.FromHours(4), Daily());

        Assert.Equal(4, _house.Told.Count(told => told.Kind == HistoryKind.Alert));
        Assert.Empty(_house.Backups.Shelf.All);
    }

    private DailyBackup Daily() => new(_house.Backups, () => _house.Config, _house.Time, () => 0);

    private async Task PassAsync(TimeSpan span, DailyBackup daily)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += s_pace)
        {
            await daily.LookAsync(Token);
            _house.Time.Advance(s_pace);
        }
    }
}
