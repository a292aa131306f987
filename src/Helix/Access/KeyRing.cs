using System.Collections.Frozen;
using Helix.Core.Access;
using Helix.Storage;

namespace Helix.Access;

/// <summary>The keys in memory. Looking one up takes no lock and never waits; changes go to disk first.</summary>
internal sealed class KeyRing(KeyTable table, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_noteUseEvery = TimeSpan.FromMinutes(1);

    // one change at a time: the list that was read last is the newest
    private readonly SemaphoreSlim _turn = new(1);
    private volatile FrozenDictionary<KeyHash, HeldKey> _keys = FrozenDictionary<KeyHash, HeldKey>.Empty;

    /// <summary>Reads all keys from disk; to be awaited before the first request (<see cref="KeyLoading"/> does).</summary>
    /// <returns>Why they could not be read, or null.</returns>
    public async Task<Stored<List<KeyRecord>>.Failed?> LoadAsync()
    {
        switch (await table.AllAsync())
        {
            case Stored<List<KeyRecord>>.Ok(var records):
                var old = _keys;
                _keys = records.ToFrozenDictionary(record => record.Hash, record => old.GetValueOrDefault(record.Hash) ?? new HeldKey(record));
                return null;
            case Stored<List<KeyRecord>>.Failed failed: return failed;
            default: return null;
        }
    }

    /// <summary>Looks the text of a key up and notes its use.</summary>
    /// <param name="last">Of the connection that it came on; null where nothing is remembered of that.</param>
    public PresentedKey Present(ReadOnlyMemory<char> key, LastKey? last)
    {
        if (key.IsEmpty) return PresentedKey.None;
        if (key.Length > ApiKey.MaxLength || !_keys.TryGetValue(last?.HashOf(key) ?? KeyHash.Of(key.Span), out var held))
            return PresentedKey.Unknown(key.Span.StartsWith(ApiKey.Start));
        if (held.NoteUse(time, s_noteUseEvery) is { } now) table.NoteUse(held.Record.Name, now);
        return PresentedKey.Known(held.Record.Scopes, held.Record.Name);
    }

    /// <summary>Nothing that comes with the key of this name may leave this machine; one that was revoked meanwhile says nothing else.</summary>
    public bool IsPrivate(string name) => name.Length > 0 && Named(name)?.IsPrivate != false;

    /// <returns>Null where no key has this name. Makes no objects: it is asked for each request.</returns>
    public KeyRecord? Named(string name)
    {
        foreach (var held in _keys.Values)
            if (held.Record.Name == name) return held.Record;
        return null;
    }

    /// <summary>Every key, oldest first.</summary>
    public IReadOnlyList<KeyRecord> All() =>
        [.. _keys.Values.Select(held => held.Record with { LastUsed = held.LastUsed }).OrderBy(record => record.Created).ThenBy(record => record.Name, StringComparer.Ordinal)];

    /// <summary>Keeps a new key; false if its name is taken.</summary>
    public Task<Stored<bool>> AddAsync(KeyRecord record) => ChangeAsync(() => table.AddAsync(record));

    /// <summary>Forgets a key, from this moment on; false if there is none of that name.</summary>
    public Task<Stored<bool>> RemoveAsync(string name) => ChangeAsync(() => table.RemoveAsync(name));

    public void Dispose() => _turn.Dispose();

    private async Task<Stored<bool>> ChangeAsync(Func<Task<Stored<bool>>> change)
    {
        await _turn.WaitAsync();
        try
        {
            var outcome = await change();
            if (outcome is Stored<bool>.Ok(true) && await LoadAsync() is { } failed)
                return new Stored<bool>.Failed(failed.Code, failed.Reason, failed.Remedy);
            return outcome;
        }
        finally
        {
            _turn.Release();
        }
    }
}
