using Helix.Storage;

namespace Helix.Cli;

/// <summary>Everything a verb may touch.</summary>
internal sealed record CliWorld(Terminal Terminal, HelixHome Home, TimeProvider Time, IKeeper Keeper, Interrupts Interrupts)
{
    private readonly ServicePlace? _service;

    /// <summary>Found out only where it is needed.</summary>
    public ServicePlace Service
    {
        get => _service ?? ServicePlace.OfMachine(Home);
        init => _service = value;
    }

    public DaemonClient Daemon() => new(() => Keeper.Socket, Time, () => Keeper.Trouble);
}
