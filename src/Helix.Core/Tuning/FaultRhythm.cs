using System.Collections.Immutable;

namespace Helix.Core.Tuning;

/// <summary>Whether an engine fails again and again after about the same time: the last lives that ended with a fault were about as long as each other.</summary>
/// <param name="Shortest">Of these lives.</param>
internal sealed record FaultRhythm(TimeSpan Shortest, int Lives)
{
    public const int Fewest = 3;

    /// <summary>What fails sooner is the healer's: a restart would come as often as the fault.</summary>
    public static readonly TimeSpan Soonest = TimeSpan.FromMinutes(30);

    /// <summary>The longest of them is at most so many times the shortest.</summary>
    private const double Alike = 1.5;

    /// <summary>Of the shortest life: from then on it is started anew where that disturbs nobody.</summary>
    private const double Share = 0.8;

    /// <param name="lives">From ready to the fault, the oldest first.</param>
    /// <returns>Null where there is none.</returns>
    public static FaultRhythm? Of(ImmutableArray<TimeSpan> lives)
    {
        if (lives.Length < Fewest) return null;
        var last = lives[^Fewest..];
        var (shortest, longest) = (last.Min(), last.Max());
        return shortest >= Soonest && longest <= shortest * Alike ? new(shortest, Fewest) : null;
    }

    public bool IsDue(TimeSpan lived) => lived >= Shortest * Share;
}
