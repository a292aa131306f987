using System.IO.Hashing;
using Helix.Core.Tuning;

namespace Helix.Core.Gateway;

/// <summary>
/// A prompt as a chain of hashes, one for each block of bytes, each of which stands for everything up to its end: two prompts that share their first
/// n hashes begin alike. Texts are not kept.
/// </summary>
internal sealed class PromptBlocks
{
    /// <summary>Bytes of a block: about 48 tokens.</summary>
    public const int Length = 192;

    /// <summary>What comes later is not looked at: 768 KiB.</summary>
    public const int Most = 4096;

    private readonly ulong[] _chain;

    private PromptBlocks(ulong[] chain) => _chain = chain;

    public static PromptBlocks None { get; } = new([]);

    public ReadOnlySpan<ulong> Chain => _chain;

    /// <summary>Of the part of a body that engines turn into a prompt. Tools stand before everything else there. Only whole blocks count.</summary>
    public static PromptBlocks Of(ReadOnlySpan<byte> body, BodyFacts facts)
    {
        var prompt = body[facts.Prompt];
        var chain = new ulong[Math.Min(Most, prompt.Length / Length)];
        var before = XxHash3.HashToUInt64(body[facts.Tools]);
        for (var at = 0; at < chain.Length; at++) before = chain[at] = XxHash3.HashToUInt64(prompt.Slice(at * Length, Length), (long)before);
        return new(chain);
    }

    /// <summary>About so many tokens have its first blocks.</summary>
    public static int TokensOf(int blocks, int promptTokens) => Math.Min(blocks * Length / RequestShape.BytesPerToken, Math.Max(0, promptTokens - 1));
}
