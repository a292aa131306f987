using System.Collections.Immutable;
using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.History;

namespace Helix.Core.Reports;

/// <summary>All that a report is made of.</summary>
/// <param name="Asked">From when on it is wanted.</param>
/// <param name="Per">Of what requests are added up.</param>
/// <param name="From">Where the first of those begins.</param>
internal sealed record ReportInput(DateTimeOffset Now, DateTimeOffset Asked, UsageSpan Per, DateTimeOffset From)
{
    public string Version { get; init; } = "";

    /// <summary>From <see cref="From"/> on, without what helix asked by itself.</summary>
    public IReadOnlyList<ReportRow> Rows { get; init; } = [];

    /// <summary>Requests that helix made by itself.</summary>
    public long OwnRequests { get; init; }

    /// <summary>From <see cref="FirstDay"/> on.</summary>
    public IReadOnlyDictionary<UptimeKey, UptimeSpan> Uptime { get; init; } = ImmutableDictionary<UptimeKey, UptimeSpan>.Empty;

    /// <summary>Of healing and of updates, from <see cref="From"/> on.</summary>
    public IReadOnlyList<HistoryEvent> Events { get; init; } = [];

    /// <summary>There were more events than were read: the oldest are missing.</summary>
    public bool AreEventsCut { get; init; }

    public ReportRecorded Recorded { get; init; }

    /// <summary>What cloud models cost, by <c>CLOUD/MODEL</c>.</summary>
    public IReadOnlyDictionary<string, CloudPrice> Prices { get; init; } = ImmutableDictionary<string, CloudPrice>.Empty;

    /// <summary>The day on which the clouds said so.</summary>
    public string PricesObserved { get; init; } = "";

    /// <summary>What the user says of prices.</summary>
    public IReadOnlyList<string> OwnPrices { get; init; } = [];

    /// <summary>Models to compare with, of which those count that are in <see cref="Prices"/>; none: a low, a middle and a high price.</summary>
    public IReadOnlyList<string> Against { get; init; } = [];

    /// <summary>The models on this machine's disk, without those that helix asks by itself.</summary>
    public IReadOnlyList<ReportModel> Library { get; init; } = [];

    public DateOnly FirstDay => DateOnly.FromDateTime(From.UtcDateTime);

    /// <summary>By hours as long as those are kept, else by days.</summary>
    public static ReportInput Begin(DateTimeOffset asked, DateTimeOffset now)
    {
        var since = asked < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : asked;
        var per = now - since <= UsageSpan.Hour.Kept - UsageSpan.Hour.Length ? UsageSpan.Hour : UsageSpan.Day;
        return new(now, since, per, DateTimeOffset.UnixEpoch.AddMinutes(per.BeginOf((long)(since - DateTimeOffset.UnixEpoch).TotalMinutes)));
    }
}

/// <summary>Requests of an hour, or a day, that have key, provider, model and outcome in common.</summary>
internal readonly record struct ReportRow(UsageKey Key, UsageSum Sum, ReportSource Source)
{
    public bool IsAnswered => Key.Outcome == RequestOutcome.Answered;
}

/// <summary>Who gave an answer.</summary>
internal enum ReportSource
{
    /// <summary>Nobody: the request was sent to none.</summary>
    None,

    /// <summary>One of the user's own.</summary>
    Engine,
    Memory,
    Cloud,
}

/// <summary>Of when the oldest is that is kept; null where there is nothing.</summary>
/// <param name="Usage">Of requests: the beginning of the hour, or the day.</param>
internal readonly record struct ReportRecorded(DateTimeOffset? Usage, DateOnly? Uptime, DateTimeOffset? Events);

internal sealed record ReportModel(string Id, long Bytes, DateTimeOffset Added);
