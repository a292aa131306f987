using System.Text.RegularExpressions;
using CsCheck;
using Helix.Core.Configuration;
using Helix.Core.Manifests;
using Helix.Core.Sandbox;

namespace Helix.Core.Tests.Sandbox;

/// <summary>What macOS is told; whether macOS does so is seen on a Mac only.</summary>
public class SeatbeltProfileTests
{
    [Fact]
    public void Everything_is_refused_but_what_is_named()
    {
        var profile = Profile();

        Assert.StartsWith("(version 1)\n(deny default)\n", profile, StringComparison.Ordinal);
        Assert.Contains("(allow file-read* file-write*\n  (subpath \"/data\")\n  (subpath \"/run/x\"))\n", profile, StringComparison.Ordinal);
        Assert.Contains("(subpath \"/models/m.gguf\")", profile, StringComparison.Ordinal);
        Assert.DoesNotContain("/Users", profile, StringComparison.Ordinal);
        Assert.DoesNotContain("iokit", profile, StringComparison.Ordinal);
        Assert.DoesNotContain(" ip ", profile, StringComparison.Ordinal);
        Assert.DoesNotContain("network*", profile, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("loopback", true, "(remote ip \"localhost:*\")")]
    [InlineData("none", false, "(allow network*)")]
    public void The_network_is_what_the_manifest_names_and_the_user_wants(string network, bool isolation, string line) =>
        Assert.Contains(line, Profile(new Touches(network, [], [], false, false), config: new SecurityConfig(NetworkIsolation: isolation)), StringComparison.Ordinal);

    [Fact]
    public void A_GPU_is_open_to_whoever_the_plan_gives_it() => Assert.Contains("(allow iokit-open)", Profile(gpu: true), StringComparison.Ordinal);

    [Fact]
    public void Folders_behind_the_roots_links_are_named_as_they_are() => Assert.Contains("(subpath \"/private/var/m\")", Profile(reads: "/var/m"), StringComparison.Ordinal);

    [Fact]
    public void No_path_ends_its_quotation() => Gen.String.Sample(path =>
    {
        // without its quoted texts every bracket has its counterpart, and nothing else is left
        var bare = Regex.Replace(Profile(reads: "/m/" + path), "\"(?:[^\"\\\\]|\\\\[\\s\\S])*\"", "");
        Assert.DoesNotContain('"', bare);
        Assert.Equal(bare.Count(letter => letter == '('), bare.Count(letter => letter == ')'));
        Assert.Equal(Regex.Replace(Profile(), "\"[^\"]*\"", ""), bare);
    });

    private static string Profile(Touches? touches = null, string reads = "/models/m.gguf", bool gpu = false, SecurityConfig? config = null)
    {
        var request = new SandboxRequest("x-m", "x", touches, [reads], "/data", "/run/x", "/data", gpu, null);
        var ground = new SandboxGround(SandboxTier.Seatbelt, "/usr/bin/sandbox-exec", "/opt/helix/helix", "/Users/ann/.helixcode", "key", ["/opt/helix"], [], OfRoot: false, [], config ?? new SecurityConfig());
        return SeatbeltProfile.Of(SandboxPlan.Of(request, ground)!);
    }
}
