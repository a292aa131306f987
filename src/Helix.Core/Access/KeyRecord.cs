namespace Helix.Core.Access;

/// <summary>A key as helix remembers it; the key itself is shown once and forgotten.</summary>
/// <param name="Name">Unique; what users say to revoke it.</param>
/// <param name="Prefix">The first characters of the key.</param>
/// <param name="IsPrivate">Nothing that comes with it is asked of a cloud.</param>
/// <param name="ComparesMeaning">What comes with it may be answered with what was answered to other words that mean the same.</param>
internal sealed record KeyRecord(
    string Name, KeyHash Hash, string Prefix, KeyScopes Scopes, DateTimeOffset Created, DateTimeOffset? LastUsed, bool IsPrivate = false, bool ComparesMeaning = false);
