using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Sandbox;
using Helix.Core.Security;

namespace Helix.Core.Tests.Security;

public class HardeningTests
{
    private static readonly DateOnly s_today = new(2026, 11, 29);

    [Fact]
    public void Of_what_helix_does_by_itself_only_the_open_door_on_this_machine_is_left()
    {
        var proposal = Assert.Single(Of(HelixConfig.Default));

        Assert.Equal((Severity.Info, "security.require_key", "helix config set security.require_key true"), (proposal.Severity, proposal.Subject, proposal.Command));
    }

    public static TheoryData<string, string, string> Weaker => new()
    {
        { "security.auto_sandbox", "false", "error" },
        { "security.min_privileges", "false", "warning" },
        { "security.network_isolation", "false", "warning" },
        { "security.resource_limits", "false", "warning" },
        { "security.watch", "false", "warning" },
        { "gateway.listen", "0.0.0.0", "warning" },
        { "network.hub_endpoint", "http://hub.example", "warning" },
        { "sources.mirrors", "https://a.example/=http://b.example/", "warning" },
        { "security.advisories", "http://lists.example/x.yaml", "info" },
        { "auto_manager.auto_update", "false", "warning" },
        { "backup.second_place", "/mnt/backups", "warning" },
    };

    [Theory]
    [MemberData(nameof(Weaker))]
    public void Each_setting_that_makes_less_safe_is_named_with_the_command_that_takes_it_back(string path, string value, string severity)
    {
        var setting = SettingsTable.Find(path)!;
        var written = setting.Kind.FromText(value);
        Assert.Null(setting.Refuse(written));

        var proposal = Of(setting.Write(HelixConfig.Default, written)).Single(each => each.Subject != "security.require_key");

        Assert.Equal(severity, proposal.Severity.Word());
        Assert.StartsWith("helix config ", proposal.Command, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mirror_on_this_machine_may_speak_in_the_clear() =>
        Assert.Single(Of(HelixConfig.Default with { Sources = new(["https://a.example/=http://127.0.0.1:8080/"]) }));

    [Fact]
    public void A_list_that_is_a_quarter_of_a_year_old_is_named() =>
        Assert.Contains(Hardening.Of(HelixConfig.Default, null, "linux", s_today.AddDays(-91), s_today), proposal => proposal.Subject == "security.advisories");

    [Fact]
    public void What_the_machine_cannot_enforce_is_proposed_too()
    {
        var state = new SandboxState(SandboxTier.Landlock, null, new(false, false, false, true, false, false, false), [new(SandboxTier.Bubblewrap, "not installed")], ["memory", "pids"]);

        Assert.Contains(Hardening.Of(HelixConfig.Default, state, "linux", s_today, s_today), proposal => proposal.Name == FindingNames.SandboxWeak && proposal.Remedy.Contains("Install bubblewrap", StringComparison.Ordinal));
    }

    private static IEnumerable<SecurityFinding> Of(HelixConfig config) => Hardening.Of(config, null, "linux", s_today, s_today);
}
