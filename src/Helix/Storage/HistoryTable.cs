using Helix.Core.Fleet;

namespace Helix.Storage;

/// <summary>One step in an instance's life.</summary>
internal sealed record InstanceTransition(DateTimeOffset At, string Instance, ProviderState From, ProviderState To, string Reason);

/// <summary>The last 10,000 transitions of all instances.</summary>
internal sealed class HistoryTable(Database database)
{
    public const int Kept = 10_000;

    public void Append(InstanceTransition transition) => database.Post(connection =>
    {
        connection.Run(
            """INSERT INTO history (at, instance, "from", "to", reason) VALUES ($at, $instance, $from, $to, $reason)""",
            ("$at", transition.At.ToUnixTimeMilliseconds()),
            ("$instance", transition.Instance),
            ("$from", transition.From.ToString()),
            ("$to", transition.To.ToString()),
            ("$reason", transition.Reason));
        connection.Run("DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - $kept", ("$kept", Kept));
    });

    /// <summary>The newest transitions, newest first.</summary>
    /// <param name="instance">Of this instance only; null means of all.</param>
    public Task<Stored<List<InstanceTransition>>> RecentAsync(int count, string? instance = null) => database.AskAsync(connection => connection.Read(
        """SELECT at, instance, "from", "to", reason FROM history WHERE $instance IS NULL OR instance = $instance ORDER BY id DESC LIMIT $count""",
        row => new InstanceTransition(
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)),
            row.GetString(1),
            Enum.Parse<ProviderState>(row.GetString(2)),
            Enum.Parse<ProviderState>(row.GetString(3)),
            row.GetString(4)),
        ("$instance", instance),
        ("$count", count)));
}
