using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>What somebody says about alerts.</summary>
internal abstract record AlertWish
{
    private AlertWish() { }

    /// <summary>He knows of these; null: of all that are open.</summary>
    internal sealed record Acknowledge(ImmutableArray<long>? Ids, string By, string? Note) : AlertWish;

    /// <summary>These are over, whatever is seen of them: what is told anew after that is another alert.</summary>
    internal sealed record Resolve(ImmutableArray<long> Ids, string By, string? Note) : AlertWish;

    /// <summary>Nobody is to be told of these for a while.</summary>
    /// <param name="Alert">Of this one and whatever is the same; null: of what <paramref name="Match"/> says.</param>
    internal sealed record Quieten(long? Alert, SilenceMatch? Match, DateTimeOffset Until, string By, string? Comment) : AlertWish;

    internal sealed record EndSilence(long Id) : AlertWish;

    /// <summary>A message that says nothing, on one channel.</summary>
    internal sealed record Test(string Channel) : AlertWish;
}

/// <summary>What came of it.</summary>
internal abstract record WishOutcome
{
    private WishOutcome() { }

    /// <param name="Id">Of what was made; null for nothing.</param>
    /// <param name="Key">Of a message that is on its way; null for none.</param>
    internal sealed record Done(string Words, long? Id = null, string? Key = null) : WishOutcome;

    /// <param name="Code">Stable, for programs: <c>not_found</c>, <c>conflict</c> or <c>invalid</c>.</param>
    internal sealed record Refused(string Code, string Reason, string? Remedy = null) : WishOutcome;
}
