using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>A path under which models are asked.</summary>
/// <param name="Needs">What a model must be able to do.</param>
internal sealed record InferenceRoute(string Path, ModelAbilities Needs)
{
    public static InferenceRoute Chat { get; } = new("/v1/chat/completions", ModelAbilities.Chat);

    public static InferenceRoute Completion { get; } = new("/v1/completions", ModelAbilities.Completion);

    public static InferenceRoute Embeddings { get; } = new("/v1/embeddings", ModelAbilities.Embeddings);

    public static ImmutableArray<InferenceRoute> All { get; } = [Chat, Completion, Embeddings];

    /// <returns>Null where no model is asked under this path.</returns>
    public static InferenceRoute? Of(string path) => All.FirstOrDefault(route => route.Path == path);
}
