using Helix.Core.Fleet;
using Helix.Core.Planning;

namespace Helix.Core.Simulation;

/// <summary>A model that is served, or could be: what helix knows of it (its life), and what is really there (its process).</summary>
internal sealed class SimulatedEngine(int number, PlannedModel model, DateTimeOffset wall)
{
    public int Number => number;

    public PlannedModel Model => model;

    public Seat Seat { get; } = new(PlannedProvider.Builtin, model.Id);

    public Life Life { get; set; } = Life.New(wall);

    /// <summary>As it is to be started; null before it was wanted.</summary>
    public Placement.Run? Runs { get; set; }

    /// <summary>Of which release it is to be started.</summary>
    public int Release { get; set; }

    public SimulatedProcess? Process { get; set; }

    /// <summary>Answers and wake-ups that are under way, for the generation that is.</summary>
    public int Pending { get; set; }

    public DateTimeOffset? LastUsed { get; set; }

    /// <summary>The file of its model is damaged.</summary>
    public bool ModelIsBroken { get; set; }

    public bool IsVerifying { get; set; }

    /// <summary>Times at which it ran out of memory.</summary>
    public int Shrunk { get; set; }

    /// <summary>When what it should do was last not done, without jumps; null while it is.</summary>
    public TimeSpan? DownSince { get; set; }

    public TimeSpan CountedAt { get; set; }

    public TimeSpan Up { get; set; }

    public TimeSpan Down { get; set; }

    public bool IsBusy(TimeSpan now) => Process is { } process && process.BusyUntil > now && process.Fault == SimulatedFault.None;

    /// <summary>Adds what passed since the last time to what it was up or down.</summary>
    public void Count(TimeSpan now)
    {
        if (Life.Wanted)
        {
            if (Life.Phase is Phase.Ready or Phase.Degraded && Process is { Fault: SimulatedFault.None }) Up += now - CountedAt;
            else Down += now - CountedAt;
        }

        CountedAt = now;
    }
}
