namespace Helix.Core.Gateway;

/// <summary>Hears what an answer took, also where the end of a piece cuts that in two.</summary>
/// <param name="isRead">The answer is not in tokens: a total is what was read.</param>
internal sealed class UsageTail(bool isRead = false)
{
    /// <summary>No usage is longer, in bytes.</summary>
    private const int Most = 2048;

    private byte[] _tail = [];

    /// <returns>Null where nothing was told by the end of this piece that was not told before it.</returns>
    public TokenUsage? In(ReadOnlySpan<byte> piece)
    {
        // nothing that began before it ends in it further on
        byte[] joint = [.. _tail, .. piece[..Math.Min(piece.Length, Most)]];
        var told = TokenUsage.In(piece, isRead) ?? TokenUsage.In(joint, isRead);
        _tail = piece.Length >= Most ? piece[^Most..].ToArray() : joint[^Math.Min(joint.Length, Most)..];
        return told;
    }
}
