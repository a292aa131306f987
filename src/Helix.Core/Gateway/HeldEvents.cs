namespace Helix.Core.Gateway;

/// <summary>Lets only whole server-sent events through, so that nothing written after them can land inside half of one.</summary>
internal sealed class HeldEvents
{
    /// <summary>An event longer than this is not believed.</summary>
    public const int MaxLength = 8 << 20;

    private byte[] _held = [];
    private int _count;

    public bool IsOverfull => _count > MaxLength;

    /// <summary>The bytes of an event that has not ended.</summary>
    public ReadOnlyMemory<byte> Rest => _held.AsMemory(0, _count);

    /// <returns>What may be passed on now; valid until the next call, or as long as <paramref name="arrived"/> is.</returns>
    public ReadOnlyMemory<byte> Push(ReadOnlyMemory<byte> arrived)
    {
        if (_count == 0)
        {
            var length = SseEvents.WholeLength(arrived.Span);
            if (length < arrived.Length) Hold(arrived.Span[length..]);
            return arrived[..length];
        }

        // a blank line may have begun in what was held
        var from = Math.Max(0, _count - 3);
        Hold(arrived.Span);
        var whole = SseEvents.WholeLength(_held.AsSpan(from.._count));
        return whole == 0 ? default : Release(from + whole);
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        if (_held.Length - _count < bytes.Length) Array.Resize(ref _held, Math.Max(_held.Length * 2, _count + bytes.Length));
        bytes.CopyTo(_held.AsSpan(_count));
        _count += bytes.Length;
    }

    private byte[] Release(int length)
    {
        var whole = _held[..length];
        _held.AsSpan(length.._count).CopyTo(_held);
        _count -= length;
        return whole;
    }
}
