namespace Helix.Core.Live;

/// <summary>The last events, for those who lost the connection for a while.</summary>
/// <param name="mostEvents">That are held.</param>
/// <param name="mostBytes">That they may take together; the newest is held however large it is.</param>
internal sealed class LiveRing(int mostEvents, long mostBytes)
{
    private readonly Queue<(long Number, byte[] Bytes)> _events = new();
    private long _bytes;
    private long _last;

    public void Add(long number, byte[] bytes)
    {
        _events.Enqueue((number, bytes));
        (_bytes, _last) = (_bytes + bytes.Length, number);
        while (_events.Count > mostEvents || (_bytes > mostBytes && _events.Count > 1)) _bytes -= _events.Dequeue().Bytes.Length;
    }

    /// <summary>What came after an event.</summary>
    /// <returns>Null where that is not all here any more, or there never was such an event.</returns>
    public IReadOnlyList<byte[]>? After(long number)
    {
        if (number == _last) return [];
        if (number > _last || _events.Count == 0 || _events.Peek().Number > number + 1) return null;
        return [.. _events.Where(each => each.Number > number).Select(each => each.Bytes)];
    }
}
