using System.Text.Json;
using Helix.Core.Alerts;
using Microsoft.Data.Sqlite;

namespace Helix.Storage;

/// <summary>Where a message is on its way.</summary>
internal enum MessageState
{
    Waiting,

    /// <summary>Its channel confirmed it.</summary>
    Sent,

    /// <summary>It is not tried again.</summary>
    Failed,
}

/// <summary>A message in the queue.</summary>
/// <param name="Tries">In vain, so far.</param>
/// <param name="Done">When it was sent, or given up.</param>
/// <param name="Trouble">Why it was not sent the last time it was tried.</param>
internal sealed record QueuedMessage(long Id, AlertMessage Message, MessageState State, int Tries, DateTimeOffset? Done, string? Trouble);

/// <summary>What became of the wish to send the next message of a channel.</summary>
/// <param name="Message">Null where none waits, or somebody else is at it.</param>
internal sealed record Claim(QueuedMessage? Message);

/// <param name="Waiting">Messages that are not sent yet.</param>
/// <param name="LastSent">Null where none was sent that is still known.</param>
internal sealed record ChannelTotals(string Channel, int Waiting, int Failed, DateTimeOffset? LastSent);

/// <summary>
/// The queue of each channel. A message leaves it only when its channel confirmed it; who begins to send one says so first, so that nobody else does,
/// and is taken for dead when he has not ended after <see cref="DeliveryPolicy.Claimed"/>.
/// </summary>
internal sealed class MessageTable(Database database)
{
    private const string Columns = "SELECT id, body, state, tries, done, trouble FROM alert_messages";

    /// <summary>What was sent is remembered for so long.</summary>
    private static readonly TimeSpan s_age = TimeSpan.FromDays(30);

    /// <summary>The oldest that waits, which nobody else may send for a while.</summary>
    public Task<Stored<Claim>> ClaimAsync(string channel, DateTimeOffset now) => database.AskAsync(connection =>
    {
        var oldest = connection.Read(
            "SELECT id, body, state, tries, done, trouble, claimed FROM alert_messages WHERE channel = $channel AND state = 0 ORDER BY id LIMIT 1",
            row => (Id: row.GetInt64(0), Message: Of(row), Claimed: row.IsDBNull(6) ? (long?)null : row.GetInt64(6)), ("$channel", channel));
        // one that waits behind another is not sent before it; a moment that lies ahead was written by a clock that was wrong
        if (oldest is not [var (id, message, claimed)] || (claimed is { } at && Math.Abs((now - DateTimeOffset.FromUnixTimeMilliseconds(at)).TotalSeconds) < DeliveryPolicy.Claimed.TotalSeconds)) return new Claim(null);
        if (message is null)
        {
            // it must not keep those behind it waiting
            connection.Run("UPDATE alert_messages SET state = $failed, done = $now, trouble = 'it cannot be read' WHERE id = $id", ("$failed", (int)MessageState.Failed), ("$now", now.ToUnixTimeMilliseconds()), ("$id", id));
            return new Claim(null);
        }

        connection.Run("UPDATE alert_messages SET claimed = $now WHERE id = $id", ("$now", now.ToUnixTimeMilliseconds()), ("$id", id));
        return new Claim(message);
    });

    public Task<Stored<bool>> SentAsync(long id, DateTimeOffset now) => EndAsync(id, MessageState.Sent, null, now);

    public Task<Stored<bool>> FailedAsync(long id, string trouble, DateTimeOffset now) => EndAsync(id, MessageState.Failed, trouble, now);

    /// <summary>Nothing of what waits for this channel is sent any more.</summary>
    public Task<Stored<int>> AbandonAsync(string channel, string trouble, DateTimeOffset now) => database.AskAsync(connection => connection.Run(
        "UPDATE alert_messages SET state = $failed, claimed = NULL, done = $now, trouble = $trouble WHERE channel = $channel AND state = 0",
        ("$failed", (int)MessageState.Failed), ("$now", now.ToUnixTimeMilliseconds()), ("$trouble", trouble), ("$channel", channel)));

    /// <summary>It could not be sent, and is tried again.</summary>
    public Task<Stored<bool>> LaterAsync(long id, string trouble) => database.AskAsync(connection => connection.Run(
        "UPDATE alert_messages SET claimed = NULL, tries = tries + 1, trouble = $trouble WHERE id = $id AND state = 0", ("$trouble", trouble), ("$id", id)) == 1);

    /// <summary>What a channel sent after a message, the oldest first.</summary>
    public Task<Stored<List<QueuedMessage>>> SentAfterAsync(string channel, long id, int most) => database.AskAsync(connection => connection.Read(
        $"{Columns} WHERE channel = $channel AND state = 1 AND id > $id ORDER BY id LIMIT $most", Of, ("$channel", channel), ("$id", id), ("$most", most)).OfType<QueuedMessage>().ToList());

    /// <summary>Number of the last message that a channel sent; 0 where there is none.</summary>
    public Task<Stored<long>> LastSentAsync(string channel) => database.AskAsync(connection => connection.Read(
        "SELECT coalesce(max(id), 0) FROM alert_messages WHERE channel = $channel AND state = 1", row => row.GetInt64(0), ("$channel", channel))[0]);

    /// <summary>Of the messages of a channel before this one, the last that does not wait any more was not sent.</summary>
    public Task<Stored<bool>> WasInVainAsync(string channel, long id) => database.AskAsync(connection => connection.Read(
        "SELECT state FROM alert_messages WHERE channel = $channel AND state <> 0 AND id < $id ORDER BY id DESC LIMIT 1", row => row.GetInt32(0), ("$channel", channel), ("$id", id)).FirstOrDefault() == (int)MessageState.Failed);

    /// <summary>The newest, the newest first.</summary>
    /// <param name="channel">Null: of all.</param>
    public Task<Stored<List<QueuedMessage>>> ListAsync(string? channel, int most) => database.AskAsync(connection => connection.Read(
        $"{Columns} WHERE ($channel IS NULL OR channel = $channel) ORDER BY id DESC LIMIT $most", Of, ("$channel", channel), ("$most", most)).OfType<QueuedMessage>().ToList());

    public Task<Stored<QueuedMessage?>> OneAsync(string key) => database.AskAsync(connection => connection.Read($"{Columns} WHERE key = $key", Of, ("$key", key)).FirstOrDefault());

    public Task<Stored<List<ChannelTotals>>> TotalsAsync() => database.AskAsync(connection => connection.Read(
        "SELECT channel, sum(state = 0), sum(state = 2), max(CASE WHEN state = 1 THEN done END) FROM alert_messages GROUP BY channel",
        row => new ChannelTotals(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)))));

    /// <summary>Part of the step that decided to send it.</summary>
    public static void Add(SqliteConnection connection, AlertMessage message) => connection.Run(
        "INSERT INTO alert_messages (key, channel, at, body) VALUES ($key, $channel, $at, $body) ON CONFLICT (key) DO NOTHING",
        ("$key", message.Key), ("$channel", message.Channel), ("$at", message.At.ToUnixTimeMilliseconds()), ("$body", JsonSerializer.Serialize(message, AlertJson.Default.AlertMessage)));

    public static void Sweep(SqliteConnection connection, DateTimeOffset now) => connection.Run(
        "DELETE FROM alert_messages WHERE state <> 0 AND at < $oldest", ("$oldest", (now - s_age).ToUnixTimeMilliseconds()));

    private Task<Stored<bool>> EndAsync(long id, MessageState state, string? trouble, DateTimeOffset now) => database.AskAsync(connection => connection.Run(
        "UPDATE alert_messages SET state = $state, claimed = NULL, done = $now, trouble = $trouble WHERE id = $id AND state = 0",
        ("$state", (int)state), ("$now", now.ToUnixTimeMilliseconds()), ("$trouble", trouble), ("$id", id)) == 1);

    /// <summary>Null where it cannot be read: the others are told all the same.</summary>
    private static QueuedMessage? Of(SqliteDataReader row) => Parse(row.GetString(1)) is not { } message ? null : new(
        row.GetInt64(0), message, (MessageState)row.GetInt32(2), row.GetInt32(3),
        row.IsDBNull(4) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), row.IsDBNull(5) ? null : row.GetString(5));

    private static AlertMessage? Parse(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, AlertJson.Default.AlertMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
