using Helix.Bench.Wire;

namespace Helix.Bench.Peers;

/// <summary>Whom the clients ask: the engine itself, or something in front of it.</summary>
/// <param name="Name">As it stands in the report behind "of".</param>
/// <param name="Pids">Of the processes that do its work; none for the engine itself.</param>
/// <param name="Headers">That each request to it bears.</param>
internal sealed record Contender(string Name, Place Place, IReadOnlyList<int> Pids, params IReadOnlyList<string> Headers)
{
    /// <summary>Who asks for no key is sent one all the same, so that all requests are alike.</summary>
    public const string AnyKey = "Authorization: Bearer sk-of-nobody";
}
