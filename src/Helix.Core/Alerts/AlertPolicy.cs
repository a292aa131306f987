using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Updates;

namespace Helix.Core.Alerts;

/// <summary>Whom a channel tells of what.</summary>
/// <param name="Least">Of this severity, or a worse one.</param>
/// <param name="Hourly">Messages within an hour; what is more waits, and comes together.</param>
internal sealed record ChannelPolicy(string Id, Severity Least, int Hourly);

/// <summary>When and how alerts are told.</summary>
internal sealed record AlertPolicy(ImmutableArray<ChannelPolicy> Channels)
{
    /// <summary>A group is told when nothing more of it has come for so long: what comes together is told together.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>However much comes, nobody waits for longer than this.</summary>
    public TimeSpan Most { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Between two messages of a group, unless it became worse.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What was raised so many times within <see cref="FlapSpan"/> is held until it stays away for <see cref="Calm"/>.</summary>
    public int Flaps { get; init; } = 3;

    public TimeSpan FlapSpan { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan Calm { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What is not measured any more for so long is over.</summary>
    public TimeSpan Missing { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>An error that nobody acknowledged for so long is critical, and what is critical is told again, ever more rarely; null: never.</summary>
    public TimeSpan? Escalates { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>By severity, hours in which nobody is told.</summary>
    public ImmutableDictionary<Severity, MaintenanceWindow> Quiet { get; init; } = ImmutableDictionary<Severity, MaintenanceWindow>.Empty;

    public ImmutableArray<WeekWindow> Maintenance { get; init; } = [];

    /// <summary>Address of a page with the alerts; the number of one is put behind it.</summary>
    public string Link { get; init; } = "";

    public static AlertPolicy Of(AlertsConfig config, IEnumerable<ChannelPolicy> channels, string link) => new([.. channels])
    {
        Escalates = config.EscalateMinutes > 0 ? TimeSpan.FromMinutes(config.EscalateMinutes) : null,
        Quiet = (config.QuietHours ?? ImmutableDictionary<string, string>.Empty)
            .Select(pair => (Severity: HistoryNames.Severity(pair.Key), Window: MaintenanceWindow.Parse(pair.Value)))
            .Where(pair => pair is { Severity: not null, Window: not null })
            .ToImmutableDictionary(pair => pair.Severity!.Value, pair => pair.Window!),
        Maintenance = [.. (config.Maintenance ?? []).Select(WeekWindow.Parse).OfType<WeekWindow>()],
        Link = link,
    };

    public ChannelPolicy? Find(string channel) => Channels.FirstOrDefault(each => each.Id == channel);

    /// <summary>Nobody is told of it at this moment.</summary>
    public bool IsHeld(Severity severity, DateTimeOffset now) =>
        Maintenance.Any(window => window.IsOpen(now)) || (Quiet.TryGetValue(severity, out var quiet) && quiet.IsOpen(now));

    /// <summary>A check for settings: see <see cref="Words"/>.</summary>
    public static string? RefuseSeverity(string text) => HistoryNames.Severity(text) is null ? $"; these are known: {string.Join(", ", HistoryNames.Severities)}" : null;
}
