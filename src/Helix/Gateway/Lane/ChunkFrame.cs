using System.Globalization;

namespace Helix.Gateway.Lane;

/// <summary>What stands around each piece of an answer whose length nobody knows (RFC 9112, 7.1).</summary>
internal static class ChunkFrame
{
    /// <summary>Of what stands before a piece, in bytes: eight digits and the end of a line.</summary>
    public const int MostStart = 10;

    public const int EndLength = 2;

    /// <summary>Behind each piece.</summary>
    public static ReadOnlyMemory<byte> End { get; } = "\r\n"u8.ToArray();

    /// <summary>Behind the last.</summary>
    public static ReadOnlyMemory<byte> Last { get; } = "0\r\n\r\n"u8.ToArray();

    /// <param name="length">Of the piece, in bytes; never 0, which would be the end of all.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteStart(Span<byte> into, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        length.TryFormat(into, out var digits, "x", CultureInfo.InvariantCulture);
        End.Span.CopyTo(into[digits..]);
        return digits + EndLength;
    }
}
