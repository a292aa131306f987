using Helix.Core.History;
using Helix.Tests.Fakes;

namespace Helix.Tests.Backup;

public sealed class SecondPlaceTests : IAsyncLifetime
{
    private readonly BackupHouse _house = new();
    private readonly TemporaryHome _elsewhere = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string There => Path.Combine(_elsewhere.Home.Root, Environment.MachineName);

    public async ValueTask InitializeAsync() => await _house.FurnishAsync();

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task Each_backup_is_copied_and_kept_no_longer_than_here()
    {
        _house.Config = new(SecondPlace: _elsewhere.Home.Root, KeepDaily: 2, KeepWeekly: 0, KeepMonthly: 0);
        for (var day = 0; day < 4; day++)
        {
            var made = await _house.Backups.BackupNowAsync("daily", Token);
            Assert.Equal(await File.ReadAllBytesAsync(made.Path, Token), await File.ReadAllBytesAsync(Path.Combine(There, Path.GetFileName(made.Path)), Token));
            _house.Time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(["helix-20261201-080000.tar.gz", "helix-20261202-080000.tar.gz"], Directory.GetFiles(There).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_place_that_is_not_there_is_an_alert_and_the_backup_stays()
    {
        _house.Config = new(SecondPlace: Path.Combine(_elsewhere.Home.Root, "unmounted"));

        var made = await _house.Backups.BackupNowAsync("daily", Token);

        Assert.True(File.Exists(made.Path));
        Assert.Contains("unmounted", Assert.Single(made.Notes), StringComparison.Ordinal);
        Assert.Contains(_house.Told, told => told is { Kind: HistoryKind.Alert, What: "second_place_failed" });
    }

    [Fact]
    public async Task The_users_command_is_told_the_file_and_its_failure_is_an_alert()
    {
        _house.Config = new(Command: ["rclone", "copy", "{file}", "far:away"]);
        _house.CommandFails = "it ended with the code 7";

        var made = await _house.Backups.BackupNowAsync("daily", Token);

        Assert.Equal([$"rclone copy {made.Path} far:away"], _house.Commands);
        Assert.Contains("code 7", Assert.Single(made.Notes), StringComparison.Ordinal);
        Assert.Contains(_house.Told, told => told.Kind == HistoryKind.Alert);
    }
}
