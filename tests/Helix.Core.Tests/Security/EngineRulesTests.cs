using System.Collections.Immutable;
using System.Net;
using Helix.Core.Configuration;
using Helix.Core.Processes;
using Helix.Core.Sandbox;
using Helix.Core.Security;

namespace Helix.Core.Tests.Security;

/// <summary>What an engine's processes may look like from outside.</summary>
public class EngineRulesTests
{
    private const uint Us = 1000;

    private static readonly ImmutableDictionary<string, string> s_ours = Spaces("1");
    private static readonly EngineGround s_ground = new(SandboxTier.Bubblewrap, OfRoot: false, Us, HasFilter: true, s_ours);

    private static readonly SandboxSpec s_spec = new(
        SandboxTier.Bubblewrap, "/usr/bin/bwrap", "/opt/helix/helix", [new("/bin", "usr/bin")], ["/home/ann/release"], ["/home/ann/data"], "/home/ann/data", [], false, SandboxNetwork.None, IsIsolated: true, null, [], Unprivileged: true, OfRoot: false, null);

    private static readonly ProcStatus s_tight = new(Us, NoNewPrivileges: true, 2, 0);
    private static readonly EngineProcess s_outside = new(10, 0, 1, "/usr/bin/bwrap", new(Us, true, 0, 0), s_ours, []);
    private static readonly EngineProcess s_first = new(11, 1, 1, "/usr/bin/bwrap", new(Us, true, 0, 0x1ff), Spaces("2"), []);
    private static readonly EngineProcess s_engine = new(12, 2, 1, "/home/ann/release/server", s_tight, Spaces("2"), []);

    [Fact]
    public void An_engine_as_it_was_promised_is_nothing_to_tell_of() => Assert.Empty(Of(s_outside, s_first, s_engine));

    public static TheoryData<string, string> Broken => new()
    {
        { "privileges", "may gain privileges" }, { "filter", "has no filter of system calls" }, { "capabilities", "has capabilities (200000)" },
        { "mnt", "shares its files with the machine" }, { "pid", "shares its processes with the machine" }, { "net", "shares its network with the machine" }, { "user", "shares its users with the machine" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Whatever_of_the_sandbox_is_gone_is_named(string what, string words)
    {
        var process = what switch
        {
            "privileges" => s_engine with { Status = s_tight with { NoNewPrivileges = false } },
            "filter" => s_engine with { Status = s_tight with { Filter = 0 } },
            "capabilities" => s_engine with { Status = s_tight with { Capabilities = 0x200000 } },
            _ => s_engine with { Spaces = s_engine.Spaces.SetItem(what, s_ours[what]) },
        };

        var finding = Assert.Single(Of(s_outside, s_first, process));

        Assert.Equal(FindingNames.SandboxLost, finding.Name);
        Assert.Contains($"process 12 {words}", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_promised_is_not_missed()
    {
        var open = s_engine with { Status = new(Us, true, 0, 0x1), Spaces = s_engine.Spaces.SetItem("net", s_ours["net"]) };

        Assert.Empty(Of(s_spec with { Unprivileged = false, Network = SandboxNetwork.Machine }, s_ground, new SecurityConfig(), s_outside, s_first, open));
    }

    [Fact]
    public void What_the_kernel_does_not_show_is_no_finding() => Assert.Empty(Of(s_outside, s_first, s_engine with { Status = null, Spaces = ImmutableDictionary<string, string>.Empty, Program = null }));

    [Fact]
    public void An_engine_without_any_sandbox_where_one_works_is_told()
    {
        var finding = Assert.Single(Of(null, s_ground, new SecurityConfig(), new EngineProcess(10, 0, 1, "/home/ann/release/server", new(Us, false, 0, 0), s_ours, [])));

        Assert.Equal(FindingNames.SandboxLost, finding.Name);
        Assert.Empty(Of(null, s_ground, new SecurityConfig(AutoSandbox: false), new EngineProcess(10, 0, 1, "/home/ann/release/server", new(Us, false, 0, 0), s_ours, [])));
        Assert.Empty(Of(null, s_ground with { Tier = SandboxTier.None }, new SecurityConfig(), new EngineProcess(10, 0, 1, "/home/ann/release/server", new(Us, false, 0, 0), s_ours, [])));
    }

    [Fact]
    public void Under_Landlock_the_first_process_is_the_engine_and_shares_its_namespaces()
    {
        var ground = s_ground with { Tier = SandboxTier.Landlock };

        Assert.Empty(Of(null, ground, new SecurityConfig(), s_engine with { Depth = 0, Spaces = s_ours }));
        Assert.Contains("has no filter", Assert.Single(Of(null, ground, new SecurityConfig(), s_engine with { Depth = 0, Spaces = s_ours, Status = s_tight with { Filter = 0 } })).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_root_runs_helix_the_engine_must_be_its_own_user()
    {
        var (spec, ground) = (s_spec with { OfRoot = true, User = 61_005 }, s_ground with { OfRoot = true, User = 0 });
        EngineProcess outside = s_outside with { Status = new(0, true, 0, 0x1ff) }, first = s_first with { Status = new(0, true, 0, 0x1ff) }, engine = s_engine with { Status = s_tight with { User = 61_005 } };

        Assert.Empty(Of(spec, ground, new SecurityConfig(), outside, first, engine));
        Assert.Contains("runs as the user 0 instead of 61005", Assert.Single(Of(spec, ground, new SecurityConfig(), outside, first, engine with { Status = s_tight with { User = 0 } })).What, StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_that_answers_first_is_not_held_to_settings_that_came_later()
    {
        var bare = new EngineProcess(10, 0, 1, "/home/ann/release/server", new(Us, false, 0, 0), s_ours, [new IPEndPoint(IPAddress.Any, 8000)]);

        Assert.Equal([FindingNames.EngineListens], Outdated(null, s_ground, bare));
        Assert.Equal([FindingNames.EngineListens], Outdated(s_spec, s_ground with { Tier = SandboxTier.Landlock }, bare with { Program = "/home/ann/release/server" }));
        Assert.Contains(FindingNames.SandboxLost, Outdated(s_spec, s_ground, s_outside, s_first, s_engine with { Spaces = s_ours }));

        static string[] Outdated(SandboxSpec? spec, EngineGround ground, params EngineProcess[] processes) =>
            [.. EngineRules.Of(new("x-m", "x", spec, [.. processes]) { IsOutdated = true }, new SecurityConfig(), ground).Select(finding => finding.Name)];
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.9.1", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("192.168.1.7", true)]
    public void An_engine_listens_on_loopback_alone(string address, bool isTold)
    {
        var findings = Of(s_outside, s_first, s_engine with { Listens = [new IPEndPoint(IPAddress.Parse(address), 24360)] });

        Assert.Equal(isTold ? [FindingNames.EngineListens] : [], findings.Select(finding => finding.Name));
    }

    [Theory]
    [InlineData("/usr/bin/python3.12", null)]
    [InlineData("/home/ann/release/bin/worker (deleted)", null)]
    [InlineData("/home/ann/data/tool", null)]
    [InlineData("/opt/helix/helix", null)]
    [InlineData("/tmp/x", "runs /tmp/x, which is not of this engine")]
    [InlineData("/memfd:x (deleted)", "runs /memfd:x, which is not of this engine")]
    [InlineData("/home/ann/releases-of-somebody/x", "runs /home/ann/releases-of-somebody/x, which is not of this engine")]
    public void A_program_from_elsewhere_does_not_belong_to_an_engine(string program, string? words)
    {
        var findings = Of(s_outside, s_first, s_engine, s_engine with { Pid = 13, Depth = 3, Program = program });

        if (words is null) Assert.Empty(findings);
        else Assert.Contains($"13 {words}", Assert.Single(findings).What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_of_somebody_else_does_not_belong_to_an_engine()
    {
        var finding = Of(s_outside, s_first, s_engine, s_engine with { Pid = 13, Status = s_tight with { User = 1001 } }).Single(each => each.Name == FindingNames.ForeignProcess);

        Assert.Contains("13 is of the user 1001", finding.What, StringComparison.Ordinal);
    }

    private static ImmutableArray<SecurityFinding> Of(params EngineProcess[] processes) => Of(s_spec, s_ground, new SecurityConfig(), processes);

    private static ImmutableArray<SecurityFinding> Of(SandboxSpec? spec, EngineGround ground, SecurityConfig config, params EngineProcess[] processes) => EngineRules.Of(new("x-m", "x", spec, [.. processes]), config, ground);

    private static ImmutableDictionary<string, string> Spaces(string number) => new[] { "mnt", "pid", "net", "ipc", "uts", "user" }.ToImmutableDictionary(kind => kind, kind => $"{kind}:[{number}]");
}
