namespace Helix.Core.Gateway;

/// <summary>
/// What a backend is likely to have kept of the prompts it read: the blocks used last, as many as its memory for them holds. Approximate, since
/// nobody asks the engine. Not for several threads at once.
/// </summary>
/// <param name="capacity">Blocks, at most: how many it is taken to hold shrinks where the engine tells that it had forgotten what was expected of it.</param>
internal sealed class PrefixIndex(int capacity)
{
    /// <summary>Below that it is no longer worth anything.</summary>
    private const int Least = 8;

    private readonly Dictionary<ulong, LinkedListNode<ulong>> _blocks = [];
    private readonly LinkedList<ulong> _byUse = [];
    private readonly int _most = capacity;
    private int _room = capacity;

    public int Count => _blocks.Count;

    /// <returns>How many of a prompt's first blocks it has.</returns>
    public int Match(ReadOnlySpan<ulong> prompt)
    {
        for (var at = 0; at < prompt.Length; at++)
            if (!_blocks.ContainsKey(prompt[at]))
                return at;
        return prompt.Length;
    }

    /// <summary>It has read this prompt. The end of a chain is forgotten before its beginning, which others may share.</summary>
    public void Add(ReadOnlySpan<ulong> prompt)
    {
        for (var at = Math.Min(prompt.Length, _room) - 1; at >= 0; at--)
        {
            if (_blocks.TryGetValue(prompt[at], out var known)) _byUse.Remove(known);
            else _blocks[prompt[at]] = known = new(prompt[at]);
            _byUse.AddLast(known);
        }

        Trim();
    }

    /// <summary>The engine told how much of a prompt it had kept.</summary>
    /// <param name="expected">Tokens, by this index.</param>
    /// <param name="found">Tokens, by the engine.</param>
    public void Learn(double expected, double found)
    {
        if (found < expected / 2)
        {
            // what was used longest ago is gone there, too
            _room = Math.Clamp(Math.Min(_room, _blocks.Count) * 7 / 8, Math.Min(Least, _most), _most);
            Trim();
        }
        else
        {
            _room = Math.Min(_most, _room + _room / 32 + 1);
        }
    }

    /// <summary>Its process is another one: all is gone.</summary>
    public void Clear()
    {
        _blocks.Clear();
        _byUse.Clear();
    }

    private void Trim()
    {
        for (; _blocks.Count > _room; _byUse.RemoveFirst()) _blocks.Remove(_byUse.First!.Value);
    }
}
