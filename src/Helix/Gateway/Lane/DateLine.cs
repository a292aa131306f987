using System.Globalization;
using System.Text;

namespace Helix.Gateway.Lane;

/// <summary>The header <c>Date</c>, made once a second.</summary>
internal sealed class DateLine(TimeProvider time)
{
    private const int Second = 1000;

    private static Line? s_last;

    private Line? _line;

    /// <summary>By the system's coarse clock, which costs next to nothing: then the second of the line is over.</summary>
    private long _over;

    /// <summary>Of this moment, give or take a few milliseconds; with the end of the line.</summary>
    public ReadOnlySpan<byte> Current
    {
        get
        {
            var tick = Environment.TickCount64;
            if (_line is null || tick >= _over)
            {
                var now = time.GetUtcNow();
                (_line, _over) = (LineOf(now), tick + Second - now.Millisecond);
            }

            return _line.Bytes;
        }
    }

    /// <returns>With the end of the line.</returns>
    public static ReadOnlySpan<byte> Of(DateTimeOffset now) => LineOf(now).Bytes;

    private static Line LineOf(DateTimeOffset now)
    {
        var second = now.UtcTicks / TimeSpan.TicksPerSecond;
        var last = s_last;
        if (last is null || last.Second != second) s_last = last = new(second, Encoding.ASCII.GetBytes($"Date: {now.ToString("R", CultureInfo.InvariantCulture)}\r\n"));
        return last;
    }

    private sealed record Line(long Second, byte[] Bytes);
}
