namespace Helix.Core.Processes;

/// <summary>Another program in the daemon's place, until it is known to be good; the one before is kept for so long.</summary>
/// <param name="Patience">From each of its starts to its first answer.</param>
/// <param name="Answers">The present one has given an answer.</param>
/// <param name="Deaths">Of those that had.</param>
internal sealed record DaemonTrial(TimeSpan Patience, bool Answers = false, int Deaths = 0)
{
    /// <summary>One may be bad luck; the next one goes back.</summary>
    private const int Forgiven = 1;

    /// <param name="lived">Since its start.</param>
    public bool IsOverdue(TimeSpan lived) => !Answers && lived >= Patience;

    /// <returns>Null when it has had its chances.</returns>
    public DaemonTrial? AfterDeath() => Answers && Deaths < Forgiven ? this with { Answers = false, Deaths = Deaths + 1 } : null;
}
