using Helix.Core.History;
using Microsoft.Data.Sqlite;

namespace Helix.Storage;

/// <summary>Everything that helix saw, decided and did: rows are appended, and only the oldest go.</summary>
internal sealed class HistoryTable(Database database)
{
    public const int Kept = 100_000;

    /// <summary>How often the oldest are looked for.</summary>
    private const int Lot = 100;

    private int _appended;
    private Action<HistoryEvent> _told = static _ => { };

    /// <summary>Tells somebody of each event that is about to be kept, on the database's own loop: to return at once. Whoever reads then finds it there.</summary>
    public void TellOf(Action<HistoryEvent> told) => _told += told;

    /// <summary>Something was appended. Called on the database's own loop: return at once.</summary>
    public event Action? Appended;

    public void Append(HistoryEvent happened) => database.Post(connection =>
    {
        connection.Run(
            "INSERT INTO events (at, kind, severity, provider, subject, what, words, data) VALUES ($at, $kind, $severity, $provider, $subject, $what, $words, $data)",
            ("$at", happened.At.ToUnixTimeMilliseconds()), ("$kind", happened.Kind.ToString()), ("$severity", (int)happened.Severity), ("$provider", happened.Provider),
            ("$subject", happened.Subject), ("$what", happened.What), ("$words", happened.Words), ("$data", happened.Data));
        if (++_appended % Lot == 0) connection.Run("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - $kept", ("$kept", Kept));
        _told(happened);
        // whoever reads now waits behind this piece of work, and finds it done
        Appended?.Invoke();
    });

    /// <summary>The newest that are asked for, the oldest of them first.</summary>
    public Task<Stored<List<HistoryEvent>>> ReadAsync(HistoryFilter filter) => database.AskAsync(connection =>
    {
        var newest = connection.Read(
            """
            SELECT id, at, kind, severity, provider, subject, what, words, data FROM events
            WHERE ($provider IS NULL OR provider = $provider) AND ($kind IS NULL OR kind = $kind) AND severity >= $least AND at >= $since
            ORDER BY id DESC LIMIT $most
            """,
            Event,
            ("$provider", filter.Provider), ("$kind", filter.Kind?.ToString()), ("$least", (int)(filter.Least ?? Severity.Info)), ("$since", (filter.Since ?? DateTimeOffset.UnixEpoch).ToUnixTimeMilliseconds()), ("$most", filter.Most));
        newest.Reverse();
        return newest;
    });

    /// <summary>Those that came after one, the oldest first.</summary>
    public Task<Stored<List<HistoryEvent>>> AfterAsync(long id, int most) => database.AskAsync(connection => connection.Read(
        "SELECT id, at, kind, severity, provider, subject, what, words, data FROM events WHERE id > $id ORDER BY id LIMIT $most", Event, ("$id", id), ("$most", most)));

    /// <returns>Null where there is none of that number, or it is too old to be kept.</returns>
    public Task<Stored<HistoryEvent?>> OneAsync(long id) => database.AskAsync(connection => connection
        .Read("SELECT id, at, kind, severity, provider, subject, what, words, data FROM events WHERE id = $id", Event, ("$id", id)).FirstOrDefault());

    /// <returns>When the oldest that is kept happened; null where none is.</returns>
    public Task<Stored<DateTimeOffset?>> FirstAsync() => database.AskAsync(connection => connection.Read(
        "SELECT min(at) FROM events", row => row.IsDBNull(0) ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)))[0]);

    private static HistoryEvent Event(SqliteDataReader row) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), Enum.TryParse<HistoryKind>(row.GetString(2), out var kind) ? kind : HistoryKind.Self, (Severity)row.GetInt32(3),
        Text(row, 4), Text(row, 5), row.GetString(6), row.GetString(7))
    {
        Id = row.GetInt64(0),
        Data = Text(row, 8),
    };

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
