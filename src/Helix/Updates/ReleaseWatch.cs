using System.Collections.Immutable;
using Helix.Core.Updates;
using Helix.Fleet;

namespace Helix.Updates;

/// <summary>A provider before it is switched to another release.</summary>
/// <param name="Pids">Its processes.</param>
/// <param name="Errors">What was seen of its answers since the daemon began.</param>
internal sealed record BeforeSwitch(ImmutableHashSet<int> Pids, ErrorCount Errors);

/// <param name="Fault">What speaks against the release; null where nothing does.</param>
/// <param name="Words">What was seen.</param>
internal sealed record WatchResult(string? Fault, string Words);

/// <summary>
/// Watches a release after the switch to it: whether it fails those who ask it more often than the one before, and, where both were to be asked the same,
/// whether it answers as well. The end of its processes is the business of <see cref="Healing.Healer"/>.
/// </summary>
/// <param name="errors">Of an instance, by its name, since the daemon began.</param>
/// <param name="ask">Asks an engine a few questions.</param>
internal sealed class ReleaseWatch(IFleetView fleet, Func<string, ErrorCount> errors, Func<MeterTarget, CancellationToken, Task<IReadOnlyList<Measurement>>> ask, TimeProvider time)
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    /// <summary>For so long a new engine is waited for that is to be asked: it may have to load a large model.</summary>
    private static readonly TimeSpan s_ready = TimeSpan.FromMinutes(15);

    public BeforeSwitch Before(string provider)
    {
        var now = fleet.Current;
        return new(SwitchedSeat.Pids(now, provider), now.Instances.Where(instance => instance.Provider == provider).Select(instance => errors(instance.Name)).Aggregate(ErrorCount.None, (sum, each) => sum.Plus(each)));
    }

    /// <param name="raced">Whether the new one is still to be asked, and what the one before answered.</param>
    /// <param name="slowdown">See <see cref="ReleaseComparison"/>.</param>
    /// <param name="patience">For so long its errors are watched.</param>
    /// <param name="isInUse">It is not watched any further where it is not.</param>
    /// <param name="alone">Runs a measurement while no other does.</param>
    public async Task<WatchResult?> RunAsync(
        string provider, string version, BeforeSwitch before, RaceResult raced, double slowdown, TimeSpan patience,
        Func<bool> isInUse, Func<Func<Task<IReadOnlyList<Measurement>>>, Task<IReadOnlyList<Measurement>>> alone, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var first = new Dictionary<string, ErrorCount>(StringComparer.Ordinal);
        var isAwaited = raced.Model is not null;
        var compared = isAwaited ? "it could not be asked the same as the one before" : "";
        while (isInUse())
        {
            var now = fleet.Current;
            foreach (var name in SwitchedSeat.Started(now, provider, version, before.Pids)) first.TryAdd(name, errors(name));
            if (isAwaited && SwitchedSeat.Of(now, provider, version, raced.Model!, before.Pids) is var (backend, abilities))
            {
                var answers = await alone(() => AskAsync(MeterTarget.Of(backend, abilities)));
                // once slow may be what else the machine did
                if (ReleaseComparison.Fault(raced.Before, answers, slowdown) is not null) answers = await alone(() => AskAsync(MeterTarget.Of(backend, abilities)));
                if (!isInUse()) return null;
                // an engine that was ended meanwhile says nothing of its release
                if (SwitchedSeat.Of(fleet.Current, provider, version, raced.Model!, before.Pids) is var (still, _) && still == backend)
                {
                    if (ReleaseComparison.Fault(raced.Before, answers, slowdown) is { } fault) return new(fault, "");
                    if (answers.Count > 0) (isAwaited, compared) = (false, "it answers the same as well as the one before");
                }
            }

            var counted = first.Select(each => errors(each.Key).Since(each.Value)).Aggregate(ErrorCount.None, (sum, each) => sum.Plus(each));
            var took = time.GetElapsedTime(begun);
            if (took >= patience) isAwaited &= took < s_ready;
            var isOver = took >= patience && !isAwaited;
            if (patience > TimeSpan.Zero && ErrorCount.Fault(before.Errors, counted, isOver) is { } failing) return new(failing, "");
            if (isOver) return new(null, $"since the switch it had {counted.Words}{(compared.Length > 0 ? "; " : "")}{compared}");
            await fleet.ChangedAsync(now.Version, s_look, time, cancellationToken);
        }

        return null;

        async Task<IReadOnlyList<Measurement>> AskAsync(MeterTarget target)
        {
            // a first answer may cost what later ones do not
            await ask(target, cancellationToken);
            return await ask(target, cancellationToken);
        }
    }
}
