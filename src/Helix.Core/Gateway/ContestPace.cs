using System.Collections.Immutable;

namespace Helix.Core.Gateway;

/// <summary>What is known of the requests for which several models were compared.</summary>
/// <param name="Pace">What was saved up for looks at those that are not the best.</param>
/// <param name="Sent">Requests that went to any of them.</param>
/// <param name="SentAt">By the name of a backend, how many had been sent when it got one last.</param>
internal sealed record ContestPace(ModelPace Pace, long Sent, ImmutableDictionary<string, long> SentAt)
{
    public static ContestPace Start { get; } = new(ModelPace.Start, 0, ImmutableDictionary.Create<string, long>(StringComparer.Ordinal));

    /// <summary>Requests that went to others since it got one.</summary>
    public long Unseen(string instance) => Sent - SentAt.GetValueOrDefault(instance);

    public ContestPace After(ModelContest contest) => new(Pace.Sent(contest.Taken), Sent + 1, SentAt.SetItem(contest.Winner.Instance, Sent + 1));
}
