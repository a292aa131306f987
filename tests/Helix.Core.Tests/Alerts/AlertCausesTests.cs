using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Core.Security;

namespace Helix.Core.Tests.Alerts;

public sealed class AlertCausesTests
{
    private static readonly (string Name, string Type, string Family)[] s_rows =
    [
        ("unhealthy", "health", "engine_down"), ("critical", "health", "engine_down"), ("given_up", "health", "engine_down"), ("healing_failed", "health", "engine_down"),
        ("rebuild", "health", "engine_down"), ("rebuild_failed", "health", "engine_down"), ("healing.rebuilt", "health", "engine_down"), ("rolled_back", "health", "engine_down"),
        ("model_damaged", "health", "model_damaged"), ("model_replaced", "health", "model_damaged"),
        ("backup_failed", "health", "backup"), ("second_place_failed", "health", "second_place"), ("channel_down", "health", "channel_down"), ("channel_refused", "health", "channel_down"), ("alert_rules_refused", "health", "alert_rules_refused"),
        ("tuning.taken_back", "performance", "tuning"),
        ("disk_low", "resource", "disk_low"), ("cleanup_failed", "resource", "cleanup"), ("healing.over_limit", "resource", "over_limit"),
        ("update_failed", "update", "update"), ("update_refused", "update", "update"), ("update_not_built", "update", "update"), ("update_rolled_back", "update", "update"), ("update_no_good", "update", "update"), ("update.switched", "update", "updated"),
        ("permissions", "security", "permissions"), ("owner", "security", "owner"), ("release_changed", "security", "release_changed"), ("engine_listens", "security", "engine_listens"),
        ("foreign_process", "security", "foreign_process"), ("sandbox_lost", "security", "sandbox_lost"), ("known_vulnerable", "security", "known_vulnerable"), ("advisories_refused", "security", "advisories_refused"),
        ("setting", "security", "setting"), ("sandbox_weak", "security", "sandbox_weak"),
        ("wrong_keys", "security", "wrong_keys"), ("foreign_pages", "security", "foreign_pages"), ("odd_paths", "security", "odd_paths"), ("large_bodies", "security", "large_bodies"),
    ];

    public static TheoryData<string, string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var (name, type, family) in s_rows) rows.Add(name, type, family);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_cause_has_its_type_and_family(string name, string type, string family)
    {
        var cause = AlertCauses.Find(name)!;

        Assert.Equal((type, family), (AlertCauses.FamilyOf(cause).Type.Word(), cause.Family));
    }

    [Fact]
    public void There_are_no_others() => Assert.Equal(s_rows.Length, AlertCauses.Rows.Length);

    [Fact]
    public void Every_family_has_a_cause_and_an_end() => Assert.All(AlertCauses.Families, family =>
    {
        var causes = AlertCauses.Rows.Where(row => row.Family == family.Name).ToArray();
        Assert.NotEmpty(causes);
        Assert.True(!family.EndedBy.IsEmpty || family.Quiet is not null || causes.All(row => row.Role == CauseRole.Notice), $"{family.Name} has no end");
    });

    [Fact]
    public void All_five_types_are_there() => Assert.Equal(AlertNames.Types, AlertCauses.Families.Select(family => family.Type).Distinct().Order().Select(type => type.Word()));

    [Fact]
    public void A_finding_is_heard_with_what_was_done_and_with_its_end()
    {
        var now = AlertStage.Start;
        var open = new SecurityFinding(FindingNames.Owner, Severity.Error, "/h/x", "it is not ours", "others may change it", "Give it back") { Command = "chown", Provider = "vllm" };
        var mended = open with { Name = FindingNames.Permissions, Done = "helix took the rights away" };

        var told = FindingChanges.Of([], [open, mended], [], now).Select(Occurrence.Of).Where(each => each.IsAlert).ToArray();
        var gone = Assert.Single(FindingChanges.Of(FindingChanges.Open([open]), [], [], now).Select(Occurrence.Of));

        Assert.Equal((FindingNames.Owner, "it is not ours: others may change it", "Give it back: chown", (string?)null), (told[0].Name, told[0].Words, told[0].Left, told[0].Done));
        Assert.Equal(("helix took the rights away", (string?)null), (told[1].Done, told[1].Left));
        Assert.Equal(FindingNames.Owner, Assert.Single(AlertCauses.EndedBy(gone.Name)).Name);
        Assert.Equal(
            AlertCauses.FamilyOf(AlertCauses.Find(told[0].Name)!).FingerprintOf(told[0].Provider, told[0].Subject),
            AlertCauses.EndedBy(gone.Name).Single().FingerprintOf(gone.Provider, gone.Subject));
    }

    [Fact]
    public void What_is_no_alert_is_named_by_its_kind() =>
        Assert.Equal("helix.channel_back", Occurrence.Of(new(AlertStage.Start, HistoryKind.Self, Severity.Info, null, "web", "channel_back", "it works")).Name);

    [Fact]
    public void Odd_data_is_no_trouble() =>
        Assert.Null(Occurrence.Of(new(AlertStage.Start, HistoryKind.Alert, Severity.Info, null, null, "x", "y") { Data = "{\"done\": 7, \"left\": [" }).Done);
}
