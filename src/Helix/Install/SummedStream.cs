namespace Helix.Install;

/// <summary>Reads through, and knows length and check sum of what was read.</summary>
internal sealed class SummedStream(Stream inner) : Stream
{
    private Crc32 _sum = new();

    public long Bytes { get; private set; }

    public uint Sum => _sum.Value;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => Bytes; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Add(buffer, inner.Read(buffer));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) 
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        return Add(buffer.Span, read);
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Add(Span<byte> buffer, int read)
    {
        _sum.Add(buffer[..read]);
        Bytes += read;
        return read;
    }
}
