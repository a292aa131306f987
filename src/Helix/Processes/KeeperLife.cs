namespace Helix.Processes;

/// <summary>What there is of the keeper of a home.</summary>
internal enum KeeperLife
{
    /// <summary>Nothing runs, as it should be: it was stopped, or never started.</summary>
    None,
    Lives,

    /// <summary>It was not stopped, and yet it is not there.</summary>
    Lost,
}
