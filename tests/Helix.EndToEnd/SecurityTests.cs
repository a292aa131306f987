using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Mirrors;

namespace Helix.EndToEnd;

/// <summary>The published program watches over itself: real files, real engines in their sandboxes, real requests.</summary>
public sealed class SecurityTests(SecurityTests.Watched watched) : IClassFixture<SecurityTests.Watched>
{
    private const int Unhealthy = 12;
    private const UnixFileMode Closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TempHome _home = watched.Home;

    [Fact]
    public async Task Rights_that_others_got_are_taken_away_again_and_the_history_says_so()
    {
        var database = Path.Combine(_home.LocalLlm, "state", "helix.db");
        File.SetUnixFileMode(_home.LocalLlm, Closed | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(database, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        await LookAsync();

        Assert.Equal(Closed, File.GetUnixFileMode(_home.LocalLlm));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(database));
        var told = (await EventsAsync("security")).Where(each => (string?)each["what"] == "permissions").ToDictionary(each => (string)each["subject"]!, each => (string)each["words"]!);
        Assert.Contains("helix took the rights away", told[_home.LocalLlm], StringComparison.Ordinal);
        Assert.Contains("helix took the rights away", told[database], StringComparison.Ordinal);
        Assert.Contains(await EventsAsync("alert"), each => (string?)each["what"] == "permissions" && (string?)each["subject"] == _home.LocalLlm);
    }

    [Fact]
    public async Task What_helix_makes_is_closed_from_the_beginning()
    {
        await using var fresh = new TempHome();
        (await fresh.HelixAsync("start")).Succeeded();

        var report = (await fresh.Api.PostAsync("/helix/v1/security/run", "{}")).Is(200).Json;

        // the test itself wrote the configuration
        Assert.DoesNotContain(Findings(report), finding => (string)finding["name"]! is "permissions" or "owner" && !fresh.Config.StartsWith((string)finding["subject"]!, StringComparison.Ordinal));
    }

    public static TheoryData<string, bool> Sandboxes => new()
    {
        { "bubblewrap", true }, { "bubblewrap", false }, { "unshare", true }, { "unshare", false }, { "landlock", true }, { "landlock", false },
    };

    [Theory]
    [MemberData(nameof(Sandboxes))]
    public async Task An_engine_in_its_sandbox_is_as_it_was_promised_when_it_is_seen_from_outside(string tier, bool asRoot)
    {
        await using var home = new TempHome();
        home.Environment["HELIX_SANDBOX"] = tier;
        if (asRoot) Assert.SkipUnless(Environment.UserName == "root", "needs root");
        else
        {
            Nobody.May(home, Binary.Path);
            (await Launched.RunAsync(new Command("/bin/chown", ["-R", "65534:65534", home.Folder], home.Environment, "/"))).Succeeded();
        }

        (await RunAsync("start")).Succeeded();
        try
        {
            // the variable only names the highest tier: where it does not work, another or none is used, and little is promised
            var used = (string?)(await home.Api.GetAsync("/helix/v1/status")).Is(200).Json["sandbox"];
            Assert.SkipUnless(used == tier, $"{tier} does not work here: {used}");
            (await home.Gateway.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hi"}]}""")).Is(200);

            var report = (await home.Api.PostAsync("/helix/v1/security/run", "{}")).Is(200).Json;

            Assert.Contains(report["engines"]!.AsArray(), engine => (string?)engine == "builtin-helix-selftest");
            Assert.DoesNotContain(Findings(report), finding => (string)finding["name"]! is "sandbox_lost" or "foreign_process" or "engine_listens");
            Assert.NotNull(report["next"]);
        }
        finally
        {
            (await RunAsync("stop")).Succeeded();
        }

        Task<Ended> RunAsync(string verb) => Launched.RunAsync(asRoot ? home.Command(verb) : Nobody.Runs(home.Command(verb)));
    }

    [Fact]
    public async Task Ten_wrong_keys_raise_one_alert()
    {
        for (var at = 0; at < 25; at++) (await _home.Gateway.SendAsync(HttpMethod.Get, "/v1/models", null, ("Authorization", $"Bearer hx_wrong{at}"))).Is(401);

        await Eventually.TrueAsync(async () => (await EventsAsync("alert")).Any(each => (string?)each["what"] == "wrong_keys"), "an alert");
        await LookAsync();
        Assert.Single(await EventsAsync("alert"), each => (string?)each["what"] == "wrong_keys");
        Assert.Contains(Findings((await _home.Api.GetAsync("/helix/v1/security")).Is(200).Json), finding => (string)finding["name"]! == "wrong_keys" && (string)finding["subject"]! == "127.0.0.1");
    }

    [Fact]
    public async Task What_could_be_safer_is_shown_with_its_command_while_helix_runs_and_while_it_does_not()
    {
        await LookAsync();

        var running = JsonNode.Parse((await _home.HelixAsync("doctor", "--harden", "--format", "json")).Out)!;

        Assert.NotNull(running["looked"]);
        Assert.Contains(running["proposals"]!.AsArray(), each => (string?)each!["command"] == "helix config set security.require_key true");

        await using var other = new TempHome();
        other.Configure("security:\n  auto_sandbox: false\n");
        var text = await other.HelixAsync("doctor", "--harden");
        Assert.Equal(Unhealthy, text.Code);
        Assert.Contains("helix config set security.auto_sandbox true", text.Out, StringComparison.Ordinal);
        Assert.Contains("helix does not run", text.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_with_the_right_signature_is_taken_and_a_false_one_is_refused_and_told()
    {
        await using var mirror = await MirrorServer.StartAsync();
        await using var home = new TempHome();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = Path.Combine(home.Folder, "lists.pub");
        await File.WriteAllTextAsync(pem, key.ExportSubjectPublicKeyInfoPem(), TestContext.Current.CancellationToken);
        home.Configure($"security:\n  advisories: {mirror.Of("https://lists.example/advisories.yaml")}\n  advisories_key: {pem}\n");
        var list = Signed(2_100_000_001, key);
        mirror.Files.Add("/lists.example/advisories.yaml", list);
        (await home.HelixAsync("start")).Succeeded();

        Assert.Equal(2_100_000_001, (int)(await RunAsync())["list_number"]!);

        mirror.Files.Add("/lists.example/advisories.yaml", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(list).Replace("2100000001", "2100000002", StringComparison.Ordinal)));
        var report = await RunAsync();
        Assert.Equal(2_100_000_001, (int)report["list_number"]!);
        Assert.Single(Findings(report), finding => (string)finding["name"]! == "advisories_refused");

        async Task<JsonNode> RunAsync() => (await home.Api.PostAsync("/helix/v1/security/run", "{}")).Is(200).Json;
    }

    private static byte[] Signed(int number, ECDsa key)
    {
        var list = Encoding.UTF8.GetBytes($"number: {number}\ndate: 2026-12-24\nadvisories: []\n");
        return [.. list, .. Encoding.ASCII.GetBytes($"# signature: {Convert.ToBase64String(key.SignData(list, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}\n")];
    }

    [Fact]
    public async Task The_plain_doctor_says_that_something_is_open()
    {
        var key = Path.Combine(_home.Folder, "key");
        await File.WriteAllBytesAsync(key, new byte[32], TestContext.Current.CancellationToken);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        (await _home.HelixAsync("config", "set", "backup.key_file", key)).Succeeded();
        await Eventually.TrueAsync(async () => Findings(await LookAsync()).Any(finding => (string)finding["subject"]! == key), "the key is looked at");

        var doctor = await _home.HelixAsync("doctor");

        Assert.Equal(Unhealthy, doctor.Code);
        Assert.Contains("security: ", doctor.Out, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.OtherRead, File.GetUnixFileMode(key));
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        await LookAsync();
        Assert.Contains(await EventsAsync("security"), each => (string?)each["what"] == "cleared" && (string?)each["subject"] == key);
    }

    internal async Task<JsonNode> LookAsync() => (await _home.Api.PostAsync("/helix/v1/security/run", "{}")).Is(200).Json;

    private static IEnumerable<JsonNode> Findings(JsonNode report) => report["findings"]!.AsArray().Select(each => each!);

    private async Task<JsonNode[]> EventsAsync(string kind) => [.. (await _home.Api.GetAsync($"/helix/v1/history?kind={kind}&limit=1000")).Is(200).Json["events"]!.AsArray().Select(each => each!)];

    public sealed class Watched : RunningHome
    {
        protected override async Task StartedAsync() => (await Home.HelixAsync("models", "add", ModelFile.Write(Home.Folder, "tiny", "This is said by the model itself."))).Succeeded();
    }
}
