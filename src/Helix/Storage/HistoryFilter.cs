using System.Globalization;
using Helix.Core.History;

namespace Helix.Storage;

/// <summary>Which events are asked for; null leaves a side open.</summary>
/// <param name="Least">Of this severity, or a worse one.</param>
internal sealed record HistoryFilter(string? Provider = null, HistoryKind? Kind = null, Severity? Least = null, DateTimeOffset? Since = null, int Most = 200)
{
    private const int Limit = 10_000;

    /// <summary>Reads it as it was typed; null and empty leave a side open.</summary>
    /// <returns>The filter, or what is wrong with it.</returns>
    public static (HistoryFilter? Filter, string? Wrong) Parse(string? provider, string? kind, string? severity, string? since, string? most, DateTimeOffset now)
    {
        var filter = new HistoryFilter(Text(provider));
        if (Text(kind) is { } named)
        {
            if (HistoryNames.Kind(named) is not { } known) return (null, $"there is no kind \"{named}\"; there are: {string.Join(", ", HistoryNames.Kinds)}");
            filter = filter with { Kind = known };
        }

        if (Text(severity) is { } least)
        {
            if (HistoryNames.Severity(least) is not { } known) return (null, $"there is no severity \"{least}\"; there are: {string.Join(", ", HistoryNames.Severities)}");
            filter = filter with { Least = known };
        }

        if (Text(since) is { } moment)
        {
            if (Core.History.Since.Parse(moment, now) is not { } from) return (null, $"\"{moment}\" is not {Core.History.Since.Expected}");
            filter = filter with { Since = from };
        }

        if (Text(most) is not { } limit) return (filter, null);
        return int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= Limit
            ? (filter with { Most = count }, null)
            : (null, $"\"{limit}\" is no whole number from 1 to {Limit}");
    }

    private static string? Text(string? typed) => string.IsNullOrEmpty(typed) ? null : typed;
}
