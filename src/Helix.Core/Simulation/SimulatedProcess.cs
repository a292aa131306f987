using Helix.Core.Fleet;
using Helix.Core.Healing;

namespace Helix.Core.Simulation;

/// <summary>What is wrong with a simulated process, or will end it.</summary>
internal enum SimulatedFault
{
    None,
    Crashed,
    Killed,
    MemoryKilled,

    /// <summary>It answers, and produces nothing.</summary>
    Wedged,

    /// <summary>It lives, and does not answer.</summary>
    Silent,
    ModelBroken,
    PortTaken,
    DiskFull,

    /// <summary>Its release does not know the settings it is started with.</summary>
    BadRelease,
}

/// <summary>A process of an engine, as it really is; what helix knows of it is what looks and exits tell.</summary>
internal sealed class SimulatedProcess
{
    public required int Number { get; init; }

    public required int Generation { get; init; }

    public required int Release { get; init; }

    public required long HostBytes { get; init; }

    /// <summary>When it is ready, in simulated time without jumps.</summary>
    public required TimeSpan ReadyAt { get; init; }

    /// <summary>It does nothing on a polite signal.</summary>
    public bool IsDeaf { get; init; }

    public SimulatedFault Fault { get; set; }

    public bool IsAsked { get; set; }

    /// <summary>Somebody is being answered until then.</summary>
    public TimeSpan BusyUntil { get; set; }

    public Verdict Look(TimeSpan now) => Fault switch
    {
        SimulatedFault.Silent => new Verdict.Unwell(HealthStep.Endpoint, "no answer"),
        _ when now < ReadyAt => new Verdict.Loading("loading the model"),
        SimulatedFault.Wedged => new Verdict.Unwell(HealthStep.Token, "no token"),
        _ => now < BusyUntil ? new Verdict.Busy() : new Verdict.Healthy(),
    };

    /// <summary>What it leaves behind when it ends.</summary>
    public Symptom Symptom(HealthStep? unwell) => Fault switch
    {
        SimulatedFault.Crashed => new(null, 11, []),
        SimulatedFault.Killed => new(null, 9, []),
        SimulatedFault.MemoryKilled => new(null, 9, []) { MemoryRanOut = true },
        SimulatedFault.ModelBroken => new(1, null, ["error loading model: invalid magic"]),
        SimulatedFault.PortTaken => new(1, null, ["bind: Address already in use"]),
        SimulatedFault.DiskFull => new(1, null, ["write failed: No space left on device"]) { DiskIsFull = true },
        SimulatedFault.BadRelease => new(2, null, ["error: unrecognized arguments: --context"]),
        _ => new(null, 15, []) { Unwell = unwell },
    };

    /// <summary>The diagnosis that is true.</summary>
    public static string Code(SimulatedFault fault) => fault switch
    {
        SimulatedFault.Crashed => "crashed",
        SimulatedFault.Killed => "killed",
        SimulatedFault.MemoryKilled => "memory_killed",
        SimulatedFault.Wedged => "wedged",
        SimulatedFault.Silent => "silent",
        SimulatedFault.ModelBroken => "model_broken",
        SimulatedFault.PortTaken => "port_taken",
        SimulatedFault.DiskFull => "disk_full",
        SimulatedFault.BadRelease => "flags",
        _ => "",
    };
}
