using Helix.Core.Connect;
using Helix.Core.Hardware;
using Helix.Hardware;
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

    private readonly UserPlaces? _places;

    /// <summary>Where the user's programs keep their settings.</summary>
    public UserPlaces Places
    {
        get => _places ?? new(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), OperatingSystem.IsMacOS(), Environment.GetEnvironmentVariable);
        init => _places = value;
    }

    private readonly Func<string?, CancellationToken, Task<PreflightFacts>>? _measure;

    /// <summary>Measures this machine for the doctor; the first thing it is told is where helix runs, if it does.</summary>
    public Func<string?, CancellationToken, Task<PreflightFacts>> Measure
    {
        get => _measure ?? new MachineDoctor(Home, DoctorTools.OfThisMachine(Time), Time).MeasureAsync;
        init => _measure = value;
    }

    public DaemonClient Daemon() => new(() => Keeper.Socket, Time, () => Keeper.Trouble);
}
