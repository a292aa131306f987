namespace Helix.Engine.Scheduling;

/// <summary>
/// What slots know of conversations, moved between them and to and from the shelf. Only where memory that no slot touched takes no room; elsewhere slots copy from
/// each other and nothing else is kept. Owned by the scheduler's thread.
/// </summary>
/// <param name="size">Tokens of one slot.</param>
internal sealed class SlotStates(InferenceContext context, int slots, int size) : IDisposable
{
    /// <summary>Copying a slot's memory takes about as long as computing this many tokens with a small model, fewer with a large one.</summary>
    public const int CopyWorth = 64;

    private readonly StateShelf<SequenceState> _shelf = new(slots, size);
    private bool _copying;

    /// <summary>Tokens of conversations that no slot holds.</summary>
    public long Tokens => _shelf.Tokens;

    // llama.cpp copies at the next step: what is put into either slot before that would be copied, or copied over
    private bool CanPut => context.TakesWhatItTouched && !_copying;

    /// <summary>The state that shares most with a prompt; null if none does.</summary>
    public ShelvedState<SequenceState>? Find(ReadOnlySpan<int> prompt) => CanPut ? _shelf.Find(prompt) : null;

    /// <summary>Gives a slot what a prompt goes on from, and keeps what it had.</summary>
    /// <param name="found">What <see cref="Find"/> found for the prompt.</param>
    /// <returns>Tokens at the prompt's beginning that the slot then has; there may be others behind them.</returns>
    public int Fill(ReadOnlySpan<Slot> all, SlotChoice choice, ShelvedState<SequenceState>? found, ReadOnlySpan<int> prompt)
    {
        var slot = all[choice.Slot];
        var restores = choice.Source == SlotChoice.Shelf ? found : null;
        if (context.TakesWhatItTouched && slot.View.IsDisplacedBy(prompt, CopyWorth))
            Save(all, slot, restores);
        if (restores is not null)
            return Restore(slot, restores, prompt);
        if (choice.Source != choice.Slot)
            Copy(all[choice.Source], slot);
        return choice.Shared;
    }

    /// <summary>Before a step: what it writes to is touched.</summary>
    /// <param name="shares">Tokens that each slot computes.</param>
    public void Touch(ReadOnlySpan<Slot> all, ReadOnlySpan<int> shares)
    {
        for (var i = 0; i < all.Length; i++)
            _shelf.Touch(all[i].Sequence, all[i].Computed + shares[i]);
    }

    /// <summary>After a step: llama.cpp has copied what it was to copy.</summary>
    public void Settle() => _copying = false;

    public void Dispose() => _shelf.Dispose();

    private void Save(ReadOnlySpan<Slot> all, Slot slot, ShelvedState<SequenceState>? but)
    {
        var view = slot.View;
        var tokens = view.Kept.Span;
        foreach (var other in all)
        {
            if (other != slot && other.View.Kept.Span.StartsWith(tokens))
                return;
        }

        if (!_shelf.Holds(tokens) && _shelf.TryMakeRoom(tokens.Length, but) && context.Save(slot.Sequence) is { } state)
            _shelf.Add(new ShelvedState<SequenceState>(tokens.ToArray(), view.Asked, state), but);
    }

    private int Restore(Slot slot, ShelvedState<SequenceState> state, ReadOnlySpan<int> prompt)
    {
        if (!_shelf.TryMakeRoom(0, state, slot.Sequence, state.Tokens.Length))
            return SlotChoice.Reusable(slot.View.Kept.Span, prompt);
        _shelf.Touch(slot.Sequence, state.Tokens.Length);
        var shared = context.Restore(slot.Sequence, state.State) ? SlotChoice.Reusable(state.Tokens, prompt) : 0;

        // what is only the same beginning, others may begin with too
        if (shared == 0 || SlotChoice.GoesOn(shared, state.Asked))
            _shelf.Remove(state);
        else
            _shelf.Use(state);
        return shared;
    }

    /// <summary>By a state, which holds what is there; llama.cpp by itself copies all that a slot has room for, and so touches it.</summary>
    private void Copy(Slot source, Slot target)
    {
        if (CanPut && _shelf.TryMakeRoom(source.Computed, null, target.Sequence, source.Computed) && context.Save(source.Sequence) is { } state)
        {
            using (state)
            {
                _shelf.Touch(target.Sequence, source.Computed);
                if (context.Restore(target.Sequence, state))
                    return;
            }
        }

        _shelf.Touch(target.Sequence, _shelf.SlotTokens);
        context.Copy(source.Sequence, target.Sequence);
        _copying = true;
    }
}
