using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Models;
using Helix.Install;

namespace Helix.Automation;

/// <summary>What cleaning up by itself needs of the world.</summary>
/// <param name="Run">Throws away what nobody needs.</param>
internal sealed record CleanupTools(Func<CancellationToken, Task<ImmutableArray<CleanupDone>>> Run, Func<CleanupConfig> Config, Action<HistoryEvent> Tell, TimeProvider Time)
{
    /// <returns>What was freed, in words.</returns>
    /// <exception cref="IOException">helix's folder cannot be looked through.</exception>
    public async Task<string> CleanAsync(CancellationToken cancellationToken)
    {
        var done = await Run(cancellationToken);
        var (gone, left) = (done.Where(each => each.Problem is null).ToArray(), done.Count(each => each.Problem is not null));
        var words = gone.Length == 0 ? "there was nothing to throw away" : $"{ByteCount.Words(gone.Sum(each => each.Item.Item.Bytes))} were freed: {Summary(gone)}";
        return left == 0 ? words : $"{words}; {left} could not go now";
    }

    public void Say(Severity severity, string what, string words, bool isAlert = false)
    {
        var now = Time.GetUtcNow();
        Tell(new(now, HistoryKind.Cleanup, severity, null, null, what, words));
        if (isAlert) Tell(new(now, HistoryKind.Alert, severity, null, null, what, words));
    }

    private static string Summary(CleanupDone[] gone) => string.Join(", ", gone.GroupBy(each => each.Item.Kind).Select(kind => $"{kind.Count()} {kind.Key.ToString().ToLowerInvariant()}"));
}
