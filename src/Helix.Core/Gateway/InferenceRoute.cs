using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>A path under which models are asked.</summary>
/// <param name="Needs">What a model must be able to do.</param>
/// <param name="Operation">What it is called in OpenTelemetry's conventions.</param>
internal sealed record InferenceRoute(string Path, ModelAbilities Needs, string Operation)
{
    public static InferenceRoute Chat { get; } = new("/v1/chat/completions", ModelAbilities.Chat, "chat");

    public static InferenceRoute Completion { get; } = new("/v1/completions", ModelAbilities.Completion, "text_completion");

    public static InferenceRoute Embeddings { get; } = new("/v1/embeddings", ModelAbilities.Embeddings, "embeddings");

    public static ImmutableArray<InferenceRoute> All { get; } = [Chat, Completion, Embeddings];

    /// <returns>Null where no model is asked under this path.</returns>
    public static InferenceRoute? Of(string path) => All.FirstOrDefault(route => route.Path == path);
}
