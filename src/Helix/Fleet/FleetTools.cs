using System.Collections.Immutable;
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

    /// <summary>Told before each start.</summary>
    public Action<InstanceSpec> Launching { get; init; } = _ => { };

    /// <summary>What runs under its name was started like this; it may have been started by an earlier daemon, before something changed.</summary>
    public Func<InstanceSpec, bool> IsAsLaunched { get; init; } = _ => true;

    /// <summary>What ran out of memory while earlier daemons lived, and how often, by the names of instances.</summary>
    public ImmutableDictionary<string, int> Shrunk { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Told whenever that changes.</summary>
    public Action<ImmutableDictionary<string, int>> NoteShrunk { get; init; } = _ => { };

    public MachineSigns Machine { get; init; } = MachineSigns.None;
}
