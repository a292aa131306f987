using Helix.Core.Manifests;

namespace Helix.Core.Fleet;

/// <summary>How far a start has come: each step has a time of its own.</summary>
/// <param name="Step">The one that is waited for.</param>
/// <param name="Since">When it was first seen to wait there.</param>
internal sealed record StartProgress(HealthStep Step, DateTimeOffset Since)
{
    public static StartProgress Begun(DateTimeOffset now) => new(HealthStep.Listen, now);

    /// <summary>After a look. What falls back to an earlier step gets no time anew.</summary>
    public StartProgress After(Verdict verdict, DateTimeOffset now) =>
        (verdict is Verdict.Unwell(var at, _) ? at : HealthStep.Endpoint) is var step && step > Step ? new(step, now) : this;

    /// <summary>What it did not do in its time; null while it has time.</summary>
    public string? Overdue(StepPatience patience, DateTimeOffset now)
    {
        var (allowed, what) = Step switch
        {
            HealthStep.Endpoint => (patience.Ready, "ready: it listens, and did not become ready"),
            HealthStep.Identity => (patience.Identity, "identity: it is ready, and did not name its model"),
            HealthStep.Token => (patience.Canary, "canary: it names its model, and produced no token"),
            _ => (patience.Listen, "listen: it took no connection"),
        };
        return now - Since < allowed ? null : $"{what} within {allowed.TotalSeconds:0} s";
    }
}
