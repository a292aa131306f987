using Helix.Core.Gateway;

namespace Helix.Core.Manifests;

/// <summary>What of requests an engine does not know, on each of its paths.</summary>
internal sealed record ParameterGaps(PathGaps Chat, PathGaps Completions, PathGaps Embeddings)
{
    public static ParameterGaps None { get; } = new(default, default, default);

    /// <summary>The same on all of its paths.</summary>
    public static ParameterGaps Everywhere(PathGaps gaps) => new(gaps, gaps, gaps);

    public PathGaps Of(InferenceRoute route) =>
        ReferenceEquals(route, InferenceRoute.Completion) ? Completions : ReferenceEquals(route, InferenceRoute.Embeddings) ? Embeddings : Chat;
}

/// <summary>What of requests an engine does not know on one path.</summary>
/// <param name="Lacks">What changes the answer: who asks for it is to be answered by somebody else.</param>
/// <param name="Drops">What changes no answer, and is left out.</param>
/// <param name="Rejects">Of both, what it refuses by its mere name, whether it asks for something or not.</param>
internal readonly record struct PathGaps(RequestParameters Lacks, RequestParameters Drops, RequestParameters Rejects)
{
    public PathGaps With(PathGaps more) => new(Lacks | more.Lacks, Drops | more.Drops, Rejects | more.Rejects);

    /// <summary>What of such a body is not sent to it.</summary>
    public RequestParameters LeftOut(BodyFacts facts) => (facts.Asked & Drops) | (facts.Named & Rejects);
}
