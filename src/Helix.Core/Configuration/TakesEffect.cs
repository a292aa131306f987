namespace Helix.Core.Configuration;

/// <summary>When a changed setting is felt.</summary>
internal enum TakesEffect
{
    /// <summary>A running daemon follows at once.</summary>
    Now,

    /// <summary>Read once, when the daemon or an engine starts.</summary>
    NextStart,

    /// <summary>Accepted and kept; what it steers is not built.</summary>
    NotYet,
}
