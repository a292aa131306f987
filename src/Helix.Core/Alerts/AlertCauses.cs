using System.Collections.Immutable;
using Helix.Core.Security;
using static Helix.Core.Alerts.CauseRole;

namespace Helix.Core.Alerts;

/// <summary>Every happening that can raise an alert, what it is about, and what ends it. What is an alert and not in this table is told all the same: see <see cref="Unknown"/>.</summary>
internal static class AlertCauses
{
    public const string EngineDown = "engine_down";
    public const string ModelDamaged = "model_damaged";
    public const string DiskLow = "disk_low";
    public const string Updating = "update";
    public const string ChannelDown = "channel_down";
    public const string ChannelRefused = "channel_refused";
    public const string RulesRefused = "alert_rules_refused";

    /// <summary>What holds at this moment, as <see cref="AlertSample.Well"/> says it.</summary>
    public const string DiskIsEnough = "sample.disk_enough";
    public const string RulesAreTaken = "sample.rules_taken";

    private const string Logs = "to see why: helix local-llm logs {provider}";

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    /// <summary>Those who count refusals tell again after an hour.</summary>
    private static readonly TimeSpan s_refusals = TimeSpan.FromMinutes(90);

    public static ImmutableArray<AlertFamily> Families { get; } =
    [
        new(EngineDown, AlertType.Health, CauseKey.Subject) { EndedBy = ["state.ready", "state.standby", "state.available"] },
        new(ModelDamaged, AlertType.Health, CauseKey.Subject) { EndedBy = ["healing.model_whole", "state.ready"], Quiet = s_day },
        new("backup", AlertType.Health, CauseKey.Whole) { EndedBy = ["backup.backed_up"] },
        new("second_place", AlertType.Health, CauseKey.Whole) { EndedBy = ["backup.backed_up"], EndsWithAnother = true },
        new(ChannelDown, AlertType.Health, CauseKey.Subject) { EndedBy = ["helix.channel_back", "helix.channel_removed"] },
        new(RulesRefused, AlertType.Health, CauseKey.Whole) { EndedBy = [RulesAreTaken] },
        new("tuning", AlertType.Performance, CauseKey.Subject),
        new(DiskLow, AlertType.Resource, CauseKey.Whole) { EndedBy = ["cleanup.disk_enough", DiskIsEnough] },
        new("cleanup", AlertType.Resource, CauseKey.Whole) { EndedBy = ["cleanup.cleaned"] },
        new("over_limit", AlertType.Resource, CauseKey.Subject),
        new(Updating, AlertType.Update, CauseKey.Provider) { EndedBy = ["update.switched", "update.kept"], Quiet = s_day },
        new("updated", AlertType.Update, CauseKey.Provider),
        Found(FindingNames.Permissions), Found(FindingNames.Owner), Found(FindingNames.ReleaseChanged), Found(FindingNames.EngineListens), Found(FindingNames.ForeignProcess),
        Found(FindingNames.SandboxLost), Found(FindingNames.KnownVulnerable), Found(FindingNames.AdvisoriesRefused), Found(FindingNames.Setting), Found(FindingNames.SandboxWeak),
        Refused(FindingNames.WrongKeys), Refused(FindingNames.ForeignPages), Refused(FindingNames.OddPaths), Refused(FindingNames.LargeBodies),
    ];

    public static ImmutableArray<AlertCause> Rows { get; } =
    [
        new("unhealthy", EngineDown, Trouble),
        new("critical", EngineDown, Trouble, $"helix tries it again by itself, slower each time; {Logs}"),
        new("given_up", EngineDown, Trouble, $"helix tries it again by itself, slower each time; {Logs}, and for another release: helix local-llm versions {{provider}}"),
        new("healing_failed", EngineDown, Trouble, Logs),
        new("rebuild", EngineDown, Deed),
        new("rebuild_failed", EngineDown, Deed, Logs),
        new("healing.rebuilt", EngineDown, Deed),
        new("rolled_back", EngineDown, Deed),
        new(ModelDamaged, ModelDamaged, Trouble, "bring its weights again, or take it away: helix models list"),
        new("model_replaced", ModelDamaged, Mended),
        new("backup_failed", "backup", Trouble, "mend what it says, then: helix backup create"),
        new("second_place_failed", "second_place", Trouble, "look whether the folder of backup.second_place is there, and who may write to it"),
        new(ChannelDown, ChannelDown, Trouble, "look whether it can be reached; then: helix alerts test {subject}"),
        new(ChannelRefused, ChannelDown, Trouble, "set it up anew: helix alerts setup {subject}; then: helix alerts test {subject}"),
        new(RulesRefused, RulesRefused, Trouble, "mend the file; the rules before it hold"),
        new("tuning.taken_back", "tuning", Notice),
        new(DiskLow, DiskLow, Trouble, "make room: helix local-llm cleanup --dry-run, helix models list"),
        new("cleanup_failed", "cleanup", Trouble, "look who may read helix's folder"),
        new("healing.over_limit", "over_limit", Notice, "where it happens again and again: give it fewer slots or less context"),
        new("update_failed", Updating, Trouble, "helix tries it again by itself; what happened: helix history --kind update"),
        new("update_refused", Updating, Trouble, "what is in use stays; that version is not tried again by itself"),
        new("update_not_built", Updating, Trouble, "helix tries it again by itself; what is missing: helix doctor"),
        new("update_rolled_back", Updating, Trouble, "the release before is in use; that version is not tried again by itself"),
        new("update_no_good", Updating, Trouble, "choose another release: helix local-llm versions {provider}"),
        new("update.switched", "updated", Notice),
        .. Families.Where(family => family.Type == AlertType.Security).Select(family => new AlertCause(family.Name, family.Name, Trouble, "see: helix doctor --harden")),
    ];

    private static readonly Dictionary<string, AlertFamily> s_families = Families.ToDictionary(family => family.Name, StringComparer.Ordinal);
    private static readonly Dictionary<string, AlertCause> s_rows = Rows.ToDictionary(row => row.Name, StringComparer.Ordinal);
    private static readonly ILookup<string, AlertFamily> s_endedBy = Families
        .SelectMany(family => family.EndedBy.Select(name => (Name: name, Family: family)))
        .ToLookup(each => each.Name, each => each.Family, StringComparer.Ordinal);

    /// <returns>Null where no row has that name.</returns>
    public static AlertCause? Find(string name) => s_rows.GetValueOrDefault(name);

    public static AlertFamily FamilyOf(AlertCause cause) => s_families.GetValueOrDefault(cause.Family) ?? Unknown(cause.Family);

    /// <summary>What is over after a happening of this name.</summary>
    public static IEnumerable<AlertFamily> EndedBy(string name) => s_endedBy[name];

    /// <summary>An alert that this table does not know is told as it came, and is over when it was not seen for a day.</summary>
    public static AlertFamily Unknown(string name) => new(name, AlertType.Health, CauseKey.Subject) { Quiet = s_day };

    private static AlertFamily Found(string finding) => new(finding, AlertType.Security, CauseKey.Subject) { EndedBy = [$"cleared.{finding}"] };

    private static AlertFamily Refused(string finding) => new(finding, AlertType.Security, CauseKey.Subject) { Quiet = s_refusals };
}
