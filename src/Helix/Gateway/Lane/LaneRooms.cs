using System.Buffers;
using System.Numerics;

namespace Helix.Gateway.Lane;

/// <summary>
/// Arrays that a loop uses again and again, without asking what other threads do. They are of the shared pool of arrays: whoever has one may give it back there as well, and one from
/// there here. On the loop's thread only, but for what is static.
/// </summary>
internal sealed class LaneRooms
{
    /// <summary>The shortest and the longest that are kept, in bytes, as powers of two.</summary>
    private const int Shortest = 9, Longest = 15;

    /// <summary>Of each length at least, and bytes of each length where those are more: each request that waits has a short one.</summary>
    private const int Least = 32, Bytes = 256 << 10;

    private readonly Shelf[] _shelves = [.. Enumerable.Range(Shortest, Longest - Shortest + 1).Select(size => new Shelf(Math.Max(Least, Bytes >> size)))];

    /// <summary>From the loop whose thread this is; on any other, from the shared pool.</summary>
    /// <param name="length">Bytes at least.</param>
    public static byte[] Rent(int length) => LaneLoop.Current is { } loop ? loop.Rooms.Take(length) : ArrayPool<byte>.Shared.Rent(length);

    /// <summary>To the loop whose thread this is; on any other, to the shared pool.</summary>
    public static void Return(byte[] room)
    {
        if (LaneLoop.Current is { } loop) loop.Rooms.Put(room);
        else ArrayPool<byte>.Shared.Return(room);
    }

    /// <param name="length">Bytes at least.</param>
    public byte[] Take(int length)
    {
        var size = Math.Max(Shortest, BitOperations.Log2((uint)Math.Max(length, 1) - 1) + 1);
        return size > Longest ? ArrayPool<byte>.Shared.Rent(length) : _shelves[size - Shortest].Take() ?? ArrayPool<byte>.Shared.Rent(1 << size);
    }

    /// <param name="room">Nobody uses it any more.</param>
    public void Put(byte[] room)
    {
        var size = BitOperations.Log2((uint)room.Length);
        if (room.Length != 1 << size || size is < Shortest or > Longest || !_shelves[size - Shortest].Puts(room)) ArrayPool<byte>.Shared.Return(room);
    }

    /// <summary>What nobody took since the last time goes to the shared pool, which forgets what nobody needs.</summary>
    public void LetGo()
    {
        foreach (var shelf in _shelves) shelf.LetGo();
    }

    /// <summary>Those of one length.</summary>
    /// <param name="most">As many as it keeps.</param>
    private sealed class Shelf(int most)
    {
        private readonly byte[]?[] _rooms = new byte[most][];
        private int _count;

        /// <summary>As few as there were at any time since the last look.</summary>
        private int _fewest;

        public byte[]? Take()
        {
            if (_count == 0) return null;
            var room = _rooms[--_count];
            _rooms[_count] = null;
            _fewest = Math.Min(_fewest, _count);
            return room;
        }

        /// <returns>False where there is no place.</returns>
        public bool Puts(byte[] room)
        {
            if (_count == most) return false;
            _rooms[_count++] = room;
            return true;
        }

        public void LetGo()
        {
            for (var left = _fewest; left > 0 && Take() is { } room; left--) ArrayPool<byte>.Shared.Return(room);
            _fewest = _count;
        }
    }
}
