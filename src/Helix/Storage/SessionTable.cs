using Helix.Core.Access;

namespace Helix.Storage;

/// <summary>Browsers that are signed in, at rest: hashes of what they bring, never that itself.</summary>
internal sealed class SessionTable(Database database)
{
    public Task<Stored<List<SessionRecord>>> AllAsync() => database.AskAsync(connection => connection.Read(
        "SELECT id, cookie, token, created, seen, agent FROM sessions ORDER BY created, id",
        row => new SessionRecord(
            row.GetString(0),
            KeyHash.FromBytes(row.GetFieldValue<byte[]>(1)),
            KeyHash.FromBytes(row.GetFieldValue<byte[]>(2)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            row.IsDBNull(5) ? null : row.GetString(5))));

    public Task<Stored<bool>> AddAsync(SessionRecord session) => database.AskAsync(connection => connection.Run(
        "INSERT INTO sessions (id, cookie, token, created, seen, agent) VALUES ($id, $cookie, $token, $created, $seen, $agent)",
        ("$id", session.Id),
        ("$cookie", session.Cookie.ToBytes()),
        ("$token", session.Token.ToBytes()),
        ("$created", session.Created.ToUnixTimeMilliseconds()),
        ("$seen", session.Seen.ToUnixTimeMilliseconds()),
        ("$agent", session.Agent)) == 1);

    /// <returns>How many of them there were.</returns>
    public Task<Stored<int>> RemoveAsync(IReadOnlyCollection<string> ids) =>
        database.AskAsync(connection => ids.Sum(id => connection.Run("DELETE FROM sessions WHERE id = $id", ("$id", id))));

    public void NoteUse(string id, DateTimeOffset at) => database.Post(connection => connection.Run(
        "UPDATE sessions SET seen = $at WHERE id = $id", ("$id", id), ("$at", at.ToUnixTimeMilliseconds())));
}
