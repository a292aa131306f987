using System.Collections.Immutable;

namespace Helix.Core.Manifests;

/// <summary>How an engine is asked to go on with an answer from what was said of it.</summary>
/// <param name="Chat">The member of a chat's body that takes the text; <see cref="Messages"/>: it is the last of the messages, the assistant's. Null: no chat goes on.</param>
/// <param name="Members">Of that body, that say so; each with its JSON.</param>
/// <param name="Completions">A completion goes on where its prompt has the text behind it.</param>
internal sealed record AnswerContinuation(string? Chat, ImmutableArray<Named> Members, bool Completions)
{
    public const string Messages = "messages";

    /// <summary>Members of a body that every request has, or that are written anew for the rest of an answer.</summary>
    public static ImmutableArray<string> Own { get; } = ["model", Messages, "prompt", "stream", "stream_options", "max_tokens", "max_completion_tokens"];
}
