using System.Globalization;
using System.Text;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class ChunkedBodyTests
{
    [Fact]
    public void However_it_is_cut_the_data_comes_out_whole() =>
        Gen.Select(Gen.Byte.Array[1, 300].Array[0, 6], Gen.Int[1, 50].Array[1, 30], Gen.OneOf("X", "x", "X4", "x8"), Gen.OneOf("", ";ext=1")).Sample((chunks, cuts, size, extension) =>
        {
            var wire = new List<byte>();
            foreach (var chunk in chunks) wire.AddRange([.. Encoding.ASCII.GetBytes(chunk.Length.ToString(size, CultureInfo.InvariantCulture) + extension + "\r\n"), .. chunk, .. "\r\n"u8]);
            wire.AddRange("0\r\nTrailer: x\r\n\r\n"u8);
            var bytes = wire.ToArray();
            var body = new ChunkedBody();
            var data = new List<byte>();
            for (int at = 0, n = 0; at < bytes.Length; n++)
            {
                if (body.IsDone || body.IsBroken) return false;
                var piece = bytes.AsSpan(at, Math.Min(cuts[n % cuts.Length], bytes.Length - at));
                at += piece.Length;
                data.AddRange(piece[..body.Decode(piece, out _)]);
            }

            return body.IsDone && data.SequenceEqual(chunks.SelectMany(chunk => chunk));
        });

    [Fact]
    public void What_comes_behind_its_end_is_not_read()
    {
        var body = new ChunkedBody();

        Assert.Equal(2, body.Decode("2\r\nab\r\n0\r\n\r\nmore"u8.ToArray(), out var read));
        Assert.True(body.IsDone);
        Assert.Equal("2\r\nab\r\n0\r\n\r\n".Length, read);
    }

    [Theory]
    [InlineData("x\r\n")]
    [InlineData("\r\n")]
    [InlineData("fffffffffffffffff\r\n")]
    [InlineData("1\r\nab")]
    public void Nonsense_is_broken(string wire)
    {
        var body = new ChunkedBody();
        body.Decode(Encoding.ASCII.GetBytes(wire), out _);

        Assert.True(body.IsBroken);
        Assert.False(body.IsDone);
    }

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var body = new ChunkedBody();
        return body.Decode(bytes, out _) <= bytes.Length;
    });
}
