using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Helix.Core.Access;

/// <summary>Links with which somebody may sign in, each once, for a few minutes. Held in memory only, so that they stand for themselves and not for a hash.</summary>
internal sealed record OpenLinks(ImmutableArray<(KeyHash Hash, DateTimeOffset Until)> All)
{
    /// <summary>Of those that were made last; who makes more takes the oldest back.</summary>
    public const int Most = 32;

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public static OpenLinks None { get; } = new([]);

    public OpenLinks With(KeyHash link, DateTimeOffset now)
    {
        var open = Open(now);
        return new([.. open.Length < Most ? open : open[1..], (link, now + Lifetime)]);
    }

    /// <summary>Uses a link up.</summary>
    /// <returns>Those that are left, and whether it was one of them.</returns>
    public (OpenLinks Left, bool WasOpen) Take(KeyHash link, DateTimeOffset now)
    {
        var open = Open(now);
        var left = open.Where(each => !IsSame(each.Hash, link)).ToImmutableArray();
        return (new(left), left.Length < open.Length);
    }

    private ImmutableArray<(KeyHash Hash, DateTimeOffset Until)> Open(DateTimeOffset now) => [.. All.Where(each => now < each.Until)];

    /// <summary>Takes the same time whatever they are.</summary>
    private static bool IsSame(KeyHash one, KeyHash other) => CryptographicOperations.FixedTimeEquals(one.ToBytes(), other.ToBytes());
}
