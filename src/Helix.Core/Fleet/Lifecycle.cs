using System.Collections.Immutable;
using Helix.Core.Healing;

namespace Helix.Core.Fleet;

internal readonly record struct Step(Life Life, ImmutableArray<Effect> Effects);

/// <summary>The moment of a decision: the clock and a draw in [0, 1), both handed in so that it can be replayed.</summary>
internal readonly record struct Moment(DateTimeOffset Now, double Roll);

/// <summary>The life of an instance as a pure function.</summary>
/// <remarks>
/// Two things hold after every step: at most one process is alive, and an instance that is wanted and not running has either
/// a process or a wake-up under way (unless automatic recovery is off).
/// </remarks>
internal static class Lifecycle
{
    public static Step Next(Life life, Happening happened, LifecyclePolicy policy, Moment moment) => happened switch
    {
        Happening.Wanted(var why) => Want(life, why, policy, moment),
        Happening.Unwanted(var why) => Unwant(life, why, policy, moment),
        Happening.Nudged(var why) => Nudge(life, why, policy, moment),
        Happening.Adopted => Adopt(life, policy, moment),
        Happening.Outdated(var why) when life.Phase is Phase.Starting or Phase.Ready or Phase.Degraded => Stop(life, why, policy, moment),
        Happening.Spawned(var g) when g == life.Generation => Spawned(life),
        Happening.SpawnFailed(var g, var why) failed when g == life.Generation => Ended(life, new(why, Hopeless: false) { Diagnosis = failed.Diagnosis }, policy, moment),
        Happening.Exited(var g, var cause) when g == life.Generation => Ended(life, cause, policy, moment),
        Happening.Looked(var g, var verdict) when g == life.Generation => Looked(life, verdict, policy, moment),
        Happening.Woke(var g, var reason) when g == life.Generation => Woke(life, reason, policy, moment),
        _ => Stay(life),
    };

    private static Step Want(Life life, string why, LifecyclePolicy policy, Moment moment)
    {
        if (life.Wanted) return Stay(life);
        var wanted = life with { Wanted = true };
        return life.Phase == Phase.Stopped
            ? Spawn(wanted with { FailedStarts = 0, Crashes = 0, Hopeless = false, Fault = null, Diagnosis = null, FaultSince = null, TookToRecover = null }, why, policy, moment)
            : Stay(wanted);
    }

    private static Step Unwant(Life life, string why, LifecyclePolicy policy, Moment moment)
    {
        var unwanted = life with { Wanted = false };
        return life.Phase switch
        {
            Phase.Starting or Phase.Ready or Phase.Degraded => Stop(unwanted, why, policy, moment),
            Phase.Waiting => Stay(To(unwanted, Phase.Stopped, why, moment)),
            Phase.Stopped or Phase.Stopping => Stay(unwanted with { Reason = why }),
            _ => Stay(unwanted),
        };
    }

    private static Step Nudge(Life life, string why, LifecyclePolicy policy, Moment moment)
    {
        var fresh = life with { FailedStarts = 0, Crashes = 0, Hopeless = false };
        return life is { Phase: Phase.Waiting, Wanted: true } ? Spawn(fresh, why, policy, moment) : Stay(fresh);
    }

    private static Step Adopt(Life life, LifecyclePolicy policy, Moment moment)
    {
        if (life.Phase != Phase.Stopped) return Stay(life);
        var adopted = To(life with { Wanted = true, Generation = life.Generation + 1, Strikes = 0, ReadySince = null, Start = StartProgress.Begun(moment.Now) }, Phase.Starting, "found running", moment);
        return Do(
            adopted,
            new Effect.Look(adopted.Generation, TimeSpan.Zero),
            new Effect.Wake(adopted.Generation, WakeFor.StartOverdue, policy.StartPatience));
    }

    private static Step Spawned(Life life) => life.Phase switch
    {
        Phase.Starting => Do(life, new Effect.Look(life.Generation, TimeSpan.Zero)),
        // asked to stop before its pid was known: the first request to stop reached nobody
        Phase.Stopping => Do(life, new Effect.Terminate(life.Generation)),
        _ => Stay(life),
    };

    private static Step Looked(Life life, Verdict verdict, LifecyclePolicy policy, Moment moment) => (life.Phase, verdict) switch
    {
        (Phase.Starting, Verdict.Healthy) => Ready(life with { ReadySince = moment.Now, Hopeless = false, TookToStart = moment.Now - life.Since }, policy, moment),
        (Phase.Starting, _) => NotYet(life with { Start = life.Start.After(verdict, moment.Now) }, verdict, policy, moment),
        (Phase.Ready, Verdict.Healthy) => LookAgain(life with { Strikes = 0 }, policy.CheckInterval),
        (Phase.Ready, Verdict.Busy) => LookAgain(life with { Strikes = 0 }, policy.Watchful),
        // what works is well, and bad looks before that were not in a row with those to come
        (Phase.Degraded, Verdict.Busy) => LookAgain(life with { Strikes = 0 }, policy.Watchful),
        (Phase.Ready or Phase.Degraded, Verdict.Unwatched) => LookAgain(life, policy.CheckInterval),
        // one good look takes the strikes back, and only a second one the doubt: what is well every other time is not well
        (Phase.Degraded, Verdict.Healthy) when life.GoodLooks + 1 < LifecyclePolicy.GoodLooksWanted => LookAgain(life with { Strikes = 0, GoodLooks = life.GoodLooks + 1 }, policy.Worried),
        (Phase.Degraded, Verdict.Healthy) => Ready(life, policy, moment),
        (Phase.Ready or Phase.Degraded, Verdict.Unwell(var step, var why)) => Struck(life, step, $"{Name(step)}: {why}", policy, moment),
        (Phase.Ready or Phase.Degraded, Verdict.Loading(var progress)) => Struck(life, HealthStep.Endpoint, $"endpoint: it says that it is loading ({progress})", policy, moment),
        _ => Stay(life),
    };

    /// <summary>The whole start has a time, and each of its steps has one.</summary>
    private static Step NotYet(Life life, Verdict verdict, LifecyclePolicy policy, Moment moment) => (life.Start.Overdue(policy.Steps, moment.Now), verdict) switch
    {
        ({ } overdue, Verdict.Unwell(var step, var why)) => Stop(life with { UnwellAt = step }, $"{overdue} ({why})", policy, moment),
        ({ } overdue, _) => Stop(life with { UnwellAt = life.Start.Step }, overdue, policy, moment),
        (_, Verdict.Loading(var progress)) => LookAgain(life with { Reason = progress }, LifecyclePolicy.StartingLook),
        _ => LookAgain(life, LifecyclePolicy.StartingLook),
    };

    private static Step Ready(Life life, LifecyclePolicy policy, Moment moment) => LookAgain(
        To(life with { Strikes = 0, GoodLooks = 0, UnwellAt = null, FaultSince = null, TookToRecover = life.FaultSince is { } since ? moment.Now - since : life.TookToRecover }, Phase.Ready, "answers, and produced a token", moment),
        policy.CheckInterval);

    /// <summary>The first sign of a trouble counts, whatever follows from it.</summary>
    private static Life Faulty(Life life, string why, Moment moment) => life with { Fault = why, FaultSince = life.FaultSince ?? moment.Now, TookToRecover = null };

    private static Step Struck(Life life, HealthStep step, string why, LifecyclePolicy policy, Moment moment)
    {
        var struck = Faulty(life with { Strikes = life.Strikes + 1, GoodLooks = 0, UnwellAt = step }, why, moment);
        return struck.Strikes >= policy.StrikesAllowed && policy.AutoRecovery
            ? Stop(struck, $"unwell {struck.Strikes} times in a row, restarting ({why})", policy, moment)
            : LookAgain(To(struck, Phase.Degraded, why, moment), policy.Worried);
    }

    private static Step Woke(Life life, WakeFor reason, LifecyclePolicy policy, Moment moment) => (life.Phase, reason) switch
    {
        (Phase.Waiting, WakeFor.Restart) => Spawn(life, "starting again", policy, moment),
        (Phase.Starting, WakeFor.StartOverdue) =>
            Stop(life with { UnwellAt = life.Start.Step }, $"not ready after {policy.StartPatience.TotalSeconds:0} s ({life.Reason})", policy, moment),
        (Phase.Stopping, WakeFor.StopOverdue) => Do(
            life, new Effect.Kill(life.Generation), new Effect.Wake(life.Generation, WakeFor.StopOverdue, PatienceWith(life, policy))),
        _ => Stay(life),
    };

    private static Step Ended(Life life, ExitCause cause, LifecyclePolicy policy, Moment moment)
    {
        if (!life.HasProcess) return Stay(life);
        if (!life.Wanted) return Stay(To(life, Phase.Stopped, life.Phase == Phase.Stopping ? life.Reason : cause.Words, moment));
        // nothing was wrong with it: it was to be started anew, or was wanted again while it ended
        if (life is { Phase: Phase.Stopping, UnwellAt: null }) return Spawn(life, life.Reason, policy, moment);

        var crashes = life.ReadySince is { } since ? RestartPolicy.StillCounted(life.Crashes, moment.Now - since) + 1 : life.Crashes;
        var failedStarts = life.ReadySince is null ? life.FailedStarts + 1 : 0;
        var why = life.Phase == Phase.Stopping ? life.Reason : cause.Words;
        // what could be loaded before is damaged, and may be brought again before the next try
        var hopeless = cause.Hopeless && !(cause.Diagnosis is { Remedy: Remedy.VerifyModel } && failedStarts == 1 && life.TookToStart is not null);
        var counted = Faulty(life with { Faults = life.Faults + 1, Crashes = crashes, FailedStarts = failedStarts, Hopeless = hopeless, Diagnosis = cause.Diagnosis, Served = moment.Now - life.ReadySince }, why, moment);
        if (!policy.AutoRecovery)
            return Stay(To(counted, Phase.Waiting, $"{why}; automatic recovery is off (health.auto_recovery)", moment));

        var delay = policy.Restart.DelayBefore(failedStarts, crashes, hopeless, moment.Roll);
        // whoever can mend it does so first; where nobody did, the same is tried again
        if (cause.Diagnosis is { Remedy: Remedy.SmallerPlan or Remedy.VerifyModel or Remedy.FreeDisk } && delay < RestartPolicy.RemedyPause) delay = RestartPolicy.RemedyPause;
        return delay == TimeSpan.Zero
            ? Spawn(counted, why, policy, moment)
            : Do(To(counted, Phase.Waiting, why, moment) with { NextStart = moment.Now + delay }, new Effect.Wake(life.Generation, WakeFor.Restart, delay));
    }

    private static Step Spawn(Life life, string why, LifecyclePolicy policy, Moment moment)
    {
        var next = To(life with { Generation = life.Generation + 1, Strikes = 0, ReadySince = null, UnwellAt = null, GoodLooks = 0, Start = StartProgress.Begun(moment.Now) }, Phase.Starting, why, moment);
        return Do(
            next,
            new Effect.Spawn(next.Generation),
            new Effect.Wake(next.Generation, WakeFor.StartOverdue, policy.StartPatience));
    }

    private static Step Stop(Life life, string why, LifecyclePolicy policy, Moment moment) => Do(
        To(life, Phase.Stopping, why, moment),
        new Effect.Terminate(life.Generation),
        new Effect.Wake(life.Generation, WakeFor.StopOverdue, PatienceWith(life, policy)));

    /// <summary>What answers nobody has nothing to finish.</summary>
    private static TimeSpan PatienceWith(Life life, LifecyclePolicy policy) =>
        life is { Wanted: true, UnwellAt: not null } && policy.StopPatience > LifecyclePolicy.UnwellStopPatience ? LifecyclePolicy.UnwellStopPatience : policy.StopPatience;

    private static Step LookAgain(Life life, TimeSpan after) => Do(life, new Effect.Look(life.Generation, after));

    private static Life To(Life life, Phase phase, string why, Moment moment) =>
        life with { Phase = phase, Reason = why, Since = life.Phase == phase ? life.Since : moment.Now, NextStart = null };

    private static string Name(HealthStep step) => step switch
    {
        HealthStep.Process => "process",
        HealthStep.Listen => "listen",
        HealthStep.Endpoint => "endpoint",
        HealthStep.Identity => "identity",
        _ => "token",
    };

    private static Step Stay(Life life) => new(life, []);

    private static Step Do(Life life, params ImmutableArray<Effect> effects) => new(life, effects);
}
