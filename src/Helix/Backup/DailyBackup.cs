using Helix.Automation;
using Helix.Core.Automation;
using Helix.Core.Configuration;

namespace Helix.Backup;

/// <summary>Backs up once a day. The files say when the last one was made, so that one is made again where they are gone.</summary>
internal sealed class DailyBackup(Backups backups, Func<BackupConfig> config, TimeProvider time, Func<double> draw) : Recurrent(time, draw)
{
    private readonly TimeProvider _time = time;

    protected override TimeSpan Interval => Cadence.Backup;

    protected override bool IsWanted => config().Enabled;

    protected override Task<DateTimeOffset?> LastAsync()
    {
        try
        {
            return Task.FromResult(Schedule.Last(backups.Shelf.Usual.Select(backup => backup.Name.At), Interval, _time.GetUtcNow()));
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            // the next one fails for the same reason, and says so
            return Task.FromResult<DateTimeOffset?>(null);
        }
    }

    protected override async Task<bool> DoAsync(CancellationToken cancellationToken)
    {
        try
        {
            await backups.BackupNowAsync("daily", cancellationToken);
            return true;
        }
        catch (BackupException)
        {
            // the history and an alert say why
            return false;
        }
    }
}
