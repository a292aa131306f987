using System.Buffers;

namespace Helix.Bench.Models;

/// <summary>Lets a writer of buffers write a file larger than memory should hold.</summary>
internal sealed class FileBuffer(Stream stream) : IBufferWriter<byte>
{
    private byte[] _buffer = new byte[1 << 20];

    public void Advance(int count) => stream.Write(_buffer, 0, count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (sizeHint > _buffer.Length) _buffer = new byte[sizeHint];
        return _buffer;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
