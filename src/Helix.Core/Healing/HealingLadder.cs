namespace Helix.Core.Healing;

/// <summary>How far the recovery of a provider's release went. Restarts are the supervisors'; what is here comes after them.</summary>
internal enum Rung
{
    Restart,
    Rebuild,
    Rollback,
    Critical,
}

/// <param name="Rung">What was done last.</param>
/// <param name="Release">To which release.</param>
/// <param name="Rounds">How often all rungs were tried in vain.</param>
/// <param name="Since">When this rung was reached.</param>
internal sealed record Climb(Rung Rung, string Release, int Rounds, DateTimeOffset Since);

/// <summary>What a provider's recovery hears.</summary>
internal abstract record Trouble
{
    private Trouble() { }

    /// <summary>All restarts that it has were in vain, or restarts cannot help.</summary>
    /// <param name="HasPrevious">There is a release before it.</param>
    internal sealed record Exhausted(string Release, Remedy Remedy, bool HasPrevious) : Trouble;

    /// <summary>What was begun has not worked.</summary>
    internal sealed record InVain(string Release, bool HasPrevious) : Trouble;
}

/// <summary>What a provider's recovery is to do next.</summary>
internal enum Ascent
{
    None,
    Rebuild,
    RollBack,
    Alert,
}

/// <summary>Restart → rebuild → rollback → critical, and again, slower, for ever.</summary>
internal static class HealingLadder
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromDays(1);

    /// <summary>Serving for so long, a provider is taken for well again.</summary>
    private static readonly TimeSpan s_forgivenAfter = TimeSpan.FromMinutes(10);

    /// <summary>Between two rounds.</summary>
    public static TimeSpan PauseAfter(int rounds)
    {
        if (rounds < 1) return TimeSpan.Zero;
        var grown = s_firstPause * Math.Pow(2, Math.Min(rounds, 10) - 1);
        return grown < s_longestPause ? grown : s_longestPause;
    }

    /// <summary>What went wrong before a stretch of health counts no more.</summary>
    /// <param name="served">How long it had served when it failed; null where it had not been ready.</param>
    public static bool IsForgiven(TimeSpan? served) => served >= s_forgivenAfter;

    /// <param name="climb">Null while nothing but restarts was tried.</param>
    public static (Climb? Climb, Ascent Ascent) Next(Climb? climb, Trouble trouble, DateTimeOffset now) => trouble switch
    {
        Trouble.Exhausted { Remedy: Remedy.SmallerPlan or Remedy.FreeDisk or Remedy.VerifyModel or Remedy.OtherPort } => (climb, Ascent.None), // the release is not to blame
        Trouble.Exhausted(var release, var remedy, var hasPrevious) => Exhausted(climb, release, remedy, hasPrevious, now),
        Trouble.InVain(var release, var hasPrevious) => After(climb, release, hasPrevious, now),
        _ => (climb, Ascent.None),
    };

    private static (Climb?, Ascent) Exhausted(Climb? climb, string release, Remedy remedy, bool hasPrevious, DateTimeOffset now) => climb switch
    {
        // another release than the one that was worked at, and not the one that was gone back to
        null => Begin(release, 0, remedy, hasPrevious, now),
        { Rung: Rung.Critical } => now - climb.Since >= PauseAfter(climb.Rounds) ? Begin(release, climb.Rounds, remedy, hasPrevious, now) : (climb, Ascent.None),
        { Rung: Rung.Rollback } => To(Rung.Critical, release, climb.Rounds + 1, now),
        _ when climb.Release != release => Begin(release, climb.Rounds, remedy, hasPrevious, now),
        _ => After(climb, release, hasPrevious, now),
    };

    private static (Climb?, Ascent) Begin(string release, int rounds, Remedy remedy, bool hasPrevious, DateTimeOffset now) =>
        remedy == Remedy.Rollback && hasPrevious ? To(Rung.Rollback, release, rounds, now) : To(Rung.Rebuild, release, rounds, now);

    private static (Climb?, Ascent) After(Climb? climb, string release, bool hasPrevious, DateTimeOffset now) =>
        climb is { Rung: Rung.Rebuild } && hasPrevious ? To(Rung.Rollback, release, climb.Rounds, now) : To(Rung.Critical, release, (climb?.Rounds ?? 0) + 1, now);

    private static (Climb?, Ascent) To(Rung rung, string release, int rounds, DateTimeOffset now) => (new(rung, release, rounds, now), rung switch
    {
        Rung.Rebuild => Ascent.Rebuild,
        Rung.Rollback => Ascent.RollBack,
        Rung.Critical => Ascent.Alert,
        _ => Ascent.None,
    });
}
