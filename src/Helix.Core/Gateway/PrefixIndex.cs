namespace Helix.Core.Gateway;

/// <summary>
/// What a backend is likely to have kept of the prompts it read: the blocks used last, as many as its memory for them holds. Approximate, since
/// nobody asks the engine. Not for several threads at once.
/// </summary>
/// <param name="capacity">Blocks.</param>
internal sealed class PrefixIndex(int capacity)
{
    private readonly Dictionary<ulong, LinkedListNode<ulong>> _blocks = [];
    private readonly LinkedList<ulong> _byUse = [];

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
        for (var at = Math.Min(prompt.Length, capacity) - 1; at >= 0; at--)
        {
            if (_blocks.TryGetValue(prompt[at], out var known)) _byUse.Remove(known);
            else _blocks[prompt[at]] = known = new(prompt[at]);
            _byUse.AddLast(known);
        }

        for (; _blocks.Count > capacity; _byUse.RemoveFirst()) _blocks.Remove(_byUse.First!.Value);
    }

    /// <summary>Its process is another one: all is gone.</summary>
    public void Clear()
    {
        _blocks.Clear();
        _byUse.Clear();
    }
}
