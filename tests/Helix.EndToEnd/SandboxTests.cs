using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Helix.Core.Configuration;
using Helix.Core.Manifests;
using Helix.Core.Sandbox;
using Helix.Mirrors.Products;

namespace Helix.EndToEnd;

/// <summary>What an engine can do that wants to do more than it may: with each tier that works here, as root and as another user.</summary>
public sealed class SandboxTests
{
    /// <summary>What an engine needs, in any sandbox.</summary>
    private static readonly string[] s_needed = ["reads its model", "writes to its data"];

    /// <summary>A process of the test's own, outside of the sandbox.</summary>
    private const string Outside = "outsider";

    private const int Abort = 6;

    private const int MemoryMb = 400, HogMb = 800, Processes = 150;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter() },
    };

    public static TheoryData<string, bool> Sandboxes => new()
    {
        { "bubblewrap", true }, { "bubblewrap", false }, { "unshare", true }, { "unshare", false }, { "landlock", true }, { "landlock", false },
    };

    [Theory]
    [MemberData(nameof(Sandboxes))]
    public async Task A_hostile_engine_can_do_no_more_than_the_doctor_says(string tier, bool asRoot)
    {
        await using var home = new TempHome();
        if (asRoot) Assert.SkipUnless(Environment.UserName == "root", "needs root");
        else Nobody.May(home, Binary.Path);
        home.Environment["HELIX_SANDBOX"] = tier;
        var place = await PlaceAsync(home, asRoot);
        var gaps = await GapsAsync(home, place, tier, asRoot);

        var done = await TryAsync(home, place, tier, asRoot, new SecurityConfig());

        var expected = s_needed.Concat(Allowed(gaps)).Order(StringComparer.Ordinal);
        Assert.Equal(expected, done.Where(each => each.Value).Select(each => each.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_a_sandbox_the_same_engine_can_do_nearly_all_of_it()
    {
        await using var home = new TempHome();
        Assert.SkipUnless(Environment.UserName == "root", "needs root");
        var place = await PlaceAsync(home, asRoot: true);

        var done = await RunAsync(home, place, place.Hostile(HogMb), asRoot: true);

        Assert.All(
            (string[])["reads a file outside", "writes to a folder outside", "connects to a port", "connects to a socket", "sees a process outside", "signals a process outside", "traces", "mounts", "takes too much memory", "starts too many processes"],
            what => Assert.True(done[what], what));
    }

    [Theory]
    [InlineData("bubblewrap")]
    [InlineData("unshare")]
    [InlineData("landlock")]
    public async Task The_built_in_engine_answers_from_within_and_has_no_privilege(string tier)
    {
        await using var home = new TempHome();
        home.Environment["HELIX_SANDBOX"] = tier;

        (await home.HelixAsync("start")).Succeeded();

        (await home.Gateway.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hi"}]}""")).Is(200);
        var engine = Assert.Single(home.Engines);
        var status = File.ReadAllLines($"/proc/{engine.Pid}/status").Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());
        Assert.Equal(("0000000000000000", "1", "2"), (status["CapEff"], status["NoNewPrivs"], status["Seccomp"]));
        if (tier == "landlock") return;
        Assert.NotEqual(new FileInfo("/proc/self/ns/net").LinkTarget, new FileInfo($"/proc/{engine.Pid}/ns/net").LinkTarget);
        Assert.NotEqual(new FileInfo("/proc/self/ns/mnt").LinkTarget, new FileInfo($"/proc/{engine.Pid}/ns/mnt").LinkTarget);
        var view = $"/proc/{engine.Pid}/root";
        Assert.False(Path.Exists(view + home.Config));
        Assert.False(Path.Exists(Path.Combine(view + home.LocalLlm, "state", "helix.db")));
        Assert.False(Path.Exists(Path.Combine(view + home.RunFolder, "helix.sock")));
    }

    [Theory]
    [InlineData("bubblewrap")]
    [InlineData("unshare")]
    [InlineData("landlock")]
    public async Task What_ended_an_engine_is_told_from_within_too(string tier)
    {
        await using var home = new TempHome();
        home.Environment["HELIX_SANDBOX"] = tier;
        (await home.HelixAsync("start")).Succeeded();

        foreach (var (signal, told) in ((int, string)[])[(Helix.EndToEnd.Harness.Processes.Kill, "killed"), (Abort, "crashed")])
        {
            (await home.Gateway.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hi"}]}""")).Is(200);
            Helix.EndToEnd.Harness.Processes.Signal(Assert.Single(home.Engines), signal);
            var events = "";
            await Eventually.TrueAsync(
                async () =>
                {
                    var healing = (await home.Api.GetAsync("/helix/v1/history?kind=healing")).Is(200).Json["events"]!.AsArray();
                    events = healing.ToJsonString();
                    return healing.Any(each => (string?)each!["what"] == told);
                },
                $"it is told as {told}", () => events);
        }
    }

    [Fact]
    public async Task Without_the_setting_engines_run_as_before_and_status_does_not_pretend()
    {
        await using var home = new TempHome();
        home.Configure("security:\n  auto_sandbox: false\n");

        (await home.HelixAsync("start")).Succeeded();

        Assert.DoesNotContain(home.Alive, process => process.Role == "sandbox");
        Assert.Contains("security.auto_sandbox is false", (await home.HelixAsync("doctor")).Out, StringComparison.Ordinal);
    }

    /// <summary>What follows from what the doctor says that this machine cannot enforce.</summary>
    private static IEnumerable<string> Allowed(string gaps)
    {
        if (gaps.Contains("the network is not closed to engines\n", StringComparison.Ordinal)) yield return "connects to a port";
        if (gaps.Contains("see the names of other processes", StringComparison.Ordinal)) yield return "sees a process outside";
        if (gaps.Contains("how many processes an engine starts is not limited", StringComparison.Ordinal)) yield return "starts too many processes";
    }

    private static async Task<string> GapsAsync(TempHome home, Place place, string tier, bool asRoot)
    {
        var environment = new Dictionary<string, string>(home.Environment, StringComparer.Ordinal) { ["HELIX_HOME"] = Path.Combine(place.Data, "home") };
        var command = home.Command("doctor", "--format", "json") with { Folder = place.Data, Environment = environment };
        var said = await Launched.RunAsync(asRoot ? command : Nobody.Runs(command));
        var findings = JsonNode.Parse(said.Out)!["findings"]!.AsArray().Where(finding => (string?)finding!["subject"] == "sandbox").ToArray();
        var name = tier switch { "bubblewrap" => "bubblewrap", "unshare" => "unshare", _ => "Landlock" };
        var first = (string?)findings[0]!["what"] ?? "";
        Assert.SkipUnless(first.StartsWith("engines run in", StringComparison.Ordinal) && first.Split('(')[0].Contains(name, StringComparison.Ordinal), $"{tier} does not work here: {first}");
        return string.Concat(findings.Select(finding => (string?)finding!["what"] + "\n"));
    }

    private static async Task<SortedDictionary<string, bool>> TryAsync(TempHome home, Place place, string tier, bool asRoot, SecurityConfig config)
    {
        var (kind, tool) = tier switch
        {
            "bubblewrap" => (SandboxTier.Bubblewrap, "/usr/bin/bwrap"),
            "unshare" => (SandboxTier.Unshare, "/usr/bin/unshare"),
            _ => (SandboxTier.Landlock, (string?)null),
        };
        string[] outer = ["/bin", "/lib", "/lib64", "/sbin"];
        var ground = new SandboxGround(
            kind, tool, Binary.Path, home.Root, Guid.NewGuid().ToString("N")[..8], [Path.GetDirectoryName(Binary.Path)!, Path.GetDirectoryName(Wrapper.BuiltStandIn)!],
            [.. outer.Where(Directory.Exists).Select(path => new RootFolder(path, new DirectoryInfo(path).LinkTarget))], asRoot, [], config);
        var request = new SandboxRequest("hostile", "hostile", new Touches("none", [], [], false, false), [place.Model], place.Data, null, place.Data, false, (long)MemoryMb << 20);
        var spec = SandboxPlan.Of(request, ground)!;
        spec = spec with { Limits = spec.Limits! with { Processes = Processes } };
        var command = new Command(Binary.Path, ["sandbox", JsonSerializer.Serialize(spec, s_json), "--", .. place.Hostile(HogMb).Arguments.Prepend(Wrapper.BuiltStandIn)], home.Environment, place.Data);
        try
        {
            return await RunAsync(home, place, command, asRoot);
        }
        finally
        {
            foreach (var parent in ControlGroupPlace.Of(await File.ReadAllTextAsync("/proc/self/mountinfo"), await File.ReadAllTextAsync("/proc/self/cgroup")).SelectMany(group => group.Parents))
                if (Path.Combine(parent, spec.Limits.Group) is var left && Directory.Exists(left)) await Eventually.TrueAsync(() => IsDeleted(left), $"{left} is empty");
        }
    }

    /// <summary>A group whose last process ends just now is busy for a moment more.</summary>
    private static bool IsDeleted(string group)
    {
        try
        {
            Directory.Delete(group);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<SortedDictionary<string, bool>> RunAsync(TempHome home, Place place, Command command, bool asRoot)
    {
        command = command with { Environment = new Dictionary<string, string>(home.Environment, StringComparer.Ordinal) { ["HOME"] = place.Data, ["TMPDIR"] = place.Data }, Folder = place.Data };
        using var port = new TcpListener(IPAddress.Loopback, place.Port);
        port.Start();
        using var door = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        door.Bind(new UnixDomainSocketEndPoint(place.Socket));
        door.Listen();
        File.SetUnixFileMode(place.Socket, (UnixFileMode)0x1ff);
        var outsider = new Command(Wrapper.BuiltStandIn, ["--as", "child", Outside], home.Environment, home.Folder);
        await using var outside = Launched.Start(asRoot ? outsider : Nobody.Runs(outsider));
        command = command with { Arguments = [.. command.Arguments.Select(word => word == Place.Pid ? $"{outside.Pid}" : word)] };
        var said = (await Launched.RunAsync(asRoot ? command : Nobody.Runs(command), TimeSpan.FromMinutes(2))).Succeeded();
        File.Delete(place.Socket);
        return JsonSerializer.Deserialize<SortedDictionary<string, bool>>(said.Out)!;
    }

    private static async Task<Place> PlaceAsync(TempHome home, bool asRoot)
    {
        var place = new Place(home.Make("elsewhere"), home.Make("data"), TempHome.FreePort());
        await File.WriteAllTextAsync(place.Secret, "secret");
        await File.WriteAllTextAsync(place.Model, "model");
        if (!asRoot) await GiveAsync(home, home.Folder);
        return place;
    }

    private static async Task GiveAsync(TempHome home, string folder) =>
        (await Launched.RunAsync(new Command("/bin/chown", ["-R", "65534:65534", folder], home.Environment, "/"))).Succeeded();

    private sealed record Place(string Elsewhere, string Data, int Port)
    {
        public const string Pid = "PID";

        public string Secret => Path.Combine(Elsewhere, "secret");

        public string Socket => Path.Combine(Elsewhere, "s.sock");

        public string Model => Path.Combine(Path.GetDirectoryName(Elsewhere)!, "model.gguf");

        public Command Hostile(int mebibytes) =>
            new(Wrapper.BuiltStandIn, ["--as", "hostile", Secret, Elsewhere, $"{Port}", Socket, Pid, Model, $"{mebibytes}", Outside], new Dictionary<string, string>(), Data);
    }
}
