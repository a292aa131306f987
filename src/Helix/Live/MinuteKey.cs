using System.Globalization;

namespace Helix.Live;

/// <summary>How a minute is called where each has its value.</summary>
internal static class MinuteKey
{
    /// <param name="minute">Since 1970.</param>
    public static string Of(long minute) => DateTimeOffset.UnixEpoch.AddMinutes(minute).ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
}
