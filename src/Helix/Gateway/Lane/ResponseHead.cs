using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Helix.Gateway.Lane;

/// <summary>The head of an answer in HTTP/1.1, as bytes.</summary>
internal static class ResponseHead
{
    /// <summary>In bytes: whatever is no header that somebody set.</summary>
    private const int MostOwn = 256;

    private static readonly byte[]?[] s_lines = new byte[]?[600];

    /// <returns>With the end of the line.</returns>
    public static ReadOnlySpan<byte> StatusLine(int status) => (uint)status < (uint)s_lines.Length ? (s_lines[status] ??= LineOf(status)) : LineOf(status);

    /// <summary>Whether an answer of this status may have content (RFC 9110, 6.4.1).</summary>
    public static bool MayHaveBody(int status) => status is >= 200 and not (204 or 205 or 304);

    /// <summary>Whether one without content says so by a length of zero; the others have none by what they are (RFC 9110, 8.6).</summary>
    public static bool HasLength(int status) => status is >= 200 and not (204 or 304);

    /// <param name="connection">What an answer says about its connection.</param>
    public static bool KeepsConnection(StringValues connection) => connection.ToString().Contains("keep-alive", StringComparison.OrdinalIgnoreCase);

    /// <returns>Bytes that the head takes at most.</returns>
    public static int MostLength(LaneHeaders headers) => MostOwn + headers.MostLength;

    /// <param name="into">With room for <see cref="MostLength"/>.</param>
    /// <param name="date">By <see cref="DateLine"/>; left out where the headers have their own.</param>
    /// <param name="isChunked">Content follows in chunks.</param>
    /// <param name="closes">The connection is closed after the answer, which is said where the headers say nothing of it.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> into, int status, LaneHeaders headers, ReadOnlySpan<byte> date, bool isChunked, bool closes)
    {
        var end = Put(into, 0, StatusLine(status));
        end += headers.Write(into[end..]);
        if (headers.ContentLength is { } length)
        {
            end = Put(into, end, "Content-Length: "u8);
            length.TryFormat(into[end..], out var digits, default, CultureInfo.InvariantCulture);
            end = Put(into, end + digits, "\r\n"u8);
        }

        if (!headers.ContainsKey(HeaderNames.Date)) end = Put(into, end, date);
        if (isChunked) end = Put(into, end, "Transfer-Encoding: chunked\r\n"u8);
        if (closes && !headers.ContainsKey(HeaderNames.Connection)) end = Put(into, end, "Connection: close\r\n"u8);
        return Put(into, end, "\r\n"u8);
    }

    private static byte[] LineOf(int status) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n"));

    /// <returns>Where the next goes.</returns>
    private static int Put(Span<byte> into, int end, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(into[end..]);
        return end + bytes.Length;
    }
}
