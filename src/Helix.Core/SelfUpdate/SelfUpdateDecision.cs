using System.Collections.Immutable;
using Helix.Core.Updates;

namespace Helix.Core.SelfUpdate;

/// <summary>What is to be done about helix's own version: the same words as for a provider's.</summary>
internal static class SelfUpdateDecision
{
    /// <summary>So many commits are remembered; of a branch that gets more within the quarantine the oldest are forgotten.</summary>
    private const int Remembered = 50;

    /// <summary>Why a clone is left alone before anything is fetched; null where it is not.</summary>
    public static string? Refusal(CloneFacts clone) =>
        clone.Branch is null ? "no branch is checked out in helix's clone"
        : clone.Remote is null ? $"the branch {clone.Branch} of helix's clone is fetched from nowhere"
        : clone.Changes > 0 ? $"helix's clone was changed by hand ({clone.Changes} {(clone.Changes == 1 ? "file is" : "files are")} not as committed)"
        : null;

    /// <summary>The newest commit is remembered with the moment at which it was first seen, the oldest first. What was taken back is forgotten: if it comes again, it is new.</summary>
    public static ImmutableArray<SeenCommit> Note(ImmutableArray<SeenCommit> seen, RemoteFacts remote, DateTimeOffset now)
    {
        var kept = seen.All(IsKept) ? seen : [.. seen.Where(IsKept)];
        return kept.Any(each => each.Commit == remote.Newest) ? kept : [.. kept.TakeLast(Remembered - 1), new(remote.Newest, now)];

        bool IsKept(SeenCommit each) => !remote.Follows || each.Commit == remote.Newest || remote.Ahead.Contains(each.Commit);
    }

    /// <param name="running">The commit of the release in use, or of the clone.</param>
    /// <param name="seen">See <see cref="Note"/>; with the newest.</param>
    /// <param name="refused">That were tried here, and were no good.</param>
    public static UpdateDecision Of(CloneFacts clone, RemoteFacts remote, string running, ImmutableArray<SeenCommit> seen, IReadOnlyCollection<string> refused, UpdatePolicy policy, DateTimeOffset now)
    {
        if (remote.Newest == running) return new UpdateDecision.Stay("up to date");
        if (remote.Newest == clone.Head) return new UpdateDecision.Stay("helix's clone has the newest version already; \"./helix restart\" builds and takes it");
        if (!remote.Follows) return new UpdateDecision.Stay($"helix's clone and {clone.Branch} of {clone.Remote} have gone different ways");
        // it never goes back, nor to what was taken back; and what was no good is not tried again
        SeenCommit[] newer = [.. seen.Reverse().Where(each => remote.Ahead.Contains(each.Commit) && !refused.Contains(each.Commit))];
        if (newer.Length == 0) return new UpdateDecision.Stay($"{Short(remote.Newest)} was tried here, and was no good");
        if (!policy.AutoUpdate) return new UpdateDecision.Stay($"{Short(newer[0].Commit)} is newer; auto_manager.auto_update or updates.helix is off");
        if (Array.Find(newer, each => each.FirstSeen + policy.Quarantine <= now) is not { } ripe)
        {
            var first = newer[^1];
            var until = first.FirstSeen + policy.Quarantine;
            return new UpdateDecision.Wait(first.Commit, $"{Short(first.Commit)} is new: it is left to others until {until:yyyy-MM-dd HH:mm} UTC (updates.quarantine_days)", until);
        }

        return policy.Window is { } window && !window.IsOpen(now)
            ? new UpdateDecision.Wait(ripe.Commit, $"{Short(ripe.Commit)} is built when the maintenance window opens ({window.From:HH:mm}-{window.To:HH:mm} UTC)", window.Next(now))
            : new UpdateDecision.Go(ripe.Commit);
    }

    /// <summary>Why what was built by itself is not taken now after all: a build may last an hour. Null where it is.</summary>
    public static string? Late(UpdatePolicy policy, DateTimeOffset now) =>
        !policy.AutoUpdate ? "auto_manager.auto_update or updates.helix was switched off while it was built"
        : policy.Window is { } window && !window.IsOpen(now) ? $"the maintenance window closed while it was built; it is taken when that opens again ({window.From:HH:mm}-{window.To:HH:mm} UTC)"
        : null;

    public static string Short(string commit) => commit[..Math.Min(8, commit.Length)];
}
