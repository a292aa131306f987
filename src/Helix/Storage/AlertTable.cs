using System.Text.Json;
using Helix.Core.Alerts;
using Helix.Core.History;
using Microsoft.Data.Sqlite;

namespace Helix.Storage;

/// <summary>What the alerts remember, and which version of it this is: of two daemons that write, the second is told that it knows too little.</summary>
internal sealed record KeptBook(AlertBook Book, long Version);

/// <summary>Alerts at rest: all there were of late, what is remembered beside them, and, in the same step, the messages that come of it.</summary>
internal sealed class AlertTable(Database database)
{
    /// <summary>Alerts are kept, the newest of them.</summary>
    private const int Most = 100_000;

    /// <summary>What is over is kept for so long.</summary>
    private static readonly TimeSpan s_age = TimeSpan.FromDays(90);

    private const string Body = "SELECT body FROM alerts";

    /// <param name="origin">Of the messages of a home that has none yet.</param>
    public Task<Stored<KeptBook>> LoadAsync(string origin, DateTimeOffset now) => database.AskAsync(connection =>
    {
        var (version, cursor, body) = connection.Read(
            "SELECT version, cursor, body FROM alert_book WHERE id = 1", row => (row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetString(2)))[0];
        var book = Parse(body) ?? AlertBook.New(origin, cursor, now);
        var last = connection.Read("SELECT coalesce(max(id), 0) FROM alerts", row => row.GetInt64(0))[0];
        // a book that could not be read must not give a number twice
        if (book.NextAlert <= last) book = book with { NextAlert = last + 1 };
        return new KeptBook(book.With(connection.Read($"{Body} WHERE kept = 1", Of).OfType<Alert>()), version);
    });

    /// <summary>Keeps what came of a turn.</summary>
    /// <param name="before">What it began with.</param>
    /// <returns>False if somebody else kept something meanwhile: nothing is kept then.</returns>
    public Task<Stored<bool>> SaveAsync(KeptBook before, AlertStep step, DateTimeOffset now) => database.AskAsync(connection =>
    {
        var body = JsonSerializer.Serialize(step.Book, AlertJson.Default.AlertBook);
        if (connection.Run(
            "UPDATE alert_book SET version = version + 1, cursor = $cursor, body = $body WHERE id = 1 AND version = $version",
            ("$cursor", step.Book.Cursor), ("$body", body), ("$version", before.Version)) == 0) return false;
        foreach (var alert in step.Changed)
            connection.Run(
                """
                INSERT INTO alerts (id, state, type, severity, last_seen, kept, body) VALUES ($id, $state, $type, $severity, $seen, $kept, $body)
                ON CONFLICT (id) DO UPDATE SET state = $state, severity = $severity, last_seen = $seen, kept = $kept, body = $body
                """,
                ("$id", alert.Id), ("$state", (int)alert.State), ("$type", (int)alert.Type), ("$severity", (int)alert.Severity), ("$seen", alert.LastSeen.ToUnixTimeMilliseconds()),
                ("$kept", step.Book.Alerts.ContainsKey(alert.Id) ? 1 : 0), ("$body", JsonSerializer.Serialize(alert, AlertJson.Default.Alert)));
        foreach (var id in before.Book.Alerts.Keys.Where(id => !step.Book.Alerts.ContainsKey(id))) connection.Run("UPDATE alerts SET kept = 0 WHERE id = $id", ("$id", id));
        foreach (var id in step.Dropped) connection.Run("DELETE FROM alerts WHERE id = $id", ("$id", id));
        foreach (var message in step.Messages) MessageTable.Add(connection, message);
        if (step.Messages.Length > 0) Sweep(connection, now);
        return true;
    });

    /// <summary>The newest that are asked for, the newest first.</summary>
    public Task<Stored<List<Alert>>> ListAsync(AlertFilter filter) => database.AskAsync(connection => connection.Read(
        $"""
        {Body} WHERE ($state IS NULL OR state = $state) AND ($open = 0 OR state <> $resolved) AND ($type IS NULL OR type = $type) AND severity >= $least AND last_seen >= $since
        ORDER BY id DESC LIMIT $most
        """,
        Of,
        ("$state", (int?)filter.State), ("$open", filter.OnlyOpen ? 1 : 0), ("$resolved", (int)AlertState.Resolved), ("$type", (int?)filter.Type),
        ("$least", (int)(filter.Least ?? Severity.Info)), ("$since", (filter.Since ?? DateTimeOffset.UnixEpoch).ToUnixTimeMilliseconds()), ("$most", filter.Most)).OfType<Alert>().ToList());

    /// <returns>Null where there is none of that number, or it is too old to be kept.</returns>
    public Task<Stored<Alert?>> OneAsync(long id) => database.AskAsync(connection => connection.Read($"{Body} WHERE id = $id", Of, ("$id", id)).FirstOrDefault());

    private static void Sweep(SqliteConnection connection, DateTimeOffset now)
    {
        connection.Run(
            "DELETE FROM alerts WHERE kept = 0 AND (last_seen < $oldest OR id <= (SELECT max(id) FROM alerts) - $most)",
            ("$oldest", (now - s_age).ToUnixTimeMilliseconds()), ("$most", Most));
        MessageTable.Sweep(connection, now);
    }

    /// <summary>Null where it cannot be read: the others are told all the same.</summary>
    private static Alert? Of(SqliteDataReader row)
    {
        try
        {
            return JsonSerializer.Deserialize(row.GetString(0), AlertJson.Default.Alert);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static AlertBook? Parse(string? body)
    {
        try
        {
            return body is null ? null : JsonSerializer.Deserialize(body, AlertJson.Default.AlertBook);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
