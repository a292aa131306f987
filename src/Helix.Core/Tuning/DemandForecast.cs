using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Tuning;

/// <summary>Requests for a model in one hour.</summary>
/// <param name="Hour">Its begin, in UTC.</param>
internal readonly record struct HourCount(DateTimeOffset Hour, int Requests);

/// <summary>
/// When a model is usually asked for: of each hour of the week, in how many of the weeks seen it was used at all, the newer ones counting more.
/// Its error is that of the same forecast made for the hours of the last week from those before: where it is large, nothing is done by it.
/// </summary>
/// <param name="Chances">Of each of the 168 hours of a week that begins on Monday at 0:00 UTC: from 0 to 1.</param>
/// <param name="Error">Of the hours in which it was used or was said to be: the part about which the forecast was wrong; null where there is too little to tell.</param>
internal sealed record DemandForecast(ImmutableArray<double> Chances, double? Error, int Weeks)
{
    public const int HoursOfWeek = 168;

    /// <summary>From that chance on a model is started before its hour.</summary>
    public const double Likely = 0.6;

    /// <summary>A forecast that is wrong more often is not followed.</summary>
    public const double LargestError = 0.5;

    public const int FewestWeeks = 2;

    /// <summary>So many are remembered.</summary>
    public const int MostWeeks = 8;

    /// <summary>How much a week counts beside the one after it.</summary>
    private const double Fading = 0.7;

    public static DemandForecast None { get; } = new([.. new double[HoursOfWeek]], null, 0);

    public bool IsFollowed => Weeks >= FewestWeeks && Error <= LargestError;

    /// <param name="counts">In any order; hours without a request may be left out.</param>
    /// <param name="since">From when on they were counted.</param>
    public static DemandForecast Of(IReadOnlyCollection<HourCount> counts, DateTimeOffset since, DateTimeOffset now)
    {
        var used = counts.Where(count => count.Requests > 0).Select(count => HourOf(count.Hour)).ToHashSet();
        var weeks = (int)Math.Min(MostWeeks, Math.Floor((now - since) / TimeSpan.FromDays(7)));
        return weeks == 0 ? None : new(ChancesOf(used, HourOf(now), weeks), weeks >= FewestWeeks ? ErrorOf(used, HourOf(now), weeks) : null, weeks);
    }

    /// <summary>Whether it is likely to be asked for between then and then.</summary>
    public bool IsLikely(DateTimeOffset from, TimeSpan within)
    {
        for (var hour = HourOf(from); hour <= HourOf(from + within); hour++)
            if (Chances[IndexOf(hour)] >= Likely) return true;
        return false;
    }

    public static int IndexOf(DateTimeOffset moment) => IndexOf(HourOf(moment));

    public string Words => Weeks < FewestWeeks ? $"{Weeks} of {FewestWeeks} weeks were seen that a forecast needs"
        : string.Create(CultureInfo.InvariantCulture, $"of last week's hours that were used or foretold it was wrong about {Error * 100:0} %{(IsFollowed ? "" : ", and is not followed")}");

    /// <summary>From the weeks that ended at an hour.</summary>
    private static ImmutableArray<double> ChancesOf(HashSet<long> used, long end, int weeks)
    {
        var chances = ImmutableArray.CreateBuilder<double>(HoursOfWeek);
        chances.Count = HoursOfWeek;
        for (var back = 1; back <= HoursOfWeek; back++)
        {
            var (weight, hit, all) = (1.0, 0.0, 0.0);
            for (var week = 0; week < weeks; week++, weight *= Fading)
            {
                all += weight;
                if (used.Contains(end - back - week * HoursOfWeek)) hit += weight;
            }

            chances[IndexOf(end - back)] = hit / all;
        }

        return chances.MoveToImmutable();
    }

    private static double ErrorOf(HashSet<long> used, long end, int weeks)
    {
        var before = ChancesOf(used, end - HoursOfWeek, weeks - 1);
        var (wrong, all) = (0, 0);
        for (var hour = end - HoursOfWeek; hour < end; hour++)
        {
            var (said, was) = (before[IndexOf(hour)] >= Likely, used.Contains(hour));
            if (said || was) all++;
            if (said != was) wrong++;
        }

        return all == 0 ? 0 : (double)wrong / all;
    }

    /// <summary>Hours since the first Monday of 1970, which was the fifth of January.</summary>
    private static long HourOf(DateTimeOffset moment) => (moment.ToUnixTimeSeconds() - 4 * 86_400) / 3600;

    private static int IndexOf(long hour) => (int)((hour % HoursOfWeek + HoursOfWeek) % HoursOfWeek);
}
