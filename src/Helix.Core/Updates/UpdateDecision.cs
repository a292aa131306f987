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
internal sealed record VersionFacts(string? Installed, string? Known, string? Newest, DateTimeOffset? FirstSeen, string? Pinned, ImmutableArray<string> Refused);

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
        if (Candidate(facts, installed) is not { } version) return new Stay(WhyNone(facts, installed));
        if (!policy.AutoUpdate) return new Stay($"{version} is newer; auto_manager.auto_update is off");
        // what a manifest names was tried by whoever wrote it
        if (version != facts.Known && (facts.FirstSeen ?? now) + policy.Quarantine is var ripe && ripe > now)
            return new Wait(version, $"{version} is new: it is left to others until {ripe:yyyy-MM-dd HH:mm} UTC (updates.quarantine_days)", ripe);
        return policy.Window is { } window && !window.IsOpen(now)
            ? new Wait(version, $"{version} is installed when the maintenance window opens ({window.From:HH:mm}-{window.To:HH:mm} UTC)", window.Next(now))
            : new Go(version);
    }

    /// <summary>The newest that is newer than what is installed, and was not refused.</summary>
    private static string? Candidate(VersionFacts facts, string installed) =>
        new[] { facts.Newest, facts.Known }.OfType<string>().Where(version => !facts.Refused.Contains(version) && UpdateAdvice.IsNewer(version, installed) && (version == facts.Known || UpdateAdvice.IsNewer(version, facts.Known!))).FirstOrDefault();

    private static string WhyNone(VersionFacts facts, string installed) =>
        facts.Refused.FirstOrDefault(version => version == facts.Newest || version == facts.Known) is { } bad && bad != installed ? $"{bad} was tried here, and was no good"
        : facts.Newest is null ? "as helix knows it; the newest version is not known" : "up to date";
}
