using CsCheck;
using Helix.Core.Configuration;
using Helix.Core.Manifests;
using Helix.Core.Sandbox;

namespace Helix.Core.Tests.Sandbox;

/// <summary>What an engine gets to see and may do.</summary>
public class SandboxPlanTests
{
    private const string Home = "/home/ann/.helixcode", Data = Home + "/local-llm/providers/x/data", Model = Home + "/local-llm/models/m.gguf", Release = Home + "/local-llm/providers/x/versions/1";
    private static readonly Touches s_quiet = new("none", ["/dev/nvidia*"], ["/etc/vulkan"], false, false);
    private static readonly SandboxRequest s_request = new("x-m", "x", s_quiet, [Release, Model], Data, "/run/h/engine-1", Data, false, 1 << 30);
    private static readonly SandboxGround s_ground = new(SandboxTier.Bubblewrap, "/usr/bin/bwrap", "/opt/helix/helix", Home, "key", ["/opt/helix"], [new("/bin", "usr/bin")], false, [], new SecurityConfig());

    [Fact]
    public void A_model_is_read_and_never_written()
    {
        var spec = Plan();

        Assert.Contains(Model, spec.Reads);
        Assert.Equal([Data, "/run/h/engine-1"], spec.Writes);
        var inside = Plan(s_request with { Reads = [Data + "/m.gguf"] });
        Assert.Equal(new ViewStep.Read(Data + "/m.gguf", IsNeeded: true), SandboxView.Of(inside, [])[^1]);
    }

    [Fact]
    public void What_helix_keeps_of_its_own_is_never_shown_wherever_links_lead()
    {
        foreach (var above in (string[])[Home, "/home/ann", "/home", "/"])
            Assert.DoesNotContain(Plan(s_request with { Reads = [above, Model] }).Reads, path => SandboxPlan.IsBelow(Home, path));
    }

    [Fact]
    public void The_same_sandbox_is_the_same_whatever_the_order_in_which_it_was_asked_for() => Gen.Shuffle<string>((string[])["/a", "/a/b", "/c", Release, Model]).Sample(reads =>
    {
        var spec = Plan(s_request with { Reads = [.. reads] });

        Assert.Equal(["/a", "/c", "/etc/vulkan", Model, Release, "/opt/helix"], spec.Reads);
    });

    [Fact]
    public void Nothing_is_shut_in_where_the_user_or_the_machine_does_not_let_it()
    {
        Assert.Null(SandboxPlan.Of(s_request, s_ground with { Config = new SecurityConfig(AutoSandbox: false) }));
        Assert.Null(SandboxPlan.Of(s_request, s_ground with { Tier = SandboxTier.None }));
    }

    [Fact]
    public void Devices_are_given_only_where_the_plan_gives_a_gpu()
    {
        Assert.Empty(Plan().Devices);
        Assert.Equal(["/dev/nvidia*"], Plan(s_request with { UsesDevices = true }).Devices);
    }

    [Theory]
    [InlineData("none", true, SandboxNetwork.None)]
    [InlineData("loopback", true, SandboxNetwork.Loopback)]
    [InlineData("none", false, SandboxNetwork.Machine)]
    [InlineData("loopback", false, SandboxNetwork.Machine)]
    internal void The_network_is_what_the_manifest_names_unless_the_user_opens_it(string network, bool isIsolated, SandboxNetwork expected) =>
        Assert.Equal(expected, Plan(s_request with { Touches = s_quiet with { Network = network } }, s_ground with { Config = new SecurityConfig(NetworkIsolation: isIsolated) }).Network);

    [Fact]
    public void Roots_engines_are_users_that_nobody_is_and_only_helixs_own_files_are_opened_to_them()
    {
        var ground = s_ground with { OfRoot = true };
        var user = Plan(s_request, ground).User!.Value;

        Assert.True(EngineUser.Is((uint)user));
        Assert.NotEqual(user, Plan(s_request, ground with { Users = [user] }).User);
        Assert.Equal([Model, Release], Plan(s_request, ground).Shared);
        Assert.Null(Plan(s_request, ground with { Tier = SandboxTier.Landlock }).User);
        Assert.Null(Plan(s_request, ground with { Config = new SecurityConfig(MinPrivileges: false) }).User);
        Assert.Empty(Plan().Shared);
    }

    [Fact]
    public void Without_limits_there_are_none() => Assert.Null(Plan(s_request, s_ground with { Config = new SecurityConfig(ResourceLimits: false) }).Limits);

    private static SandboxSpec Plan(SandboxRequest? request = null, SandboxGround? ground = null) => SandboxPlan.Of(request ?? s_request, ground ?? s_ground)!;
}
