using System.Collections.Frozen;
using Helix.Core.Access;
using Helix.Storage;

namespace Helix.Access;

/// <summary>The browsers that are signed in, in memory. Looking one up takes no lock and never waits; who signs in is written down first.</summary>
internal sealed class SessionRing(SessionTable table, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_noteUseEvery = TimeSpan.FromMinutes(1);

    // one change at a time
    private readonly SemaphoreSlim _turn = new(1);
    private volatile FrozenDictionary<KeyHash, HeldSession> _sessions = FrozenDictionary<KeyHash, HeldSession>.Empty;

    /// <summary>Reads all sessions from disk; to be awaited before the first request.</summary>
    /// <returns>Why they could not be read, or null.</returns>
    public async Task<Stored<List<SessionRecord>>.Failed?> LoadAsync()
    {
        switch (await table.AllAsync())
        {
            case Stored<List<SessionRecord>>.Ok(var records):
                var now = time.GetUtcNow();
                string[] over = [.. records.Where(record => now >= record.Ends).Select(record => record.Id)];
                Hold(records.Where(record => now < record.Ends).Select(record => new HeldSession(record)));
                // nobody comes back to them; what cannot be taken away now is so the next time
                if (over.Length > 0) await table.RemoveAsync(over);
                return null;
            case Stored<List<SessionRecord>>.Failed failed: return failed;
            default: return null;
        }
    }

    /// <summary>Every one that is not over, the oldest first.</summary>
    public IReadOnlyList<SessionRecord> All()
    {
        var now = time.GetUtcNow();
        return [.. _sessions.Values.Where(session => !session.IsOver(now)).Select(session => session.Record).OrderBy(record => record.Created).ThenBy(record => record.Id, StringComparer.Ordinal)];
    }

    /// <summary>The one of a browser, whose use is noted.</summary>
    /// <param name="cookie">Value of its cookie; null for none.</param>
    /// <returns>Null for one that is not signed in, or no longer.</returns>
    public HeldSession? Find(string? cookie)
    {
        if (cookie is not { Length: SessionRules.SecretLength } || !_sessions.TryGetValue(KeyHash.Of(cookie), out var session)) return null;
        var now = time.GetUtcNow();
        if (session.IsOver(now)) return null;
        if (session.NoteUse(now, s_noteUseEvery)) table.NoteUse(session.Id, now);
        return session;
    }

    /// <returns>Tells whether the answer to a request may go on: not where the session that it came with has ended meanwhile. Who came with none was let in by something else.</returns>
    public Func<bool> MayGoOn(HttpContext context)
    {
        var cookie = SessionCookie.Read(context);
        return Find(cookie) is null ? static () => true : () => Find(cookie) is not null;
    }

    /// <summary>Lets a browser in from now on. Where there would be too many, the one that was not used for the longest time goes.</summary>
    public async Task<Stored<bool>> BeginAsync(SessionRecord record)
    {
        await _turn.WaitAsync();
        try
        {
            if (await table.AddAsync(record) is not Stored<bool>.Ok and var failed) return failed;
            var now = time.GetUtcNow();
            var kept = _sessions.Values.Where(session => !session.IsOver(now)).OrderByDescending(session => session.Record.Seen).Take(SessionRules.Most - 1).ToArray();
            string[] gone = [.. _sessions.Values.Except(kept).Select(session => session.Id)];
            Hold(kept.Append(new HeldSession(record)));
            return gone.Length > 0 && await table.RemoveAsync(gone) is Stored<int>.Failed(var code, var reason, var remedy) ? new Stored<bool>.Failed(code, reason, remedy) : new Stored<bool>.Ok(true);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends sessions, from this moment on.</summary>
    /// <returns>How many there were.</returns>
    public async Task<Stored<int>> EndAsync(Func<SessionRecord, bool> which)
    {
        await _turn.WaitAsync();
        try
        {
            var ended = _sessions.Values.Where(session => which(session.Record)).ToArray();
            if (ended.Length == 0) return new Stored<int>.Ok(0);
            Hold(_sessions.Values.Except(ended));
            return await table.RemoveAsync([.. ended.Select(session => session.Id)]) is Stored<int>.Failed failed ? failed : new Stored<int>.Ok(ended.Length);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Hold(IEnumerable<HeldSession> sessions) => _sessions = sessions.ToFrozenDictionary(session => session.Record.Cookie);
}
