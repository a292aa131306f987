namespace Helix.Core.Gateway.Dialects;

/// <summary>Hears what a cloud answers in Anthropic's words: what of it is told on, what it took, and whether it came to its end.</summary>
internal abstract class MessagesAnswer
{
    protected MessagesUsage Figures { get; } = new();

    /// <summary>What it took, as it was told last; null while it was not told of both the prompt and the answer.</summary>
    public TokenUsage? Usage => Figures.Told;

    /// <summary>The cloud works on it: it may charge for what goes wrong from here on.</summary>
    public bool HasBegun { get; protected set; }

    /// <summary>All of it has come.</summary>
    public bool IsWhole { get; protected set; }

    /// <summary>What went wrong, as one JSON object that was not told on; null where nothing did.</summary>
    public ReadOnlyMemory<byte>? Failure { get; protected set; }

    /// <param name="piece">Of a stream whole events; of a whole answer any part of it.</param>
    /// <param name="isLast">Nothing comes after it.</param>
    /// <returns>What is told on now.</returns>
    public abstract ReadOnlyMemory<byte> Push(ReadOnlyMemory<byte> piece, bool isLast);

    /// <summary>The head under which it is told on.</summary>
    /// <param name="length">Of what is told on now, in bytes.</param>
    public virtual UpstreamHead HeadOf(UpstreamHead head, int length) => head;
}
