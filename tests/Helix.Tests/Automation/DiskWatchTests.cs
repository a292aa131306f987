using Helix.Automation;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Install;
using Helix.Install;
using Helix.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Automation;

public sealed class DiskWatchTests : IDisposable
{
    private const long Gigabyte = 1_000_000_000;

    private readonly TemporaryHome _temporary = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<HistoryEvent> _told = [];
    private CleanupConfig _config = new();
    private long _free = 50 * Gigabyte;
    private int _cleaned;
    private bool _cleanFails;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_disk_that_is_nearly_full_is_cleaned_and_told_of_once()
    {
        var watch = Watch();
        await watch.LookAsync(Token);
        Assert.Empty(_told);

        _free = 4 * Gigabyte;
        for (var look = 0; look < 5; look++) await watch.LookAsync(Token);

        Assert.Equal(1, _cleaned);
        Assert.Equal([HistoryKind.Cleanup, HistoryKind.Alert], _told.Select(told => told.Kind));
        Assert.Equal(Severity.Error, _told[1].Severity);

        // a little more than the mark is not enough
        _free = 5 * Gigabyte + 1;
        await watch.LookAsync(Token);
        Assert.Equal(2, _told.Count);

        _free = 7 * Gigabyte;
        await watch.LookAsync(Token);
        Assert.Equal("disk_enough", _told[2].What);

        _free = 4 * Gigabyte;
        await watch.LookAsync(Token);
        Assert.Equal(2, _cleaned);
    }

    [Fact]
    public async Task Where_cleaning_up_is_switched_off_it_is_told_all_the_same()
    {
        (_config, _free) = (new(Enabled: false), Gigabyte);

        await Watch().LookAsync(Token);

        Assert.Equal(0, _cleaned);
        Assert.Contains(_told, told => told.Kind == HistoryKind.Alert);
    }

    [Fact]
    public async Task Where_cleaning_up_fails_it_is_told_all_the_same_and_tried_again_soon()
    {
        (_cleanFails, _free) = (true, Gigabyte);
        var daily = new DailyCleanup(Tools(), () => Task.FromResult<DateTimeOffset?>(null), () => 0);

        await Watch().LookAsync(Token);
        await daily.LookAsync(Token);

        Assert.Contains("it was there a moment ago", Assert.Single(_told, told => told is { Kind: HistoryKind.Alert, What: "disk_low" }).Words, StringComparison.Ordinal);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromHours(1), daily.Due);
    }

    [Fact]
    public async Task A_log_that_has_grown_too_long_is_moved_away_and_whoever_writes_it_goes_on()
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_temporary.Home.Logs, "vllm")).FullName, "vllm-1.log");
        _config = new(LogMegabytes: 1);
        await using var writer = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        writer.Write(new byte[1_000_001]);
        writer.Flush();

        await Watch().LookAsync(Token);
        Assert.Equal(0, new FileInfo(file).Length);
        Assert.Equal(1_000_001, new FileInfo(file + ".1").Length);
        await Watch().LookAsync(Token);

        Assert.Equal(["vllm-1.log", "vllm-1.log.1"], Directory.GetFiles(Path.GetDirectoryName(file)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task In_a_week_it_is_cleaned_up_seven_times()
    {
        var daily = new DailyCleanup(Tools(), () => Task.FromResult<DateTimeOffset?>(null), () => 0);

        for (var minute = 0; minute < 7 * 24 * 60; minute++)
        {
            await daily.LookAsync(Token);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(7, _cleaned);
        Assert.Equal(7, _told.Count(told => told.What == DailyCleanup.Cleaned));
        Assert.Contains("1.0 GB were freed: 1 download", _told[0].Words, StringComparison.Ordinal);
    }

    private DiskWatch Watch() => new(Tools(), _temporary.Home.Logs, () => (_free, 100 * Gigabyte), NullLogger<DiskWatch>.Instance);

    private CleanupTools Tools() => new(
        _ =>
        {
            _cleaned++;
            if (_cleanFails) throw new DirectoryNotFoundException("it was there a moment ago");
            return Task.FromResult<System.Collections.Immutable.ImmutableArray<CleanupDone>>([new(new(CleanupKind.Download, "", new("/x", Gigabyte, default)), null)]);
        },
        () => _config, _told.Add, _time);
}
