using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Helix.Core.Models;

/// <summary>Walks over the prefix and never beyond it. After the first refusal <see cref="Outcome"/> says why, and nothing more is to be read.</summary>
internal ref struct GgufCursor(ReadOnlySpan<byte> prefix, long fileBytes)
{
    /// <summary>The largest header that is read. The largest vocabularies in use need about 20 MiB.</summary>
    public const long MaxHeaderBytes = 256L << 20;

    private readonly ReadOnlySpan<byte> _prefix = prefix;

    public int Position { get; private set; }

    public GgufReading? Outcome { get; private set; }

    public readonly long FileBytes => fileBytes;

    public bool Refuse(string reason) => Refuse(reason, Position);

    public bool Refuse(string reason, long offset)
    {
        Outcome ??= new GgufReading.Bad(reason, offset);
        return false;
    }

    public bool UInt32(out uint value)
    {
        value = 0;
        if (!Has(4)) return false;
        value = BinaryPrimitives.ReadUInt32LittleEndian(_prefix[Position..]);
        Position += 4;
        return true;
    }

    public bool UInt64(out ulong value)
    {
        value = 0;
        if (!Has(8)) return false;
        value = BinaryPrimitives.ReadUInt64LittleEndian(_prefix[Position..]);
        Position += 8;
        return true;
    }

    /// <summary>A number of <paramref name="size"/> bytes (1, 2, 4 or 8), zero-extended.</summary>
    public bool Number(int size, out ulong value)
    {
        value = 0;
        if (!Has(size)) return false;
        for (var i = size - 1; i >= 0; i--) value = value << 8 | _prefix[Position + i];
        Position += size;
        return true;
    }

    /// <summary>A text that must be UTF-8 of at most <paramref name="limit"/> bytes; <paramref name="what"/> names it in a refusal.</summary>
    public bool Text(string what, int limit, out string text)
    {
        text = "";
        if (!TextSpan(what, limit, out var offset, out var length)) return false;
        var bytes = _prefix.Slice(offset, length);
        if (!Utf8.IsValid(bytes)) return Refuse($"{what} is not valid UTF-8", offset);
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    /// <summary>Steps over a text of any bytes.</summary>
    public bool TextSpan(string what, int limit, out int offset, out int length)
    {
        (offset, length) = (0, 0);
        var start = Position;
        if (!UInt64(out var bytes)) return false;
        if (bytes > (ulong)limit) return Refuse($"{what} claims to be {bytes} bytes long, more than the {limit} that are allowed", start);
        if (!Has((int)bytes)) return false;
        (offset, length) = (Position, (int)bytes);
        Position += length;
        return true;
    }

    public bool Skip(long bytes)
    {
        if (!Has(bytes)) return false;
        Position += (int)bytes;
        return true;
    }

    /// <summary>Whether <paramref name="bytes"/> more bytes lie in the prefix; else asks for them, or refuses what the file cannot hold.</summary>
    public bool Has(long bytes)
    {
        if (Outcome is not null) return false;
        if (bytes <= _prefix.Length - Position) return true;
        var end = Position + bytes;
        if (end > fileBytes) return Refuse($"the file ends inside its header: it has {fileBytes} bytes and the header goes on to byte {end} at least");
        if (end > MaxHeaderBytes) return Refuse($"the header is larger than {MaxHeaderBytes >> 20} MiB");
        Outcome = new GgufReading.NeedMore(end);
        return false;
    }

    public readonly ReadOnlySpan<byte> Slice(int offset, int length) => _prefix.Slice(offset, length);
}
