using System.Collections.Immutable;
using Helix.Core.Install;

namespace Helix.Core.Updates;

/// <summary>What is known of a provider's versions.</summary>
/// <param name="Installed">In use; null for none.</param>
/// <param name="Known">That the manifest names; null where it cannot be installed here.</param>
/// <param name="Newest">Upstream; null where that is not known.</param>
/// <param name="FirstSeen">When helix first learned of the newest.</param>
/// <param name="Pinned">Kept because the user asked for it by name; null for none.</param>
/// <param name="Refused">That were tried here, and were no good.</param>
internal sealed record VersionFacts(string? Installed, string? Known, string? Newest, DateTimeOffset? FirstSeen, string? Pinned, ImmutableArray<string> Refused)
{
    /// <summary>When the one in use was installed; null where that is not known.</summary>
    public DateTimeOffset? InstalledAt { get; init; }

    /// <summary>That were the newest before, the latest first.</summary>
    public ImmutableArray<SeenVersion> Earlier { get; init; } = [];

    /// <summary>The manifest's when an update went beyond it; null where none did.</summary>
    public string? Beyond { get; init; }

    /// <summary>The one that an update tried in vain; null for none.</summary>
    public FailedTry? Failed { get; init; }
}

/// <param name="Quarantine">For so long a new version is left to others: what is broken shows in that time.</param>
/// <param name="Window">When updates may be installed; null: always.</param>
internal sealed record UpdatePolicy(bool AutoUpdate, TimeSpan Quarantine, MaintenanceWindow? Window);

/// <summary>What is to be done about a provider's version by itself.</summary>
internal abstract record UpdateDecision
{
    private UpdateDecision() { }

    internal sealed record Stay(string Why) : UpdateDecision;

    /// <param name="Until">When it may be; it is decided again then.</param>
    internal sealed record Wait(string Version, string Why, DateTimeOffset Until) : UpdateDecision;

    internal sealed record Go(string Version) : UpdateDecision;

    public static UpdateDecision Of(VersionFacts facts, UpdatePolicy policy, DateTimeOffset now)
    {
        if (facts.Installed is not { } installed) return new Stay("not installed");
        if (facts.Known is null) return new Stay("cannot be installed here any more");
        if (facts.Pinned is { } pinned) return new Stay($"{pinned} is kept, because it was asked for by name");
        var candidates = Candidates(facts, installed).Select(version => Ready(version, facts, policy, now)).ToArray();
        if (candidates.Length == 0) return new Stay(WhyNone(facts, installed));
        if (!policy.AutoUpdate) return new Stay($"{candidates[0].Version} is newer; auto_manager.auto_update is off");
        // where there is always a newer one, the newest of those that others had for long enough is taken
        if (candidates.FirstOrDefault(each => each.Until <= now) is not { } ripe) return candidates.MinBy(each => each.Until)!;
        return policy.Window is { } window && !window.IsOpen(now)
            ? new Wait(ripe.Version, $"{ripe.Version} is installed when the maintenance window opens ({window.From:HH:mm}-{window.To:HH:mm} UTC)", window.Next(now))
            : new Go(ripe.Version);
    }

    /// <summary>When the next look is due before its turn, so that a maintenance window which is shorter than the time between two looks is not missed; null for not before it.</summary>
    /// <param name="turn">When the next look is due in its turn.</param>
    public static DateTimeOffset? Sooner(IEnumerable<UpdateDecision> decisions, DateTimeOffset now, DateTimeOffset turn) =>
        decisions.OfType<Wait>().Select(wait => (DateTimeOffset?)wait.Until).Where(until => until > now && until < turn).Min();

    /// <summary>Those that are newer than what is installed and were not refused, the newest first.</summary>
    private static IEnumerable<SeenVersion> Candidates(VersionFacts facts, string installed)
    {
        var newest = facts.Newest is { } version ? [new SeenVersion(version, facts.FirstSeen)] : Array.Empty<SeenVersion>();
        // what came before the manifest's is older than that
        return newest.Concat(facts.Earlier.Where(earlier => IsLater(earlier, facts, installed))).TakeWhile(seen => seen.Version != facts.Known).Where(seen => UpdateAdvice.IsNewer(seen.Version, facts.Known!))
            .Concat(facts.Known == facts.Beyond ? [] : [new SeenVersion(facts.Known!, null)])
            .Where(seen => !facts.Refused.Contains(seen.Version) && UpdateAdvice.IsNewer(seen.Version, installed));
    }

    /// <summary>Names that are no numbers do not tell which is newer: what was seen only after the one in use was installed is, and the manifest's is where that has changed since.</summary>
    private static bool IsLater(SeenVersion earlier, VersionFacts facts, string installed) =>
        (UpdateAdvice.AreNumbers(earlier.Version, installed) || (facts.InstalledAt is { } at && earlier.FirstSeen > at))
        && (facts.Known == installed || facts.Known == facts.Beyond || UpdateAdvice.AreNumbers(earlier.Version, facts.Known!) || facts.Earlier.Any(each => each.Version == facts.Known));

    /// <summary>When one may be installed, and why not before.</summary>
    private static Wait Ready(SeenVersion seen, VersionFacts facts, UpdatePolicy policy, DateTimeOffset now)
    {
        var version = seen.Version;
        // what a manifest names was tried by whoever wrote it
        var ripe = version == facts.Known ? DateTimeOffset.MinValue : (seen.FirstSeen ?? now) + policy.Quarantine;
        return facts.Failed is { } failed && failed.Version == version && failed.Next() is var next && next > ripe
            ? new(version, $"{version} could not be brought into use on {failed.At:yyyy-MM-dd}: it is tried again after {next:yyyy-MM-dd HH:mm} UTC", next)
            : new(version, $"{version} is new: it is left to others until {ripe:yyyy-MM-dd HH:mm} UTC (updates.quarantine_days)", ripe);
    }

    private static string WhyNone(VersionFacts facts, string installed) =>
        facts.Refused.FirstOrDefault(version => version == facts.Newest || version == facts.Known) is { } bad && bad != installed ? $"{bad} was tried here, and was no good"
        : facts.Newest is null ? "as helix knows it; the newest version is not known" : "up to date";
}
