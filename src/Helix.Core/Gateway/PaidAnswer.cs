namespace Helix.Core.Gateway;

/// <summary>Hears of an answer that has to be paid for what it took.</summary>
/// <param name="hidesUsage">The client did not ask for the frame that tells it.</param>
internal sealed class PaidAnswer(bool hidesUsage)
{
    private readonly UsageTail _tail = new();

    /// <summary>Also of one that the end of a piece cuts in two.</summary>
    public TokenUsage? UsageIn(ReadOnlySpan<byte> piece) => _tail.In(piece);

    /// <summary>What the client is told of a piece.</summary>
    public ReadOnlyMemory<byte> Told(ReadOnlyMemory<byte> piece) => hidesUsage ? UsageFrames.Without(piece) : piece;
}
