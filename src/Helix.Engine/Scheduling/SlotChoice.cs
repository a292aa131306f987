namespace Helix.Engine.Scheduling;

/// <summary>What is known of a slot when a place for a prompt is sought.</summary>
/// <param name="Kept">Tokens whose computed state it holds.</param>
/// <param name="LastUsed">Grows with every use; the least was used longest ago.</param>
internal readonly record struct SlotView(bool Busy, ReadOnlyMemory<int> Kept, long LastUsed);

/// <param name="Slot">The slot that takes the prompt.</param>
/// <param name="Source">The slot whose state the prompt goes on from; another than <paramref name="Slot"/> means a copy.</param>
/// <param name="Shared">Tokens at the prompt's beginning that need not be computed.</param>
internal readonly record struct SlotChoice(int Slot, int Source, int Shared)
{
    /// <summary>
    /// Where a prompt is answered with the least to compute and the least to forget. A slot that holds a long conversation is not given up
    /// for a short common beginning while another is free; null if every slot is busy.
    /// </summary>
    /// <param name="copyWorth">Tokens saved above which copying another slot's state costs less than computing.</param>
    public static SlotChoice? Choose(ReadOnlySpan<SlotView> slots, ReadOnlySpan<int> prompt, int copyWorth)
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
        var slot = continued >= 0 ? continued : oldest;
        var own = Reusable(slots[slot].Kept.Span, prompt);
        return richestShare - own >= copyWorth ? new SlotChoice(slot, richest, richestShare) : new SlotChoice(slot, slot, own);
    }

    /// <summary>Length of the common beginning; the prompt's last token is always computed, since its successor is wanted.</summary>
    private static int Reusable(ReadOnlySpan<int> kept, ReadOnlySpan<int> prompt) =>
        Math.Min(kept.CommonPrefixLength(prompt), Math.Max(0, prompt.Length - 1));
}
