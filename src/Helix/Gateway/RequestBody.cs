using System.Buffers;

namespace Helix.Gateway;

/// <summary>A request's body in one rented buffer.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstRent = 16 << 10;

    private byte[] _buffer;
    private int _length;

    private RequestBody(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads the body to its end. Memory grows with what arrives, not with what is announced.</summary>
    /// <exception cref="BadHttpRequestException">Too large for the limit set on the request, cut short, or too slow.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context)
    {
        var body = new RequestBody((int)Math.Min(context.Request.ContentLength ?? FirstRent, FirstRent));
        try
        {
            var reader = context.Request.BodyReader;
            while (true)
            {
                var result = await reader.ReadAsync();
                body.Append(result.Buffer);
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) return body;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void Append(ReadOnlySequence<byte> bytes)
    {
        var length = checked(_length + (int)bytes.Length);
        if (length > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, (int)Math.Min(_buffer.Length * 2L, Array.MaxLength)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length = length;
    }
}
