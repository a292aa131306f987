namespace Helix.Engine;

/// <summary>How the next token is drawn. The defaults are llama.cpp's own.</summary>
/// <param name="Temperature">0 always takes the likeliest token.</param>
/// <param name="TopK">Only the K likeliest are considered; 0 considers all.</param>
/// <param name="TopP">Only the likeliest that together reach this probability; 1 considers all.</param>
/// <param name="MinP">Only those at least this likely, relative to the likeliest; 0 considers all.</param>
/// <param name="RepeatPenalty">Above 1 makes the last 64 tokens less likely to come again; 1 changes nothing.</param>
/// <param name="JsonOnly">The answer is one JSON object.</param>
internal sealed record Sampling(
    float Temperature = 0.8f,
    int TopK = 40,
    float TopP = 0.95f,
    float MinP = 0.05f,
    float RepeatPenalty = 1,
    float FrequencyPenalty = 0,
    float PresencePenalty = 0,
    bool JsonOnly = false)
{
    /// <summary>True if the likeliest token is taken just as the model gives it.</summary>
    public bool IsPlainGreedy => Temperature <= 0 && !HasPenalties && !JsonOnly;

    public bool HasPenalties => RepeatPenalty != 1 || FrequencyPenalty != 0 || PresencePenalty != 0;
}
