using Helix.Core.Automation;
using Helix.Core.History;
using Helix.Core.Models;
using Helix.Processes;

namespace Helix.Automation;

/// <summary>Looks once a minute how much room the disk has, and how long the logs are. Where there is little, it makes some and says so, once.</summary>
/// <param name="disk">Free and in all, in bytes; null where the system does not say.</param>
internal sealed partial class DiskWatch(CleanupTools tools, string logs, Func<(long Free, long Total)?> disk, ILogger<DiskWatch> log) : BackgroundLoop
{
    private const long Megabyte = 1000 * 1000;

    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);

    private bool _isLow;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await LookAsync(stoppingToken);
            await Task.Delay(s_look, tools.Time, stoppingToken);
        }
    }

    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var config = tools.Config();
            foreach (var (file, problem) in LogCap.Tend(logs, config.LogMegabytes * Megabyte))
            {
                if (problem is null) LogRotated(file);
                else LogNotRotated(file, problem);
            }

            if (disk() is not var (free, total)) return;
            var (wasLow, isLow) = (_isLow, DiskWatermark.IsLow(_isLow, free, total, config));
            _isLow = isLow;
            if (isLow && !wasLow) await MakeRoomAsync(free, total, config.Enabled, cancellationToken);
            else if (wasLow && !isLow) tools.Say(Severity.Info, "disk_enough", $"the disk has room again: {ByteCount.Words(free)} are free");
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            LogTrouble(trouble.Message);
        }
    }

    private async Task MakeRoomAsync(long free, long total, bool mayClean, CancellationToken cancellationToken)
    {
        var words = mayClean ? await CleanAsync(cancellationToken) : "nothing is thrown away, for cleanup.enabled is off";
        var after = disk()?.Free ?? free;
        tools.Say(
            after < DiskWatermark.Of(tools.Config(), total) ? Severity.Error : Severity.Warning, "disk_low",
            $"the disk with helix's home has little room: {ByteCount.Words(free)} of {ByteCount.Words(total)} were free, {words}, {ByteCount.Words(after)} are free now", isAlert: true);
    }

    /// <summary>That there is little room is said in any case.</summary>
    private async Task<string> CleanAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await tools.CleanAsync(cancellationToken);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return $"it could not be cleaned up ({trouble.Message})";
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} had grown too long, and was rotated")]
    private partial void LogRotated(string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} has grown too long, and could not be rotated: {Reason}")]
    private partial void LogNotRotated(string file, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the disk could not be looked at: {Reason}")]
    private partial void LogTrouble(string reason);
}
