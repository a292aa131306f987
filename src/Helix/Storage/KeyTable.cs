using Helix.Core.Access;

namespace Helix.Storage;

/// <summary>Access keys at rest: hashes, never keys.</summary>
internal sealed class KeyTable(Database database)
{
    public Task<Stored<List<KeyRecord>>> AllAsync() => database.AskAsync(connection => connection.Read(
        "SELECT name, hash, prefix, scopes, created, last_used, private, semantic FROM keys ORDER BY created, name",
        row => new KeyRecord(
            row.GetString(0),
            KeyHash.FromBytes(row.GetFieldValue<byte[]>(1)),
            row.GetString(2),
            (KeyScopes)row.GetInt32(3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            row.IsDBNull(5) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            row.GetBoolean(6),
            row.GetBoolean(7))));

    /// <returns>False if the name is taken.</returns>
    public Task<Stored<bool>> AddAsync(KeyRecord key) => database.AskAsync(connection => connection.Run(
        "INSERT INTO keys (name, hash, prefix, scopes, created, private, semantic) VALUES ($name, $hash, $prefix, $scopes, $created, $private, $semantic) ON CONFLICT (name) DO NOTHING",
        ("$name", key.Name),
        ("$hash", key.Hash.ToBytes()),
        ("$prefix", key.Prefix),
        ("$scopes", (int)key.Scopes),
        ("$created", key.Created.ToUnixTimeMilliseconds()),
        ("$private", key.IsPrivate ? 1 : 0),
        ("$semantic", key.ComparesMeaning ? 1 : 0)) == 1);

    /// <returns>False if there is no key of that name.</returns>
    public Task<Stored<bool>> RemoveAsync(string name) =>
        database.AskAsync(connection => connection.Run("DELETE FROM keys WHERE name = $name", ("$name", name)) == 1);

    public void NoteUse(string name, DateTimeOffset at) => database.Post(connection => connection.Run(
        "UPDATE keys SET last_used = $at WHERE name = $name", ("$name", name), ("$at", at.ToUnixTimeMilliseconds())));
}
