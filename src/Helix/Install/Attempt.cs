namespace Helix.Install;

/// <summary>What one attempt to fetch came to.</summary>
internal abstract record Attempt
{
    private Attempt() { }

    internal sealed record Ended(DownloadResult Result) : Attempt;

    internal sealed record Whole : Attempt;

    /// <summary>The server does not give what was asked for: ask otherwise, at once.</summary>
    internal sealed record Again : Attempt;

    internal sealed record Broken(DownloadResult.Failed Failure, TimeSpan? Wait) : Attempt;
}
