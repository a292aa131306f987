namespace Helix.Install;

/// <summary>How the trial of a release ended that is not in use yet.</summary>
internal abstract record TrialOutcome
{
    private TrialOutcome() { }

    /// <param name="Words">What was tried.</param>
    internal sealed record Passed(string Words) : TrialOutcome;

    internal sealed record Failed(string Step, string Reason) : TrialOutcome;
}
