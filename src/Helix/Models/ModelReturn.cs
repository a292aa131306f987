using System.Collections.Immutable;
using Helix.Configuration;
using Helix.Processes;

namespace Helix.Models;

/// <summary>Brings the weights of models that have a name and nothing else, from where they came: after a restore on another machine, all of them.</summary>
internal sealed partial class ModelReturn(ModelLibrary library, ModelPulls pulls, IConfigView config, Func<bool> offline, TimeProvider time, ILogger<ModelReturn> log) : BackgroundLoop
{
    private static readonly TimeSpan[] s_delays = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)];

    private volatile bool _isTried;

    /// <summary>Until each was tried once.</summary>
    public bool IsAtWork => !_isTried && IsWanted && !library.Current.Absent.IsEmpty;

    /// <summary>Ids of models whose weights are on their way, or are tried again.</summary>
    public ImmutableArray<string> Awaited => IsWanted ? library.Current.Absent : [];

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
        foreach (var id in library.Current.Absent)
        {
            if (LibraryManifest.Read(library.Folder.Manifest(id)).Manifest is not { } manifest) continue;
            switch (await BringAsync(manifest, cancellationToken))
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

    /// <returns>Null where nobody can say where it came from: the library goes on telling that it is gone.</returns>
    private async Task<LibraryOutcome?> BringAsync(LibraryManifest manifest, CancellationToken cancellationToken)
    {
        var only = manifest is { IsFolder: false, Files: [var file] } ? file : null;
        if (!Path.IsPathFullyQualified(manifest.Source)) return await pulls.PullAsync(manifest.Source + (only is null ? "" : $"#sha256={only.Sha256}"), manifest.Id, _ => { }, cancellationToken);
        return only is not null && File.Exists(manifest.Source) && await FileDigest.OfAsync(manifest.Source, cancellationToken) == only.Sha256
            ? await library.AddAsync(manifest.Source, manifest.Id, move: false, cancellationToken)
            : null;
    }

    private async Task ChangeAsync(long seenLibrary, long seenConfig, TimeSpan most, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(library.ChangedAsync(seenLibrary, stop.Token), config.ChangedAsync(seenConfig, stop.Token), Task.Delay(most, time, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The weights of {Id} are back, from {Source}")]
    private partial void LogBack(string id, string source);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The weights of {Id} could not be fetched again from {Source}: {Reason}")]
    private partial void LogFailed(string id, string source, string reason);
}
