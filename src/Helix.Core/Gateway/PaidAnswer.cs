namespace Helix.Core.Gateway;

/// <summary>Hears of an answer that has to be paid for what it took.</summary>
/// <param name="hidesUsage">The client did not ask for the frame that tells it.</param>
internal sealed class PaidAnswer(bool hidesUsage)
{
    /// <summary>No usage is longer, in bytes.</summary>
    private const int MostUsage = 2048;

    private byte[] _tail = [];

    /// <summary>Also of one that the end of a piece cuts in two.</summary>
    public TokenUsage? UsageIn(ReadOnlySpan<byte> piece)
    {
        byte[] seen = [.. _tail, .. piece];
        _tail = seen[^Math.Min(seen.Length, MostUsage)..];
        return TokenUsage.In(seen);
    }

    /// <summary>What the client is told of a piece.</summary>
    public ReadOnlyMemory<byte> Told(ReadOnlyMemory<byte> piece) => hidesUsage ? UsageFrames.Without(piece) : piece;
}
