using System.Collections.Immutable;
using Helix.Configuration;
using Helix.Core.History;
using Helix.Processes;

namespace Helix.Models;

/// <summary>Brings the weights of models that have a name and nothing else, from where they came: after a restore on another machine, all of them. So it does with what is damaged.</summary>
internal sealed partial class ModelReturn(ModelLibrary library, ModelCare care, IConfigView config, Func<bool> offline, Action<HistoryEvent> tell, TimeProvider time, ILogger<ModelReturn> log) : BackgroundLoop
{
    private static readonly TimeSpan[] s_delays = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)];

    /// <summary>By id, what its files looked like when they were found to be what was written down: nothing can be done for it.</summary>
    private readonly Dictionary<string, string> _whole = new(StringComparer.Ordinal);

    private volatile bool _isTried;

    /// <summary>Until each was tried once.</summary>
    public bool IsAtWork => !_isTried && IsWanted && !library.Current.Absent.IsEmpty;

    /// <summary>Ids of models whose weights are on their way, or are tried again.</summary>
    public ImmutableArray<string> Awaited => IsWanted ? library.Current.Absent.AddRange(library.Current.Damaged) : [];

    private bool IsWanted => config.Current is { AutoManager: { AutoInstall: true, AutoStart: true } } && !offline();

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!library.Current.Looked) await library.ChangedAsync(library.Version, stoppingToken);
        for (var failures = 0; ;)
        {
            var (seenLibrary, seenConfig) = (library.Version, config.Version);
            var left = IsWanted && await BringAllAsync(stoppingToken);
            if (IsWanted) _isTried = true;
            failures = left ? failures + 1 : 0;
            await ChangeAsync(seenLibrary, seenConfig, left ? s_delays[Math.Min(failures, s_delays.Length) - 1] : Timeout.InfiniteTimeSpan, stoppingToken);
        }
    }

    /// <returns>True if one is to be tried again.</returns>
    private async Task<bool> BringAllAsync(CancellationToken cancellationToken)
    {
        var left = false;
        foreach (var id in library.Current.Damaged) left |= await MendAsync(id, cancellationToken);
        foreach (var id in library.Current.Absent)
        {
            if (LibraryManifest.Read(library.Folder.Manifest(id)).Manifest is not { } manifest) continue;
            LibraryOutcome? outcome;
            try
            {
                outcome = await care.BringAsync(manifest, cancellationToken);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                outcome = new LibraryOutcome.Refused("disk", refused.Message, "Check who may read it.");
            }

            switch (outcome)
            {
                case LibraryOutcome.Refused(_, var reason, _):
                    LogFailed(id, manifest.Source, reason);
                    left = true;
                    break;
                case LibraryOutcome.Added: LogBack(id, manifest.Source); break;
            }
        }

        return left;
    }

    /// <returns>True if it is to be tried again.</returns>
    private async Task<bool> MendAsync(string id, CancellationToken cancellationToken)
    {
        var stamp = care.StampOf(id);
        if (_whole.GetValueOrDefault(id) == stamp) return false;
        try
        {
            if (await care.VerifyAsync(id, cancellationToken) is not { } found)
            {
                _whole[id] = stamp;
                return false;
            }

            foreach (var kind in new[] { HistoryKind.Healing, HistoryKind.Alert })
                tell(new(time.GetUtcNow(), kind, Severity.Error, null, id, found.IsBack ? "model_replaced" : "model_damaged", found.Words));
            return !found.IsBack;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            LogUnmended(id, refused.Message);
            return true;
        }
    }

    private async Task ChangeAsync(long seenLibrary, long seenConfig, TimeSpan most, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(library.ChangedAsync(seenLibrary, stop.Token), config.ChangedAsync(seenConfig, stop.Token), Task.Delay(most, time, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The weights of {Id} are damaged, and nothing could be done about it: {Reason}")]
    private partial void LogUnmended(string id, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The weights of {Id} are back, from {Source}")]
    private partial void LogBack(string id, string source);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The weights of {Id} could not be fetched again from {Source}: {Reason}")]
    private partial void LogFailed(string id, string source, string reason);
}
