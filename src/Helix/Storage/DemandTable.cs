using Helix.Core.Tuning;

namespace Helix.Storage;

/// <summary>How often each model was asked for, hour by hour.</summary>
internal sealed class DemandTable(Database database)
{
    /// <summary>The whole of helix, so that an hour in which nobody asked is told apart from one in which nobody counted.</summary>
    public const string Counted = "";

    public void Add(DateTimeOffset now, IReadOnlyDictionary<string, long> requests) => database.Post(connection =>
    {
        foreach (var (model, count) in requests)
            connection.Run(
                "INSERT INTO demand (model, hour, requests) VALUES ($model, $hour, $count) ON CONFLICT (model, hour) DO UPDATE SET requests = requests + $count",
                ("$model", model), ("$hour", HourOf(now)), ("$count", count));
        connection.Run("DELETE FROM demand WHERE hour < $oldest", ("$oldest", HourOf(now) - (DemandForecast.MostWeeks + 1) * DemandForecast.HoursOfWeek));
    });

    public Task<Stored<ILookup<string, HourCount>>> AllAsync() => database.AskAsync(connection => connection
        .Read("SELECT model, hour, requests FROM demand", row => (Model: row.GetString(0), Count: new HourCount(DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(1) * 3600), (int)Math.Min(int.MaxValue, row.GetInt64(2)))))
        .ToLookup(row => row.Model, row => row.Count));

    private static long HourOf(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / 3600;
}
