using System.Text.Json.Serialization;
using Helix.Core.Healing;

namespace Helix.Core.Fleet;

/// <summary>Where one instance stands. <see cref="ProviderState"/> is the same told to users.</summary>
internal enum Phase
{
    Stopped,
    Starting,
    Ready,
    Degraded,
    Stopping,
    Waiting,
}

/// <summary>The whole state of one instance.</summary>
/// <param name="Wanted">What it should come to; the phase is what it is.</param>
/// <param name="Generation">Grows with every start; answers about an earlier one are late and change nothing.</param>
/// <param name="FailedStarts">Ends in a row before it was ready.</param>
/// <param name="Crashes">Ends in a row after it was ready.</param>
/// <param name="Strikes">Bad looks in a row.</param>
/// <param name="Reason">Why it is in this phase, in words.</param>
/// <param name="ReadySince">Null until the first good look of this generation.</param>
internal sealed record Life(
    Phase Phase,
    bool Wanted,
    int Generation,
    int FailedStarts,
    int Crashes,
    int Strikes,
    string Reason,
    DateTimeOffset Since,
    DateTimeOffset? ReadySince)
{
    public static Life New(DateTimeOffset now) => new(Phase.Stopped, false, 0, 0, 0, 0, "not asked for yet", now, null);

    /// <summary>Its last process said itself that it cannot work as it was started.</summary>
    public bool Hopeless { get; init; }

    /// <summary>When it is started again; null where it runs, or nothing will start it.</summary>
    public DateTimeOffset? NextStart { get; init; }

    /// <summary>From its last start to ready; null where it never was.</summary>
    public TimeSpan? TookToStart { get; init; }

    /// <summary>What went wrong last, in words; null where nothing did since it was asked for.</summary>
    public string? Fault { get; init; }

    /// <summary>What was the matter then; null while nobody knows.</summary>
    public Diagnosis? Diagnosis { get; init; }

    /// <summary>At which step it was unwell when helix ended it; null where helix did not.</summary>
    public HealthStep? UnwellAt { get; init; }

    /// <summary>Good looks in a row since it was unwell.</summary>
    public int GoodLooks { get; init; }

    /// <summary>When that was first seen; null once it serves again.</summary>
    public DateTimeOffset? FaultSince { get; init; }

    /// <summary>How long it had served when it ended last; null where it had not been ready.</summary>
    public TimeSpan? Served { get; init; }

    /// <summary>From the last fault to the first token after it; null while it is not back.</summary>
    public TimeSpan? TookToRecover { get; init; }

    /// <summary>How far its start has come.</summary>
    public StartProgress Start { get; init; } = StartProgress.Begun(Since);

    public bool HasProcess => Phase is Phase.Starting or Phase.Ready or Phase.Degraded or Phase.Stopping;

    /// <summary>How often it ended though it was wanted. Never less than before, whatever is forgiven: who waits for the next fault counts these.</summary>
    public int Faults { get; init; }

    /// <summary>What is still held against it.</summary>
    public int Restarts => FailedStarts + Crashes;
}

/// <summary>What the world told a supervisor. Answers carry the generation that they are about.</summary>
[JsonDerivedType(typeof(Wanted), "wanted")]
[JsonDerivedType(typeof(Unwanted), "unwanted")]
[JsonDerivedType(typeof(Nudged), "nudged")]
[JsonDerivedType(typeof(Adopted), "adopted")]
[JsonDerivedType(typeof(Outdated), "outdated")]
[JsonDerivedType(typeof(Spawned), "spawned")]
[JsonDerivedType(typeof(SpawnFailed), "spawn_failed")]
[JsonDerivedType(typeof(Exited), "exited")]
[JsonDerivedType(typeof(Looked), "looked")]
[JsonDerivedType(typeof(Woke), "woke")]
internal abstract record Happening
{
    private Happening() { }

    /// <summary>The plan wants it to run. Said as often as the plan likes: only the change counts.</summary>
    internal sealed record Wanted(string Why) : Happening;

    internal sealed record Unwanted(string Why) : Happening;

    /// <summary>A person asked, or the cause of the trouble is gone: no more waiting, no old failures.</summary>
    internal sealed record Nudged(string Why) : Happening;

    /// <summary>Its process of an earlier daemon still runs.</summary>
    internal sealed record Adopted : Happening;

    /// <summary>What was found running was started before something changed.</summary>
    internal sealed record Outdated(string Why) : Happening;

    internal sealed record Spawned(int Generation) : Happening;

    internal sealed record SpawnFailed(int Generation, string Why) : Happening
    {
        public Diagnosis? Diagnosis { get; init; }
    }

    internal sealed record Exited(int Generation, ExitCause Cause) : Happening;

    internal sealed record Looked(int Generation, Verdict Verdict) : Happening;

    internal sealed record Woke(int Generation, WakeFor For) : Happening;
}

internal enum WakeFor
{
    /// <summary>The wait before a restart is over.</summary>
    Restart,

    /// <summary>It had long enough to become ready.</summary>
    StartOverdue,

    /// <summary>It had long enough to stop.</summary>
    StopOverdue,
}

/// <summary>Why a process ended, and whether starting it again soon can help.</summary>
/// <param name="Hopeless">It said itself that it cannot work as it was started (bad model, bad library): restart slowly.</param>
internal sealed record ExitCause(string Words, bool Hopeless)
{
    public Diagnosis? Diagnosis { get; init; }
}

/// <summary>What a supervisor is to do next. Only the supervisor does it.</summary>
internal abstract record Effect
{
    private Effect() { }

    internal sealed record Spawn(int Generation) : Effect;

    internal sealed record Terminate(int Generation) : Effect;

    internal sealed record Kill(int Generation) : Effect;

    internal sealed record Look(int Generation, TimeSpan After) : Effect;

    internal sealed record Wake(int Generation, WakeFor For, TimeSpan After) : Effect;
}
