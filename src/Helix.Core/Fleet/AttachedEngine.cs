using System.Collections.Immutable;
using Helix.Core.Manifests;

namespace Helix.Core.Fleet;

/// <summary>An engine that somebody else runs and helix uses: never started, never stopped.</summary>
/// <param name="Id">As users name it.</param>
/// <param name="Product">Id of the product's manifest, or another name of it; null where nobody knows what it is.</param>
/// <param name="Endpoint">Address and port at which it takes connections.</param>
/// <param name="Key">What it asks for as a bearer token; null for nothing.</param>
/// <param name="Release">Null where it does not tell.</param>
/// <param name="IsFound">helix found it by itself; else it was named by the user.</param>
/// <param name="Models">That it listed when it last answered.</param>
internal sealed record AttachedEngine(
    string Id, string Name, string? Product, AttachAddress Address, string Endpoint, string? Key, string? Release, bool IsFound, AttachedHealth Health, ImmutableArray<AttachedModel> Models, DateTimeOffset Since)
{
    /// <summary>What of requests its product does not know; null where nothing is known of that.</summary>
    public ParameterGaps? Gaps { get; init; }

    /// <summary>True if a reader of one can see nothing else in the other.</summary>
    public bool LooksLike(AttachedEngine other) => Models.SequenceEqual(other.Models) && this == other with { Models = Models };
}

/// <param name="ContextTokens">0 where it does not tell.</param>
internal sealed record AttachedModel(string Id, ModelAbilities Abilities, int ContextTokens);

internal enum AttachedHealth
{
    Answers,

    /// <summary>It asks for a key that helix does not have.</summary>
    Locked,

    /// <summary>Nothing answers there any more.</summary>
    Gone,
}
