using System.IO.Hashing;
using System.Numerics;
using Helix.Core.Tuning;

namespace Helix.Core.Gateway;

/// <summary>
/// A prompt as a chain of hashes, one for each block of bytes, each of which stands for everything up to its end: two prompts that share their first
/// n hashes begin alike. Texts are not kept.
/// </summary>
/// <remarks>
/// The further from the beginning, the longer are the blocks, so that a long prompt has few: the first 64 have a unit each, and of those that follow each 32
/// are twice as long as the 32 before. Of what two prompts share, less than a block is lost: a unit, or a 32nd of it.
/// </remarks>
internal sealed class PromptBlocks
{
    /// <summary>Bytes of the first blocks: about 64 tokens. What others stand for is counted in it.</summary>
    public const int Unit = PromptHash.Unit;

    /// <summary>What comes later is not looked at: 1 MiB.</summary>
    public const int Most = 256;

    /// <summary>Blocks after which they become longer; twice as many at first.</summary>
    private const int Step = 32;

    private readonly ulong[] _chain;

    private PromptBlocks(ulong[] chain) => _chain = chain;

    public static PromptBlocks None { get; } = new([]);

    public ReadOnlySpan<ulong> Chain => _chain;

    /// <summary>Of the part of a body that engines turn into a prompt. Tools stand before everything else there. Only whole blocks count.</summary>
    public static PromptBlocks Of(ReadOnlySpan<byte> body, BodyFacts facts)
    {
        var rest = body[facts.Prompt];
        var count = Math.Min(Most, Within(rest.Length / Unit));
        if (count == 0) return None;
        var (chain, before) = (new ulong[count], XxHash3.HashToUInt64(body[facts.Tools]));
        for (var at = 0; at < chain.Length; at++)
        {
            var length = UnitsOf(at) * Unit;
            before = chain[at] = PromptHash.Joined(before, rest[..length]);
            rest = rest[length..];
        }

        return new(chain);
    }

    /// <summary>About so many tokens have its first blocks.</summary>
    public static int TokensOf(int blocks, int promptTokens) => Math.Min(UnitsTo(blocks) * Unit / RequestShape.BytesPerToken, Math.Max(0, promptTokens - 1));

    /// <summary>Units of a block.</summary>
    /// <param name="at">Its place in the chain, from 0.</param>
    public static int UnitsOf(int at) => 1 << DoublingsAt(at);

    /// <summary>Units of so many first blocks together.</summary>
    public static int UnitsTo(int blocks)
    {
        var doublings = DoublingsAt(blocks);
        return (blocks - Step * doublings) << doublings;
    }

    /// <summary>How many first blocks lie whole within so many units.</summary>
    public static int Within(int units)
    {
        var doublings = BitOperations.Log2((uint)(units / Step));
        return Step * doublings + (units >> doublings);
    }

    private static int DoublingsAt(int block) => Math.Max(0, block / Step - 1);
}
