using System.Globalization;

namespace Helix.Core.History;

/// <summary>A moment as a person names it: so long ago (<c>30m</c>, <c>2h</c>, <c>3d</c>, <c>1w</c>), or a date with or without a time, in UTC.</summary>
internal static class Since
{
    public const string Expected = "so long ago (30m, 2h, 3d, 1w) or a date (2026-11-29, 2026-11-29T08:30)";

    private static readonly string[] s_dates = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    /// <returns>Null where it is neither.</returns>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        if (DateTimeOffset.TryParseExact(text, s_dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date)) return date;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        TimeSpan? unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            'w' => TimeSpan.FromDays(7),
            _ => null,
        };
        var age = now - DateTimeOffset.UnixEpoch;
        return unit is not { } each ? null : count < age / each ? now - each * count : DateTimeOffset.UnixEpoch;
    }
}
