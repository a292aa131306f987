using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Security;

namespace Helix.Security;

/// <summary>Where the watch looks.</summary>
/// <param name="Releases">Those whose files are not what they were; reads all of them, which takes its time.</param>
/// <param name="Versions">What is in use of each provider.</param>
/// <param name="Refusals">What is told of requests at a moment.</param>
/// <param name="Pause">Between the two looks at engines that something was found at: what was only on its way to be another program is gone then.</param>
internal sealed record SecurityEyes(
    Func<IReadOnlyList<PathFacts>> Paths,
    Func<ImmutableArray<EngineFacts>> Engines,
    Func<EngineGround> Ground,
    Func<CancellationToken, Task<ImmutableArray<ReleaseFacts>>> Releases,
    Func<IReadOnlyList<PresentVersion>> Versions,
    AdvisoryShelf Advisories,
    Func<DateTimeOffset, ImmutableArray<SecurityFinding>> Refusals,
    Func<CancellationToken, Task> Pause);

/// <summary>What the watch does.</summary>
/// <param name="Close">Takes rights away from a path: null when it is done, else why not.</param>
/// <param name="Rebuild">Makes the release in use of a provider again: null when it is there, else why not.</param>
/// <param name="Renew">Starts the engines of a provider anew, each when it has answered whom it answers.</param>
/// <param name="End">Ends an instance at once, and starts it anew.</param>
internal sealed record SecurityHands(Func<PathFacts, int, string?> Close, Func<string, Task<string?>> Rebuild, Action<string> Renew, Action<string> End, Func<HelixConfig> Config);

/// <param name="Remembered">What an earlier daemon knew.</param>
internal sealed record SecurityMemory(Func<Task<SecurityPast>> Remembered, Action<HistoryEvent> Tell);

/// <param name="Compared">When the files of releases were compared last; null for never.</param>
/// <param name="Open">Keys of what was found and not mended.</param>
internal sealed record SecurityPast(DateTimeOffset? Compared, ImmutableHashSet<string> Open);

/// <summary>What the last look came to.</summary>
/// <param name="Looked">Null before the first.</param>
/// <param name="Compared">When the files of releases were compared last.</param>
/// <param name="Findings">With what was mended in that look.</param>
internal sealed record SecurityState(DateTimeOffset? Looked, DateTimeOffset? Compared, ImmutableArray<SecurityFinding> Findings)
{
    /// <summary>Names of those that were looked at.</summary>
    public ImmutableArray<string> Engines { get; init; } = [];
}
