using System.Globalization;
using Helix.Core.Alerts;
using Helix.Core.History;

namespace Helix.Storage;

/// <summary>Which alerts are asked for; null leaves a side open.</summary>
/// <param name="State">As it is shown; <see cref="AlertState.Silenced"/> is told apart by whoever knows the silences.</param>
/// <param name="OnlyOpen">Whatever its state is, as long as it is not over.</param>
/// <param name="Least">Of this severity, or a worse one.</param>
/// <param name="Since">Seen then or later.</param>
internal sealed record AlertFilter(AlertState? State = null, bool OnlyOpen = false, AlertType? Type = null, Severity? Least = null, DateTimeOffset? Since = null, int Most = AlertFilter.Limit)
{
    public const int Limit = 10_000;

    private const string Open = "open";
    private const string All = "all";

    /// <summary>Reads it as it was typed; null and empty leave a side open. Without a state, those that are open are meant.</summary>
    /// <returns>The filter, or what is wrong with it.</returns>
    public static (AlertFilter? Filter, string? Wrong) Parse(string? state, string? type, string? severity, string? since, string? most, DateTimeOffset now)
    {
        var filter = new AlertFilter();
        if (Text(state) is not { } wanted || wanted == Open) filter = filter with { OnlyOpen = true };
        else if (wanted != All)
        {
            if (AlertNames.State(wanted) is not { } known) return (null, $"there is no state \"{wanted}\"; there are: {Open}, {All}, {string.Join(", ", AlertNames.States)}");
            filter = filter with { State = known };
        }

        if (Text(type) is { } about)
        {
            if (AlertNames.Type(about) is not { } known) return (null, $"there is no type \"{about}\"; there are: {string.Join(", ", AlertNames.Types)}");
            filter = filter with { Type = known };
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
