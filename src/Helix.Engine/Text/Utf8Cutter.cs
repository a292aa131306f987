using System.Buffers;
using System.Text;

namespace Helix.Engine.Text;

/// <summary>Takes bytes as they come and gives whole characters only; what can never become one is given as U+FFFD.</summary>
internal sealed class Utf8Cutter
{
    private readonly ArrayBufferWriter<byte> _held = new(16);
    private readonly ArrayBufferWriter<byte> _whole = new(64);

    /// <summary>The whole characters there are now; valid until the next call.</summary>
    public ReadOnlySpan<byte> Push(ReadOnlySpan<byte> bytes)
    {
        _held.Write(bytes);
        return Cut(last: false);
    }

    /// <summary>The end has come: what is left of a character will never be whole.</summary>
    public ReadOnlySpan<byte> Finish() => Cut(last: true);

    private ReadOnlySpan<byte> Cut(bool last)
    {
        _whole.ResetWrittenCount();
        var rest = _held.WrittenSpan;
        while (!rest.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(rest, out var rune, out var length);
            if (status == OperationStatus.NeedMoreData && !last)
                break;
            _whole.Advance(rune.EncodeToUtf8(_whole.GetSpan(4)));
            rest = rest[length..];
        }

        Span<byte> kept = stackalloc byte[4];
        rest.CopyTo(kept);
        var count = rest.Length;
        _held.ResetWrittenCount();
        _held.Write(kept[..count]);
        return _whole.WrittenSpan;
    }
}
