namespace Helix.Core.Gateway;

/// <summary>Parameters of chats, completions and embeddings that not every engine knows, in OpenAI's words and in those that engines have added to them.</summary>
[Flags]
internal enum RequestParameters : ulong
{
    None = 0,
    Audio = 1UL << 0,
    BestOf = 1UL << 1,
    CachePrompt = 1UL << 2,
    ChatTemplateKwargs = 1UL << 3,
    Dimensions = 1UL << 4,
    Echo = 1UL << 5,
    EncodingFormat = 1UL << 6,
    FrequencyPenalty = 1UL << 7,
    Grammar = 1UL << 8,

    /// <summary>A <see cref="ResponseFormat"/> of this type: JSON without a schema.</summary>
    JsonObject = 1UL << 9,
    LogitBias = 1UL << 10,
    Logprobs = 1UL << 11,
    Metadata = 1UL << 12,
    MinP = 1UL << 13,
    Modalities = 1UL << 14,
    N = 1UL << 15,
    ParallelToolCalls = 1UL << 16,
    Prediction = 1UL << 17,
    PresencePenalty = 1UL << 18,
    PromptCacheKey = 1UL << 19,
    PromptCacheRetention = 1UL << 20,
    ReasoningEffort = 1UL << 21,
    RepeatPenalty = 1UL << 22,
    RepetitionPenalty = 1UL << 23,

    /// <summary>Of any type but text.</summary>
    ResponseFormat = 1UL << 24,
    SafetyIdentifier = 1UL << 25,
    Seed = 1UL << 26,
    ServiceTier = 1UL << 27,
    Stop = 1UL << 28,
    Store = 1UL << 29,
    StreamOptions = 1UL << 30,
    Suffix = 1UL << 31,
    TopK = 1UL << 32,
    TopLogprobs = 1UL << 33,
    TopP = 1UL << 34,
    TypicalP = 1UL << 35,
    User = 1UL << 36,
    Verbosity = 1UL << 37,
    WebSearchOptions = 1UL << 38,
}
