namespace Helix.Storage;

/// <summary>What became of one piece of work on the database. A full disk is an outcome, not an exception.</summary>
internal abstract record Stored<T>
{
    private Stored() { }

    internal sealed record Ok(T Value) : Stored<T>;

    /// <param name="Code">Stable, for programs: <c>no_space</c> or <c>storage</c>.</param>
    internal sealed record Failed(string Code, string Reason, string Remedy) : Stored<T>;
}
