namespace Helix.Models;

/// <summary>What came of a wish to add, fetch or remove a model.</summary>
internal abstract record LibraryOutcome
{
    private LibraryOutcome() { }

    /// <param name="Note">What the user should know besides.</param>
    internal sealed record Added(LibraryModel Model, string? Note = null) : LibraryOutcome;

    internal sealed record Removed(string Message) : LibraryOutcome;

    /// <param name="Code">Stable, for programs, as in <c>ApiError</c>.</param>
    internal sealed record Refused(string Code, string Reason, string Remedy) : LibraryOutcome;
}
