using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>What came since the last turn.</summary>
/// <param name="Seen">In the order in which it happened.</param>
/// <param name="Sample">Null where nothing was measured.</param>
/// <param name="Cursor">Number of the last event of the history among these; 0 for none.</param>
internal sealed record AlertInput(ImmutableArray<Occurrence> Seen, AlertSample? Sample, ImmutableArray<AlertWish> Wishes, long Cursor)
{
    public static AlertInput Nothing { get; } = new([], null, [], 0);
}

/// <summary>What came of a turn.</summary>
/// <param name="IsChanged">There is something to be kept.</param>
/// <param name="Changed">Alerts that are new or otherwise than before.</param>
/// <param name="Dropped">Numbers of those that were none: they did not last.</param>
/// <param name="Outcomes">One for each wish.</param>
internal sealed record AlertStep(
    AlertBook Book, bool IsChanged, ImmutableArray<Alert> Changed, ImmutableArray<long> Dropped, ImmutableArray<AlertMessage> Messages, ImmutableArray<WishOutcome> Outcomes);
