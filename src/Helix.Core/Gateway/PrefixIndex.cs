using System.Numerics;

namespace Helix.Core.Gateway;

/// <summary>
/// What a backend is likely to have kept of the prompts it read: the blocks used last, as many as its memory for them holds. Approximate, since
/// nobody asks the engine. Not for several threads at once.
/// </summary>
/// <param name="capacity">Units of <see cref="PromptBlocks"/>, at most: how many it is taken to hold shrinks where the engine tells that it had forgotten what was expected of it.</param>
/// <remarks>Each request comes by here for each engine: blocks lie in one array, in the order of coming, and no object is made for any.</remarks>
internal sealed class PrefixIndex(int capacity)
{
    /// <summary>Units; below that it is no longer worth anything.</summary>
    private const int Least = 8;

    private const int FirstLength = 64;

    private readonly int _most = capacity;
    private int _room = capacity;

    /// <summary>Units of all blocks that it has.</summary>
    private int _held;

    /// <summary>The first is no block but the knot of the ring in which all lie by their use: newer than it is the oldest, older the newest.</summary>
    private Block[] _blocks = new Block[1];

    /// <summary>By the end of a hash: the first block of a list, 0 where that is empty. As many as a power of two.</summary>
    private int[] _lists = new int[1];

    /// <summary>Blocks that were ever in use.</summary>
    private int _used;

    /// <summary>The first of those that are no longer; 0 for none.</summary>
    private int _free;

    /// <summary>Blocks.</summary>
    public int Count { get; private set; }

    /// <remarks>Of a chain the end is always forgotten before the beginning, so that not each block has to be looked for.</remarks>
    /// <returns>How many of a prompt's first blocks it has.</returns>
    public int Match(ReadOnlySpan<ulong> prompt)
    {
        var (has, step) = (0, 1);
        while (has + step <= prompt.Length && Find(prompt[has + step - 1]) != 0)
        {
            has += step;
            step *= 2;
        }

        var most = Math.Min(prompt.Length, has + step - 1);
        while (has < most)
        {
            var middle = (has + most + 1) / 2;
            if (Find(prompt[middle - 1]) != 0) has = middle;
            else most = middle - 1;
        }

        return has;
    }

    /// <summary>It has read this prompt. The end of a chain is forgotten before its beginning, which others may share.</summary>
    public void Add(ReadOnlySpan<ulong> prompt)
    {
        var next = 0;
        for (var at = Math.Min(prompt.Length, PromptBlocks.Within(_room)) - 1; at >= 0; at--)
        {
            // blocks that were added together lie side by side
            var block = next != 0 && _blocks[next].Hash == prompt[at] ? next : Find(prompt[at]);
            if (block == 0)
            {
                (block, next) = (Take(prompt[at], PromptBlocks.UnitsOf(at)), 0);
            }
            else
            {
                next = _blocks[block].Newer;
                Untie(block);
            }

            TieAsNewest(block);
        }
    }

    /// <summary>The engine told how much of a prompt it had kept.</summary>
    /// <param name="expected">Tokens, by this index.</param>
    /// <param name="found">Tokens, by the engine.</param>
    public void Learn(double expected, double found)
    {
        if (found < expected / 2)
        {
            // what was used longest ago is gone there, too
            _room = Math.Clamp(Math.Min(_room, _held) * 7 / 8, Math.Min(Least, _most), _most);
            while (_held > _room) Drop(_blocks[0].Newer);
        }
        else
        {
            _room = Math.Min(_most, _room + _room / 32 + 1);
        }
    }

    /// <returns>0 where there is none.</returns>
    private int Find(ulong hash)
    {
        var at = _lists[ListOf(hash)];
        while (at != 0 && _blocks[at].Hash != hash) at = _blocks[at].Next;
        return at;
    }

    /// <summary>A block for it, which lies in no ring yet. Where there is no room, those are forgotten that were used longest ago.</summary>
    private int Take(ulong hash, int units)
    {
        while (_held + units > _room) Drop(_blocks[0].Newer);
        var at = _free;
        if (at != 0)
        {
            _free = _blocks[at].Next;
        }
        else
        {
            if (_used + 1 == _blocks.Length) Grow();
            at = ++_used;
        }

        (_blocks[at].Hash, _blocks[at].Units) = (hash, units);
        Enlist(at);
        _held += units;
        Count++;
        return at;
    }

    private void Drop(int block)
    {
        ref var link = ref _lists[ListOf(_blocks[block].Hash)];
        while (link != block) link = ref _blocks[link].Next;
        link = _blocks[block].Next;
        Untie(block);
        (_blocks[block].Next, _free) = (_free, block);
        _held -= _blocks[block].Units;
        Count--;
    }

    /// <summary>Only where all are in use.</summary>
    private void Grow()
    {
        Array.Resize(ref _blocks, Math.Min(Math.Max(FirstLength, _blocks.Length * 2), _most + 1));
        _lists = new int[BitOperations.RoundUpToPowerOf2((uint)_blocks.Length)];
        for (var at = 1; at <= _used; at++) Enlist(at);
    }

    private void Enlist(int block)
    {
        ref var list = ref _lists[ListOf(_blocks[block].Hash)];
        _blocks[block].Next = list;
        list = block;
    }

    private void TieAsNewest(int block)
    {
        var before = _blocks[0].Older;
        (_blocks[block].Older, _blocks[block].Newer) = (before, 0);
        _blocks[before].Newer = block;
        _blocks[0].Older = block;
    }

    private void Untie(int block)
    {
        var (older, newer) = (_blocks[block].Older, _blocks[block].Newer);
        _blocks[older].Newer = newer;
        _blocks[newer].Older = older;
    }

    private int ListOf(ulong hash) => (int)hash & (_lists.Length - 1);

    /// <summary>Others are told by their place in the array.</summary>
    private struct Block
    {
        public ulong Hash;
        public int Older;
        public int Newer;

        /// <summary>In the same list; 0 for none.</summary>
        public int Next;

        public int Units;
    }
}
