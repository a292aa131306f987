using System.Globalization;

namespace Helix.Core.Cli;

/// <summary>One moment of a download, as a line.</summary>
internal static class PullProgress
{
    /// <param name="width">Letters of the bar; 0 leaves it out.</param>
    /// <param name="rate">Bytes a second; null while nobody knows.</param>
    public static string Line(long done, long? total, double? rate, int width)
    {
        var parts = new List<string>();
        if (total is > 0 and var whole)
        {
            var share = Math.Clamp((double)done / whole, 0, 1);
            if (width > 0) parts.Add($"[{new string('#', (int)(share * width))}{new string('.', width - (int)(share * width))}]");
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 100)} %"));
            parts.Add($"{Human.Bytes(done)} of {Human.Bytes(whole)}");
            if (rate is > 0 and var speed)
            {
                parts.Add($"{Human.Bytes(speed)}/s");
                parts.Add($"{Human.Span(TimeSpan.FromSeconds(Math.Min((whole - done) / speed, 1e7)))} left");
            }
        }
        else
        {
            parts.Add(Human.Bytes(done));
            if (rate is > 0 and var speed) parts.Add($"{Human.Bytes(speed)}/s");
        }

        return string.Join("  ", parts);
    }
}
