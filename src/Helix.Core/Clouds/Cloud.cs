using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Clouds;

/// <summary>A cloud that the user added.</summary>
/// <param name="Id">As users name it; it stands before the / in a model's name.</param>
/// <param name="Key">Null where it cannot be read any more.</param>
/// <param name="Since">When it was added.</param>
internal sealed record Cloud(string Id, string Name, CloudAddress Address, Secret? Key, ImmutableArray<AttachedModel> Models, DateTimeOffset Since)
{
    public CloudWords Words { get; init; }

    /// <summary>True if a reader of one can see nothing else in the other.</summary>
    public bool LooksLike(Cloud other) => Models.SequenceEqual(other.Models) && this == other with { Models = Models };
}

/// <summary>What a request to a cloud needs of it.</summary>
internal sealed record CloudTarget(string Id, CloudAddress Address, Secret Key)
{
    public CloudWords Words { get; init; }

    /// <summary>Where it takes what is asked of engines under this route.</summary>
    public string PathOf(InferenceRoute route) => Words == CloudWords.Anthropic ? Address.MessagesPath : Address.PathOf(route);
}
