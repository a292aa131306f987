namespace Helix.Core.Access;

/// <summary>A browser that has signed in, as helix remembers it: neither of its secrets can be read out of this.</summary>
/// <param name="Id">By which it is told apart, and ended.</param>
/// <param name="Cookie">Of the value of its cookie.</param>
/// <param name="Token">Of what its page sends besides.</param>
/// <param name="Agent">What the browser said that it is; null where it said nothing.</param>
internal sealed record SessionRecord(string Id, KeyHash Cookie, KeyHash Token, DateTimeOffset Created, DateTimeOffset Seen, string? Agent)
{
    public DateTimeOffset Ends => SessionRules.Ends(Created, Seen);
}
