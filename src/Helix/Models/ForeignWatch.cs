using Helix.Processes;

namespace Helix.Models;

/// <summary>While the library has no model of its own, knows how many other programs have: a user who has just come may have some already.</summary>
internal sealed class ForeignWatch(ModelLibrary library, ForeignSearch search) : BackgroundLoop
{
    private volatile string? _note;

    /// <summary>A sentence for the user; null where there is nothing to say.</summary>
    public string? Note => _note;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        // the daemon's start goes first
        await Task.Yield();
        while (true)
        {
            var version = library.Version;
            if (library.Current is { Looked: true, Models.IsEmpty: true }) _note = Words((await search.FindAsync(stoppingToken)).Models.Length);
            else _note = null;
            await library.ChangedAsync(version, stoppingToken);
        }
    }

    private static string? Words(int found) => found == 0 ? null
        : $"{(found == 1 ? "one model" : $"{found} models")} of other programs {(found == 1 ? "is" : "are")} on this machine; see: helix models import";
}
