using System.Security.Cryptography;
using Helix.Core.Access;

namespace Helix.Access;

/// <summary>A session in memory with the time of its last use, which many requests may note at once.</summary>
internal sealed class HeldSession(SessionRecord begun)
{
    private long _seen = begun.Seen.UtcTicks;

    /// <summary>As it is now.</summary>
    public SessionRecord Record => begun with { Seen = new DateTimeOffset(Volatile.Read(ref _seen), TimeSpan.Zero) };

    public string Id => begun.Id;

    public bool IsOver(DateTimeOffset now) => now >= Record.Ends;

    /// <summary>Takes the same time whatever is given.</summary>
    public bool HasToken(ReadOnlySpan<char> token) =>
        token.Length == SessionRules.SecretLength && CryptographicOperations.FixedTimeEquals(KeyHash.Of(token).ToBytes(), begun.Token.ToBytes());

    /// <summary>Notes a use at most once each <paramref name="every"/>.</summary>
    /// <returns>True for the one caller whose note counted.</returns>
    public bool NoteUse(DateTimeOffset now, TimeSpan every)
    {
        var seen = Volatile.Read(ref _seen);
        return now.UtcTicks - seen >= every.Ticks && Interlocked.CompareExchange(ref _seen, now.UtcTicks, seen) == seen;
    }
}
