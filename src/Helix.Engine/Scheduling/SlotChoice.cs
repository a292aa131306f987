namespace Helix.Engine.Scheduling;

/// <summary>What is known of a slot when a place for a prompt is sought.</summary>
/// <param name="Kept">Tokens whose computed state it holds.</param>
/// <param name="LastUsed">Grows with every use; the least was used longest ago.</param>
/// <param name="Asked">How many of them were the prompt that it was last given.</param>
internal readonly record struct SlotView(bool Busy, ReadOnlyMemory<int> Kept, long LastUsed, int Asked = 0)
{
    /// <summary>
    /// Whether another conversation than the slot's takes its place, and what goes with it takes longer to compute again than to keep. A prompt that says all that
    /// the last one said is the same conversation, however much of its answer it leaves out.
    /// </summary>
    public bool IsDisplacedBy(ReadOnlySpan<int> prompt, int copyWorth) =>
        SlotChoice.Reusable(Kept.Span, prompt) is var shared && Kept.Length - shared >= copyWorth && !SlotChoice.GoesOn(shared, Asked);
}

/// <param name="Slot">The slot that takes the prompt.</param>
/// <param name="Source">The slot whose state the prompt goes on from, or <see cref="SlotChoice.Shelf"/>; another than <paramref name="Slot"/> means a copy.</param>
/// <param name="Shared">Tokens at the prompt's beginning that need not be computed.</param>
internal readonly record struct SlotChoice(int Slot, int Source, int Shared)
{
    /// <summary>As a source: the best of the states that no slot holds any more.</summary>
    public const int Shelf = -1;

    /// <summary>What a chat template puts behind a prompt to have it answered, it may leave out where the answer follows.</summary>
    private const int CueTokens = 16;

    /// <summary>
    /// Where a prompt is answered with the least to compute and the least to forget. A slot that holds a long conversation is not given up
    /// for a short common beginning while another is free; null if every slot is busy.
    /// </summary>
    /// <param name="copyWorth">Tokens saved above which copying another slot's state costs less than computing.</param>
    /// <param name="shelved">What the prompt shares with the best state that no slot holds any more.</param>
    public static SlotChoice? Choose(ReadOnlySpan<SlotView> slots, ReadOnlySpan<int> prompt, int copyWorth, int shelved = 0)
    {
        var (continued, continuedShare) = (-1, 0);
        var (oldest, oldestUse) = (-1, long.MaxValue);
        var (richest, richestShare) = (-1, 0);
        for (var i = 0; i < slots.Length; i++)
        {
            var shared = Reusable(slots[i].Kept.Span, prompt);
            if (shared > richestShare)
                (richest, richestShare) = (i, shared);
            if (slots[i].Busy)
                continue;
            if (shared > continuedShare && shared * 2 >= slots[i].Kept.Length)
                (continued, continuedShare) = (i, shared);
            var use = slots[i].Kept.IsEmpty ? long.MinValue + i : slots[i].LastUsed;
            if (use < oldestUse)
                (oldest, oldestUse) = (i, use);
        }

        if (oldest < 0)
            return null;

        // what another conversation holds that only begins alike is not given up for it
        if (shelved - richestShare >= copyWorth)
            return new SlotChoice(oldest, Shelf, shelved);
        var slot = continued >= 0 ? continued : oldest;
        var own = Reusable(slots[slot].Kept.Span, prompt);
        return richestShare - own >= copyWorth ? new SlotChoice(slot, richest, richestShare) : new SlotChoice(slot, slot, own);
    }

    /// <summary>Length of the common beginning; the prompt's last token is always computed, since its successor is wanted.</summary>
    public static int Reusable(ReadOnlySpan<int> kept, ReadOnlySpan<int> prompt) =>
        Math.Min(kept.CommonPrefixLength(prompt), Math.Max(0, prompt.Length - 1));

    /// <summary>Whether a prompt goes on from an earlier one of <paramref name="asked"/> tokens, of which it shares so many.</summary>
    /// <remarks>Of a short prompt no more than half is a cue: two short ones that only begin as the template does are two conversations.</remarks>
    public static bool GoesOn(int shared, int asked) => shared >= asked - Math.Min(CueTokens, asked / 2);
}
