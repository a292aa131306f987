using Helix.Core.Configuration;
using Helix.Core.Manifests;
using Helix.Core.Sandbox;

namespace Helix.Core.Tests.Sandbox;

/// <summary>How each tier is called.</summary>
public class SandboxLineTests
{
    private static readonly SandboxRequest s_request = new("x-m", "x", new Touches("none", [], [], false, false), ["/models/m.gguf"], "/data", null, "/data", false, null);

    [Fact]
    public void Bubblewrap_of_a_user_makes_every_namespace_and_writes_only_data()
    {
        var line = Line(SandboxTier.Bubblewrap, ofRoot: false);

        Assert.Equal("/usr/bin/bwrap", line[0]);
        Assert.All((string[])["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net"], word => Assert.Contains(word, line));
        Assert.Equal(["/data", "/data"], After(line, "--bind"));
        Assert.Contains("--ro-bind /models/m.gguf /models/m.gguf", string.Join(' ', line), StringComparison.Ordinal);
        Assert.EndsWith("--remount-ro / --chdir /data -- /opt/helix/helix confine", string.Join(' ', line), StringComparison.Ordinal);
        Assert.DoesNotContain("--cap-add", line);
    }

    [Fact]
    public void Bubblewrap_of_root_mounts_first_and_keeps_only_what_it_needs_to_become_somebody_else()
    {
        var line = Line(SandboxTier.Bubblewrap, ofRoot: true);

        Assert.DoesNotContain("--unshare-user", line);
        Assert.True(line.IndexOf("--cap-drop") < line.IndexOf("--cap-add"));
        Assert.DoesNotContain("CAP_SYS_ADMIN", line);
    }

    [Fact]
    public void It_does_not_die_with_the_keeper_which_may_be_followed_by_another() => Assert.DoesNotContain("--die-with-parent", Line(SandboxTier.Bubblewrap, ofRoot: false));

    [Fact]
    public void In_namespaces_of_unshare_the_first_process_is_a_shell_and_not_the_engine() =>
        Assert.Equal(
            "/usr/bin/unshare --user --map-root-user --mount --pid --ipc --uts --cgroup --fork --net -- /bin/sh -c " + SandboxLine.FirstProcess + " sh /opt/helix/helix confine",
            string.Join(' ', Line(SandboxTier.Unshare, ofRoot: false)));

    [Fact]
    public void Landlock_needs_no_tool() => Assert.Equal(["/opt/helix/helix", "confine"], Line(SandboxTier.Landlock, ofRoot: true));

    [Fact]
    public void An_open_network_is_the_machines() =>
        Assert.DoesNotContain("--unshare-net", Line(SandboxTier.Bubblewrap, ofRoot: false, new SecurityConfig(NetworkIsolation: false)));

    private static IReadOnlyList<string> After(List<string> line, string word) => line[(line.LastIndexOf(word) + 1)..(line.LastIndexOf(word) + 3)];

    private static List<string> Line(SandboxTier tier, bool ofRoot, SecurityConfig? config = null)
    {
        var tool = tier switch { SandboxTier.Bubblewrap => "/usr/bin/bwrap", SandboxTier.Unshare => "/usr/bin/unshare", _ => null };
        var ground = new SandboxGround(tier, tool, "/opt/helix/helix", "/home/ann/.helixcode", "key", ["/opt/helix"], [], ofRoot, [], config ?? new SecurityConfig());
        return [.. SandboxLine.Of(SandboxPlan.Of(s_request, ground)!, [], ["/opt/helix/helix", "confine"])];
    }
}
