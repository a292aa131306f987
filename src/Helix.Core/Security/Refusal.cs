namespace Helix.Core.Security;

/// <summary>What may be no accident in a request, if it comes often.</summary>
internal enum RefusalKind
{
    WrongKey,
    ForeignPage,
    OddPath,
    LargeBody,
}

/// <summary>A request that was refused.</summary>
/// <param name="Source">Where it came from: an IP address, or the network of one.</param>
internal readonly record struct Refusal(DateTimeOffset At, string Source, RefusalKind Kind);

/// <summary>Reads out of a refusal, and of a path as it was sent, what counts.</summary>
internal static class RefusalWords
{
    private static readonly string[] s_odd = ["%2e", "%5c", "%00", "\\", "/../", "/..;", "%252e", "%252f"];

    /// <param name="code">Of an <see cref="Access.AccessDecision.Refuse"/>.</param>
    /// <returns>Null where it says nothing: who sends no key at all has not tried one.</returns>
    public static RefusalKind? KindOf(string code) => code switch
    {
        "invalid_api_key" or "insufficient_scope" => RefusalKind.WrongKey,
        "cross_site" or "host_not_allowed" => RefusalKind.ForeignPage,
        _ => null,
    };

    /// <summary>Whether a path is spelt as no client spells one: to get past whoever compares paths.</summary>
    /// <param name="target">As it stood in the request's first line.</param>
    public static bool IsOdd(ReadOnlySpan<char> target)
    {
        var end = target.IndexOf('?');
        var path = end < 0 ? target : target[..end];
        foreach (var sign in s_odd)
            if (path.Contains(sign, StringComparison.OrdinalIgnoreCase)) return true;
        return path.EndsWith("/..");
    }
}
