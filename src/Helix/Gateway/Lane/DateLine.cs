using System.Globalization;
using System.Text;

namespace Helix.Gateway.Lane;

/// <summary>The header <c>Date</c>, made once a second.</summary>
internal static class DateLine
{
    private static Line? s_last;

    /// <returns>With the end of the line.</returns>
    public static ReadOnlySpan<byte> Of(DateTimeOffset now)
    {
        var second = now.UtcTicks / TimeSpan.TicksPerSecond;
        var last = s_last;
        if (last is null || last.Second != second) s_last = last = new(second, Encoding.ASCII.GetBytes($"Date: {now.ToString("R", CultureInfo.InvariantCulture)}\r\n"));
        return last.Bytes;
    }

    private sealed record Line(long Second, byte[] Bytes);
}
