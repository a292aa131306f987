using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>helix brings itself to another release while it works. Releases are the program under test under another name, and stand-ins that are no good.</summary>
[Collection(Alone.Name)]
public sealed class SelfUpdateTests
{
    private const int StartFailed = 7, Refused = 6;
    private const int Clients = 16;
    private static readonly int s_rounds = Ring.IsLong ? 10 : 2;
    private const string Chat = "/v1/chat/completions";
    private const string Short = $$"""{"model":"{{SelfTestModel.Id}}","messages":[{"role":"user","content":"Hi"}],"max_tokens":3}""";
    private const string Long = """{"model":"long","prompt":"Go","temperature":0,"max_tokens":6000,"stream":true}""";

    private static readonly string s_answer = ModelFile.Words(1500);

    [Fact]
    public async Task Under_load_no_request_is_lost_and_the_engines_do_not_notice()
    {
        await using var home = await StartedAsync();
        (await home.HelixAsync("models", "add", ModelFile.Write(home.Folder, "long", s_answer))).Succeeded();
        using var stream = await home.Gateway.StreamAsync("/v1/completions", Long);
        Assert.True(await stream.NextTextAsync());
        var (daemon, keeper, engines) = (home.Daemon, home.Keeper, home.Engines);
        await using var crowd = new Crowd(home.Gateway, Clients, Chat, Short);
        await crowd.AnsweredAsync(Clients);

        var last = "";
        for (var round = 1; round <= s_rounds; round++)
        {
            last = $"2026.12.{round}";
            (await home.HelixAsync("update", "--from", Release(home, last))).Succeeded();
            await crowd.AnsweredAsync(2 * Clients);
            Assert.Equal(last, await ReleaseAsync(home));
            await Eventually.TrueAsync(async () => (await HistoryAsync(home, "update")) is { Length: var steps } && steps == 3 * round, "it was watched, and is kept");
            Assert.True(Directory.GetDirectories(Versions(home)).Length <= 2, "the one in use and the one before are enough");
        }

        await Unlost(crowd);
        await stream.ToEndAsync();
        Assert.Equal((s_answer, true), (stream.Text, stream.Done));
        Assert.Equal(engines, home.Engines);
        Assert.Contains($"(release {last})", (await home.HelixAsync("version")).Succeeded().Out, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => home.Alive.Count(process => process.Role == "daemon") == 1 && home.Daemon != daemon, "only the new daemon is left");
        // once it was watched, the keeper goes on as the new release, in place
        await Eventually.TrueAsync(() => ProgramOf(keeper.Pid) == Path.Combine(Versions(home), last, "helix"), "the keeper is of the new release");
        Assert.Equal(keeper.Pid, home.Keeper.Pid);
        Assert.Equal(Enumerable.Repeat((string[])["switching", "switched", "kept"], s_rounds).SelectMany(each => each), await HistoryAsync(home, "update"));
        // an engine that starts now is the new release's
        (await home.HelixAsync("models", "add", ModelFile.Write(home.Folder, "late", "Late but here."))).Succeeded();
        (await home.Gateway.PostAsync("/v1/completions", """{"model":"late","prompt":"Go","max_tokens":3}""")).Is(200);
        Assert.Contains(home.Engines.Except(engines), engine => engine.CommandLine.Contains(Path.Combine(Versions(home), last, "helix"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_next_start_takes_the_release_and_a_newer_build_goes_before_it()
    {
        await using var home = await StartedAsync();
        (await home.HelixAsync("update", "--from", Release(home, "2026.12.1"))).Succeeded();
        (await home.HelixAsync("stop")).Succeeded();

        (await home.HelixAsync("start")).Succeeded();
        Assert.Equal("2026.12.1", await ReleaseAsync(home));

        // a build of the launcher's that came after it
        var build = Release(home, "");
        await File.WriteAllTextAsync(Path.Combine(build, ".stamp"), "");
        (await Launched.RunAsync(new Command(Path.Combine(build, "helix"), ["restart"], home.Environment, home.Folder))).Succeeded();
        Assert.Null(await ReleaseAsync(home));
    }

    [Theory]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("exec sleep 1000", "had not answered after")]
    public async Task A_release_that_does_not_come_to_work_is_given_up_and_no_request_is_lost(string daemonScript, string why)
    {
        await using var home = await StartedAsync();
        var (daemon, engines) = (home.Daemon, home.Engines);
        await using var crowd = new Crowd(home.Gateway, Clients, Chat, Short);
        await crowd.AnsweredAsync(Clients);

        var updated = await home.HelixAsync("update", "--from", StandIn(home, "6.6.6", daemonScript));

        updated.Failed(StartFailed, "6.6.6 was given up");
        await crowd.AnsweredAsync(2 * Clients);
        var seen = await Unlost(crowd);
        Assert.InRange(seen.Longest.TotalSeconds, 0, 15);
        Assert.Equal(engines, home.Engines);
        await Eventually.TrueAsync(() => home.Daemon is { } now && now != daemon, "another daemon of the program before runs");
        Assert.Null(await ReleaseAsync(home));
        Assert.False(Path.Exists(Path.Combine(home.LocalLlm, "helix", "current")));
        await Eventually.TrueAsync(async () => (await HistoryAsync(home, "alert")).Contains("update_rolled_back"), "the alert is in the history");
        Assert.Contains(why, (await home.HelixAsync("history", "--kind", "alert")).Succeeded().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_that_fails_its_rehearsal_changes_nothing()
    {
        await using var home = await StartedAsync();
        var daemon = home.Daemon;

        (await home.HelixAsync("update", "--from", StandIn(home, "../7", ""))).Failed(Refused, "no name");

        Assert.Equal(daemon, home.Daemon);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(home.LocalLlm, "helix", "staging")));
    }

    [Theory]
    [InlineData("helix.tar.gz", "the SHA-256 of helix.tar.gz is")]
    [InlineData("SHA256SUMS.sig", "SHA256SUMS.sig")]
    public async Task An_archive_that_is_not_what_its_makers_signed_is_refused_and_nothing_is_changed(string changed, string why)
    {
        await using var home = new TempHome();
        var archive = Signed(home, StandIn(home, "6.6.6", "exit 3"));
        home.Configure($"updates:\n  helix_key: {Path.Combine(home.Folder, "key.pem")}\n");
        (await home.HelixAsync("start")).Succeeded();
        var daemon = home.Daemon;
        await using (var file = new FileStream(Path.Combine(Path.GetDirectoryName(archive)!, changed), FileMode.Open))
        {
            file.Seek(-1, SeekOrigin.End);
            var last = file.ReadByte();
            file.Seek(-1, SeekOrigin.End);
            file.WriteByte((byte)(last ^ 1));
        }

        (await home.HelixAsync("update", "--from", archive)).Failed(Refused, why);

        Assert.Equal(daemon, home.Daemon);
        Assert.False(Directory.Exists(Versions(home)));
        Assert.Equal(["refused"], await HistoryAsync(home, "update"));
    }

    [Fact]
    public async Task What_its_makers_signed_is_tried()
    {
        await using var home = new TempHome();
        var archive = Signed(home, StandIn(home, "6.6.6", "exit 3"));
        home.Configure($"updates:\n  helix_key: {Path.Combine(home.Folder, "key.pem")}\n");
        (await home.HelixAsync("start")).Succeeded();

        (await home.HelixAsync("update", "--from", archive)).Failed(StartFailed, "6.6.6 was given up");
    }

    [Fact]
    public async Task A_new_commit_is_built_beside_and_taken_by_hand_and_by_itself()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/git"), "git is not here");
        await using var home = new TempHome();
        var clone = Path.Combine(home.Folder, "clone");
        await ShAsync(home, $$"""
            mkdir work && cd work && git init -q -b main .
            cat > helix <<'EOF'
            #!/bin/sh
            # stands in for the launcher: its build is a copy
            set -eu
            here=$(cd "$(dirname "$0")" && pwd)
            out=$here/artifacts/helix/$(cat "$here/VERSION")
            mkdir -p "$out"
            cp -r "{{Path.GetDirectoryName(Binary.Path)}}/." "$here/VERSION" "$out/"
            ln -sfn "${out##*/}" "$here/artifacts/helix/current"
            EOF
            chmod +x helix && echo artifacts/ > .gitignore && echo one > VERSION
            git add -A && git {{Author}} commit -q -m one && git clone -q --bare . ../origin.git && git clone -q ../origin.git ../clone && git remote add origin ../origin.git
            """);
        home.Environment["HELIX_CLONE"] = clone;
        home.Configure("updates:\n  watch_minutes: 0\n  quarantine_days: 0\n");
        (await home.HelixAsync("start")).Succeeded();
        var engines = home.Engines;
        Assert.Contains("up to date", (await home.HelixAsync("update", "--check")).Succeeded().Out, StringComparison.Ordinal);

        await PushAsync("two");
        Assert.Contains("is built and taken within the hour", (await home.HelixAsync("update", "--check")).Succeeded().Out, StringComparison.Ordinal);
        (await home.HelixAsync("update")).Succeeded();
        Assert.Equal("two", await ReleaseAsync(home));

        await PushAsync("three");
        (await home.Api.PostAsync("/helix/v1/updates/run", "{}")).Is(202);
        await Eventually.TrueAsync(async () => await ReleaseAsync(home) == "three", "the next commit is taken by itself", () => File.ReadAllText(Path.Combine(home.LocalLlm, "logs", "helix", "daemon.log")));

        Assert.Equal(engines, home.Engines);
        Assert.Equal("one", await ShAsync(home, "cd clone && git status --porcelain && cat VERSION"));
        await Eventually.TrueAsync(async () => (await HistoryAsync(home, "update"))[^1] == "kept", "it is kept");
        Assert.Contains("helix's clone was changed by hand", (await ChangedAsync()).Out, StringComparison.Ordinal);

        Task PushAsync(string version) => ShAsync(home, $"cd work && echo {version} > VERSION && git {Author} commit -q -a -m {version} && git push -q origin main");

        async Task<Ended> ChangedAsync()
        {
            await File.WriteAllTextAsync(Path.Combine(clone, "VERSION"), "mine");
            return (await home.HelixAsync("update", "--check")).Succeeded();
        }
    }

    private const string Author = "-c user.name=t -c user.email=t@example.org";

    private static async Task<TempHome> StartedAsync()
    {
        var home = new TempHome();
        home.Configure("updates:\n  watch_minutes: 0\n");
        (await home.HelixAsync("start")).Succeeded();
        (await home.Gateway.PostAsync(Chat, Short)).Is(200);
        return home;
    }

    private static async Task<Seen> Unlost(Crowd crowd)
    {
        var seen = await crowd.EndAsync();
        Ring.Say($"{seen.Answered} answered, {seen.Lost} lost, {seen.Refused} refused, {seen.Failed.Count} failed otherwise, the longest wait {seen.Longest.TotalSeconds:0.0} s");
        Assert.Empty(seen.Failed);
        Assert.Equal((0, 0), (seen.Lost, seen.Refused));
        return seen;
    }

    private static string Versions(TempHome home) => Path.Combine(home.LocalLlm, "helix", "versions");

    private static string? ProgramOf(int pid) => new FileInfo($"/proc/{pid}/exe").LinkTarget;

    private static async Task<string?> ReleaseAsync(TempHome home) => (string?)(await home.Api.GetAsync("/helix/v1/status")).Is(200).Json["release"];

    private static async Task<string[]> HistoryAsync(TempHome home, string kind) =>
        [.. (await home.Api.GetAsync($"/helix/v1/history?kind={kind}")).Is(200).Json["events"]!.AsArray().Select(each => (string)each!["what"]!)];

    /// <summary>The program under test, as a release of this name.</summary>
    private static string Release(TempHome home, string label)
    {
        var folder = home.Make($"build-{label}");
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Binary.Path)!, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(Path.GetDirectoryName(Binary.Path)!, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        if (label.Length > 0) File.WriteAllText(Path.Combine(folder, "VERSION"), label);
        return folder;
    }

    /// <summary>A release that passes its rehearsal, and whose daemon does this.</summary>
    private static string StandIn(TempHome home, string version, string daemon)
    {
        var program = Path.Combine(home.Make("stand-in"), "helix");
        File.WriteAllText(program, $"#!/bin/sh\ncase $1 in\nversion) echo '{{\"version\":\"{version}\"}}' ;;\ndaemon) {daemon} ;;\nesac\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        return Path.GetDirectoryName(program)!;
    }

    /// <summary>An archive with a list and a signature beside it; the key lies in the home's folder.</summary>
    private static string Signed(TempHome home, string folder)
    {
        var makers = home.Make("makers");
        var archive = Path.Combine(makers, "helix.tar.gz");
        using (var zipped = new GZipStream(File.Create(archive), CompressionLevel.Fastest)) TarFile.CreateFromDirectory(folder, zipped, includeBaseDirectory: true);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var list = Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(archive)))}  helix.tar.gz\n");
        File.WriteAllBytes(Path.Combine(makers, "SHA256SUMS"), list);
        File.WriteAllBytes(Path.Combine(makers, "SHA256SUMS.sig"), key.SignData(list, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        File.WriteAllText(Path.Combine(home.Folder, "key.pem"), key.ExportSubjectPublicKeyInfoPem());
        return archive;
    }

    private static async Task<string> ShAsync(TempHome home, string script) =>
        (await Launched.RunAsync(new Command("/bin/sh", ["-euc", script], home.Environment, home.Folder))).Succeeded().Out.Trim();
}
