using Helix.Core.Automation;
using Helix.Core.History;

namespace Helix.Automation;

/// <summary>Throws away once a day what nobody needs, and writes down what went.</summary>
/// <param name="last">When it was done the last time; for a new home, when that was made: there is nothing to throw away yet.</param>
internal sealed class DailyCleanup(CleanupTools tools, Func<Task<DateTimeOffset?>> last, Func<double> draw) : Recurrent(tools.Time, draw)
{
    public const string Cleaned = "cleaned";

    private readonly CleanupTools _tools = tools;

    protected override TimeSpan Interval => Cadence.Cleanup;

    protected override bool IsWanted => _tools.Config().Enabled;

    protected override Task<DateTimeOffset?> LastAsync() => last();

    protected override async Task<bool> DoAsync(CancellationToken cancellationToken)
    {
        try
        {
            _tools.Say(Severity.Info, Cleaned, await _tools.CleanAsync(cancellationToken));
            return true;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            _tools.Say(Severity.Error, "cleanup_failed", $"helix's folder could not be looked through: {disk.Message}", isAlert: true);
            return false;
        }
    }
}
