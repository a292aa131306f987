namespace Helix.Engine.Scheduling;

/// <summary>What is asked of the model: go on from this prompt.</summary>
/// <param name="Prompt">Tokens; at least one, and fewer than the context has room for.</param>
/// <param name="MaxTokens">Most tokens of the answer; at least 1.</param>
/// <param name="Seed">Null draws one.</param>
/// <param name="Stops">UTF-8 texts before which the answer ends; none empty.</param>
internal sealed record Question(int[] Prompt, int MaxTokens, Sampling Sampling, uint? Seed, IReadOnlyList<byte[]> Stops);

internal enum FinishReason
{
    /// <summary>The model ended its answer, or a stop string came.</summary>
    Stop,

    /// <summary>As many tokens as were allowed, or the context is full.</summary>
    Length,
}

/// <param name="CachedTokens">Tokens of the prompt that had not to be computed again.</param>
/// <param name="CompletionTokens">Tokens of the answer, the model's end mark not counted.</param>
internal sealed record Usage(int PromptTokens, int CachedTokens, int CompletionTokens);

/// <summary>How an answer ended.</summary>
internal abstract record AnswerEnd
{
    private AnswerEnd() { }

    internal sealed record Finished(FinishReason Reason, Usage Usage) : AnswerEnd;

    /// <param name="Reason">Why there will be no more of it, in words.</param>
    internal sealed record Failed(string Reason) : AnswerEnd;
}

/// <summary>Whether a question is taken.</summary>
internal abstract record Admission
{
    private Admission() { }

    internal sealed record Accepted(AnswerStream Answer) : Admission;

    /// <param name="Vectors">The normalised vector of each text; fails if the engine stops, or has not enough memory.</param>
    internal sealed record Embedding(Task<float[][]> Vectors) : Admission;

    /// <summary>Every slot and every place in the queue is taken.</summary>
    internal sealed record Busy(int Waiting) : Admission;

    /// <summary>The prompt leaves no room for an answer.</summary>
    internal sealed record TooLong(int PromptTokens, int Limit) : Admission;

    internal sealed record Closed(string Reason) : Admission;
}
