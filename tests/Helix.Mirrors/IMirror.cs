namespace Helix.Mirrors;

/// <summary>One kind of source.</summary>
internal interface IMirror
{
    /// <returns>False: the path is not one of its own.</returns>
    Task<bool> TryAnswerAsync(Request request);
}
