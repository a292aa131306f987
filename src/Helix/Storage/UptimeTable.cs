using Helix.Core.History;

namespace Helix.Storage;

/// <summary>How long each provider, and the whole, was up and down, day by day.</summary>
internal sealed class UptimeTable(Database database)
{
    public void Add(IReadOnlyDictionary<UptimeKey, UptimeSpan> counted) => database.Post(connection =>
    {
        foreach (var (key, span) in counted)
            connection.Run(
                "INSERT INTO uptime (day, who, up, down) VALUES ($day, $who, $up, $down) ON CONFLICT (day, who) DO UPDATE SET up = up + $up, down = down + $down",
                ("$day", key.Day.DayNumber), ("$who", key.Who), ("$up", (long)span.Up.TotalMilliseconds), ("$down", (long)span.Down.TotalMilliseconds));
    });

    public Task<Stored<Dictionary<UptimeKey, UptimeSpan>>> SinceAsync(DateOnly day) => database.AskAsync(connection => connection
        .Read(
            "SELECT day, who, up, down FROM uptime WHERE day >= $day",
            row => (Key: new UptimeKey(DateOnly.FromDayNumber(row.GetInt32(0)), row.GetString(1)), Span: new UptimeSpan(TimeSpan.FromMilliseconds(row.GetInt64(2)), TimeSpan.FromMilliseconds(row.GetInt64(3)))),
            ("$day", day.DayNumber))
        .ToDictionary(row => row.Key, row => row.Span));

    /// <returns>The first day of which something is kept; null where there is none.</returns>
    public Task<Stored<DateOnly?>> FirstAsync() => database.AskAsync(connection => connection.Read(
        "SELECT min(day) FROM uptime", row => row.IsDBNull(0) ? (DateOnly?)null : DateOnly.FromDayNumber(row.GetInt32(0)))[0]);
}
