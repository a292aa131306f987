using Helix.Storage;

namespace Helix.Cli;

/// <summary>Everything a verb may touch.</summary>
internal sealed record CliWorld(Terminal Terminal, HelixHome Home, TimeProvider Time, IKeeper Keeper, Interrupts Interrupts)
{
    public DaemonClient Daemon() => new(() => Keeper.Socket, Time);
}
