using Helix.Processes;

namespace Helix.Fleet;

/// <summary>The world as the fleet reaches it.</summary>
internal sealed record FleetTools(
    IProcessHost Host, FleetProvider Builtin, Func<InstanceSpec, IProber> ProberFor, ITokenWatch Tokens, TimeProvider Time, ILoggerFactory Loggers)
{
    /// <summary>Used on the fleet's loop only: the same seed and the same happenings give the same waits.</summary>
    public required Random Random { get; init; }

    /// <summary>Asked before each start: what keeps this instance from being started as it is, in words; null for nothing.</summary>
    public Func<InstanceSpec, string?> Hindrance { get; init; } = _ => null;

    public MachineSigns Machine { get; init; } = MachineSigns.None;
}
