namespace Helix.Engine.Scheduling;

/// <summary>The state of a conversation that no slot holds any more.</summary>
/// <param name="Tokens">What it is the state of.</param>
/// <param name="Asked">How many of them were the last prompt.</param>
internal sealed record ShelvedState<TState>(int[] Tokens, int Asked, TState State) where TState : IDisposable;

/// <summary>
/// States of conversations that lost their slot, and the room for them: of the memory that is planned for all slots, what no slot has touched yet. What is touched
/// stays taken. So tokens here and tokens that the slots touched at most are never more than the slots have room for. What was used longest ago goes first.
/// </summary>
/// <param name="context">Tokens of one slot.</param>
internal sealed class StateShelf<TState>(int slots, int context) : IDisposable where TState : IDisposable
{
    private readonly List<ShelvedState<TState>> _states = [];
    private readonly int[] _touched = new int[slots];

    /// <summary>Tokens of all states here.</summary>
    public long Tokens { get; private set; }

    /// <summary>Tokens that all slots together touched at most.</summary>
    public long Touched { get; private set; }

    public int Count => _states.Count;

    /// <summary>Tokens that one slot has room for.</summary>
    public int SlotTokens => context;

    private long Room => (long)_touched.Length * context;

    /// <summary>The state that shares most with a prompt; null if none shares anything.</summary>
    public ShelvedState<TState>? Find(ReadOnlySpan<int> prompt)
    {
        ShelvedState<TState>? best = null;
        var most = 0;
        foreach (var state in _states)
        {
            var shared = SlotChoice.Reusable(state.Tokens, prompt);
            if (shared > most)
                (best, most) = (state, shared);
        }

        return best;
    }

    /// <summary>Whether a state here begins with all of these tokens.</summary>
    public bool Holds(ReadOnlySpan<int> tokens)
    {
        foreach (var state in _states)
        {
            if (state.Tokens.AsSpan().StartsWith(tokens))
                return true;
        }

        return false;
    }

    /// <summary>A slot's memory is written up to a token: states make room for what was not touched before.</summary>
    public void Touch(int slot, int tokens)
    {
        var growth = Growth(slot, tokens);
        if (growth == 0)
            return;
        _touched[slot] += growth;
        Touched += growth;
        while (Touched + Tokens > Room)
            RemoveAt(0);
    }

    /// <summary>Makes room for a state, and for what a slot is about to touch. False, with nothing lost, if there is not as much.</summary>
    /// <param name="but">Stays.</param>
    public bool TryMakeRoom(int tokens, ShelvedState<TState>? but = null, int slot = 0, int touches = 0)
    {
        var room = Room - Touched - Growth(slot, touches) - tokens;
        if ((but?.Tokens.Length ?? 0) > room)
            return false;
        for (var i = 0; Tokens > room;)
        {
            if (_states[i] == but)
                i++;
            else
                RemoveAt(i);
        }

        return true;
    }

    /// <summary>Adds a state for which room was made, in the place of those that it goes on from.</summary>
    /// <param name="but">Stays.</param>
    public void Add(ShelvedState<TState> state, ShelvedState<TState>? but = null)
    {
        for (var i = _states.Count - 1; i >= 0; i--)
        {
            if (_states[i] != but && state.Tokens.AsSpan().StartsWith(_states[i].Tokens))
                RemoveAt(i);
        }

        _states.Add(state);
        Tokens += state.Tokens.Length;
    }

    /// <summary>It was of use: others go before it.</summary>
    public void Use(ShelvedState<TState> state)
    {
        _states.Remove(state);
        _states.Add(state);
    }

    public void Remove(ShelvedState<TState> state) => RemoveAt(_states.IndexOf(state));

    public void Dispose()
    {
        while (_states.Count > 0)
            RemoveAt(_states.Count - 1);
    }

    private int Growth(int slot, int tokens) => Math.Max(0, tokens - _touched[slot]);

    private void RemoveAt(int index)
    {
        var state = _states[index];
        _states.RemoveAt(index);
        Tokens -= state.Tokens.Length;
        state.State.Dispose();
    }
}
