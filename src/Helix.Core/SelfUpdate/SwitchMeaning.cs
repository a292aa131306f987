namespace Helix.Core.SelfUpdate;

/// <summary>What a daemon that starts makes of a switch that another one began.</summary>
internal enum SwitchMeaning
{
    /// <summary>It is the new release: it shows that it answers, and is watched.</summary>
    Arrived,

    /// <summary>The new release was given up, and the one before is back.</summary>
    GivenUp,

    /// <summary>Nobody gave it up, and yet something else was started: by hand, or after the machine went down in the middle.</summary>
    Overtaken,
}

internal static class SwitchMeanings
{
    /// <param name="to">The release that was to be used.</param>
    /// <param name="own">The release of this daemon; null where it is of none.</param>
    /// <param name="undone">Why the keeper gave up what it tried last; null where it did not.</param>
    public static SwitchMeaning Of(string to, string? own, string? undone) => own == to ? SwitchMeaning.Arrived : undone is not null ? SwitchMeaning.GivenUp : SwitchMeaning.Overtaken;
}
