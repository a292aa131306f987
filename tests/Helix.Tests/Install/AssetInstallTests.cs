using System.Text;
using Helix.Core.Manifests;
using Helix.Install;

namespace Helix.Tests.Install;

public sealed class AssetInstallTests : IAsyncLifetime
{
    private static readonly byte[] s_packed = Packed.TarGz(("*top/engine", "#!/bin/sh\necho one\n"), ("top/lib/data", "data"));

    private readonly InstallStand _stand = new();
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _stand.Mirrors.Add($"https://github.com/={_server.Url}/hub/");
        _stand.Mirrors.Add($"https://api.github.com/={_server.Url}/api/");
        _stand.Mirrors.Add($"https://example.org/={_server.Url}/");
        _server.Files["/engine-1.0.tar.gz"] = s_packed;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _stand.Dispose();
    }

    [Fact]
    public async Task An_archive_becomes_a_release()
    {
        var digest = Assert.Single(await _stand.InstalledAsync(Archive()));

        Assert.Equal(["engine", "lib/data"], _stand.Made);
        Assert.True(File.GetUnixFileMode(Path.Combine(_stand.Staging, "engine")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(new FetchedDigest("engine-1.0.tar.gz", "sha256", Packed.Sha256(s_packed), DigestFrom.Recorded), digest);
        Assert.Contains(_stand.Reports, report => report is { Step: "downloading engine-1.0.tar.gz", DoneBytes: > 0 });
        Assert.Contains("unpacking engine-1.0.tar.gz", _stand.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_gets_its_name_and_may_be_run()
    {
        _server.Files["/engine-linux"] = "#!/bin/sh\n"u8.ToArray();

        var digest = Assert.Single(await _stand.InstalledAsync(InstallStand.Way("""
            {"kind": "binary", "program": "engine", "version": "1.0", "url": "https://example.org/{asset}", "assets": [{"os": "linux", "architectures": ["x64"], "name": "engine-linux"}]}
            """)));

        Assert.Equal(["engine"], _stand.Made);
        Assert.True(File.GetUnixFileMode(Path.Combine(_stand.Staging, "engine")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal("engine-linux 1.0", digest.What);
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task What_the_manifest_says_of_the_digest_counts(string algorithm)
    {
        var right = algorithm == "sha256" ? Packed.Sha256(s_packed) : Packed.Sha512(s_packed);
        var wrong = new string('0', right.Length);

        var failed = await _stand.RefusedAsync(Archive(asset: $", \"{algorithm}\": \"{wrong}\""));
        Assert.Equal((false, "downloading engine-1.0.tar.gz"), (failed.Waits, failed.Step));
        Assert.Contains(wrong, failed.Reason, StringComparison.Ordinal);
        Assert.Equal(new FetchedDigest("engine-1.0.tar.gz", algorithm, right, DigestFrom.Manifest), Assert.Single(await _stand.InstalledAsync(Archive(asset: $", \"{algorithm}\": \"{right}\""))));
    }

    [Fact]
    public async Task A_file_of_digests_counts()
    {
        var way = Archive(more: """, "checksums": "https://example.org/sums-{version}.txt" """);
        Assert.Contains("has no /sums-1.0.txt", (await _stand.RefusedAsync(way)).Reason, StringComparison.Ordinal);

        _server.Files["/sums-1.0.txt"] = Encoding.UTF8.GetBytes($"{new string('0', 64)}  another\n");
        Assert.Contains("does not tell the digest of engine-1.0.tar.gz", (await _stand.RefusedAsync(way)).Reason, StringComparison.Ordinal);

        // a list that was damaged on its way is asked for again, too
        _server.Files["/sums-1.0.txt"] = Encoding.UTF8.GetBytes($"{new string('0', 64)}  engine-1.0.tar.gz\n");
        Assert.False((await _stand.RefusedAsync(way)).Waits);

        _server.Files["/sums-1.0.txt"] = Encoding.UTF8.GetBytes($"{Packed.Sha256(s_packed)}  engine-1.0.tar.gz\n");
        Assert.Equal(DigestFrom.ChecksumFile, Assert.Single(await _stand.InstalledAsync(way)).From);

        _server.Files["/engine-1.0.tar.gz"] = Packed.TarGz(("top/engine", "another"));
        Directory.Delete(_stand.Cache, recursive: true);
        Assert.False((await _stand.RefusedAsync(way)).Waits);
    }

    [Fact]
    public async Task What_GitHub_says_of_the_digest_counts_and_its_silence_is_no_failure()
    {
        var way = InstallStand.Way("""
            {"kind": "archive", "version": "1.0", "strip": 1, "url": "https://github.com/o/r/releases/download/v{version}/{asset}", "assets": [{"os": "linux", "architectures": ["x64"], "name": "engine.tar.gz"}]}
            """);
        _server.Files["/hub/o/r/releases/download/v1.0/engine.tar.gz"] = s_packed;
        _server.Files["/api/repos/o/r/releases/tags/v1.0"] = Encoding.UTF8.GetBytes($$"""{"assets": [{"name": "engine.tar.gz", "digest": "sha256:{{new string('0', 64)}}"}]}""");
        Assert.False((await _stand.RefusedAsync(way)).Waits);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_stand.Cache, "files"), "*", SearchOption.AllDirectories));

        _server.Files["/api/repos/o/r/releases/tags/v1.0"] = Encoding.UTF8.GetBytes($$"""{"assets": [{"name": "engine.tar.gz", "digest": "sha256:{{Packed.Sha256(s_packed)}}"}]}""");
        Assert.Equal(DigestFrom.Registry, Assert.Single(await _stand.InstalledAsync(way)).From);

        _server.Files.Clear();
        Directory.Delete(Path.Combine(_stand.Root, "local-llm", "providers"), recursive: true);
        Assert.Equal(DigestFrom.Recorded, Assert.Single(await _stand.InstalledAsync(way)).From);
    }

    [Fact]
    public async Task A_file_that_came_before_GitHub_said_its_digest_is_compared_all_the_same()
    {
        var way = InstallStand.Way("""
            {"kind": "archive", "version": "1.0", "strip": 1, "url": "https://github.com/o/r/releases/download/v{version}/{asset}", "assets": [{"os": "linux", "architectures": ["x64"], "name": "engine.tar.gz"}]}
            """);
        var target = Path.Combine(_stand.Cache, "files", AssetFetch.KeyOf(new("https://github.com/o/r/releases/download/v1.0/engine.tar.gz")), "engine.tar.gz");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllBytes(target, Packed.TarGz(("top/engine", "of somebody else")));
        _server.Files["/hub/o/r/releases/download/v1.0/engine.tar.gz"] = s_packed;
        _server.Files["/api/repos/o/r/releases/tags/v1.0"] = Encoding.UTF8.GetBytes($$"""{"assets": [{"name": "engine.tar.gz", "digest": "sha256:{{Packed.Sha256(s_packed)}}"}]}""");

        Assert.Equal(Packed.Sha256(s_packed), Assert.Single(await _stand.InstalledAsync(way)).Value);
    }

    [Fact]
    public async Task What_was_written_down_at_the_first_installation_is_compared_ever_after()
    {
        await _stand.InstalledAsync(Archive());
        Directory.Delete(_stand.Cache, recursive: true);
        _server.Files["/engine-1.0.tar.gz"] = Packed.TarGz(("top/engine", "another"));

        var failed = await _stand.RefusedAsync(Archive());

        Assert.False(failed.Waits);
        Assert.Contains(Packed.Sha256(s_packed), failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_cached_is_not_fetched_again_and_offline_it_is_enough()
    {
        _stand.Offline = true;
        var failed = await _stand.RefusedAsync(Archive());
        Assert.True(failed.Waits);
        Assert.StartsWith("offline is on", failed.Reason, StringComparison.Ordinal);
        Assert.Empty(_server.Asked);

        _stand.Offline = false;
        await _stand.InstalledAsync(Archive());
        _stand.Offline = true;
        await _stand.InstalledAsync(Archive());

        Assert.Equal(["/engine-1.0.tar.gz"], _server.Asked);
        Assert.Equal(["engine", "lib/data"], _stand.Made);
    }

    [Fact]
    public async Task A_cached_file_that_is_damaged_is_fetched_again()
    {
        await _stand.InstalledAsync(Archive());
        var file = Directory.EnumerateFiles(Path.Combine(_stand.Cache, "files"), "*", SearchOption.AllDirectories).Single();
        File.WriteAllText(file, "damaged");

        await _stand.InstalledAsync(Archive());

        Assert.Equal(2, _server.Asked.Count);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_waited_for()
    {
        _stand.Mirrors.Insert(0, "https://example.org/=http://127.0.0.1:9/");

        var failed = await _stand.RefusedAsync(Archive());

        Assert.True(failed.Waits);
        Assert.Contains("127.0.0.1:9", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("failed at downloading engine-1.0.tar.gz", _stand.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hostile_archive_is_refused_in_words()
    {
        _server.Files["/engine-1.0.tar.gz"] = Packed.TarGz(("top/../../outside", "x"));

        var failed = await _stand.RefusedAsync(Archive(asset: $", \"sha256\": \"{Packed.Sha256(_server.Files["/engine-1.0.tar.gz"])}\""));

        Assert.Equal(("unpacking engine-1.0.tar.gz", false), (failed.Step, failed.Waits));
        Assert.Contains("leads out of the folder", failed.Reason, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_stand.Root, "outside")));
    }

    [Fact]
    public async Task An_archive_that_was_damaged_on_its_way_and_that_nobody_vouches_for_is_thrown_away_and_fetched_again()
    {
        _server.Files["/engine-1.0.tar.gz"] = s_packed[..^20];
        var failed = await _stand.RefusedAsync(Archive());
        Assert.True(failed.Waits);
        Assert.Contains("thrown away", failed.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(_stand.Cache, "files"), "*", SearchOption.AllDirectories), file => file.EndsWith(".gz", StringComparison.Ordinal));

        // the same again: it is not to blame, and is not fetched again and again
        Assert.False((await _stand.RefusedAsync(Archive())).Waits);
        Assert.False((await _stand.RefusedAsync(Archive())).Waits);
        Assert.Equal(2, _server.Asked.Count);

        Directory.Delete(_stand.Cache, recursive: true);
        _server.Files["/engine-1.0.tar.gz"] = s_packed;

        Assert.Equal(DigestFrom.Recorded, Assert.Single(await _stand.InstalledAsync(Archive())).From);
    }

    [Fact]
    public async Task Files_of_ours_are_laid_and_steps_are_run()
    {
        _stand.OurFiles["ours.txt"] = "ours\n";
        await _stand.InstalledAsync(Archive(more: """
            , "files": [{"path": "{release}/etc/where", "lines": ["at {release}", "of {version}"]}, {"path": "{release}/ours", "from": "ours.txt"}],
              "steps": [{"run": ["sh", "-c", "echo $GREETING > made; pwd"], "in": "lib", "environment": ["GREETING=hello {version}"]}]
            """));

        Assert.Equal(["engine", "etc/where", "lib/data", "lib/made", "ours"], _stand.Made);
        Assert.Equal($"at {_stand.Final}\nof 1.0\n", File.ReadAllText(Path.Combine(_stand.Staging, "etc/where")));
        Assert.Equal("hello 1.0\n", File.ReadAllText(Path.Combine(_stand.Staging, "lib/made")));
        Assert.Contains($"{_stand.Staging}/lib", _stand.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"path": "{release}/../outside", "lines": ["x"]}""", "does not lie in the release")]
    [InlineData("""{"path": "{release}/x", "lines": ["{port}"]}""", "is not known before the engine is started")]
    [InlineData("""{"path": "{release}/x", "from": "nothing.txt"}""", "helix comes with no file nothing.txt")]
    public async Task A_file_that_cannot_be_laid_is_named(string file, string reason) =>
        Assert.Contains(reason, (await _stand.RefusedAsync(Archive(more: $", \"files\": [{file}]"))).Reason, StringComparison.Ordinal);

    [Fact]
    public async Task A_step_that_fails_tells_its_last_words()
    {
        var failed = await _stand.RefusedAsync(Archive(more: """, "steps": [{"run": ["sh", "-c", "echo doing; echo 'error: it is broken' >&2; exit 3"]}]"""));

        Assert.Equal(("running sh", "sh ended with exit code 3: error: it is broken", false), (failed.Step, failed.Reason, failed.Waits));
        Assert.Contains(_stand.LogFile, failed.Remedy, StringComparison.Ordinal);
        Assert.Contains("doing\n", _stand.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_cancelled_is_dead()
    {
        using var stop = new CancellationTokenSource();
        var installing = _stand.InstallAsync(Archive(more: """, "steps": [{"run": ["sh", "-c", "echo $$ > pid.new; mv pid.new pid; exec sleep 1000"]}]"""), stop.Token);
        var file = Path.Combine(_stand.Staging, "pid");
        await Eventually.TrueAsync(() => File.Exists(file));
        var pid = int.Parse(File.ReadAllText(file));

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => installing);
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task A_release_that_will_not_fit_is_not_begun()
    {
        var failed = await _stand.RefusedAsync(Archive() with { Bytes = long.MaxValue / 2 });

        Assert.True(failed.Waits);
        Assert.Empty(_server.Asked);
    }

    [Fact]
    public async Task All_that_is_missing_is_named_at_once()
    {
        _stand.Environment["PATH"] = Path.Combine(_stand.Root, "bin");

        var failed = await _stand.RefusedAsync(Archive(more: """, "needs": ["git", "node", "compiler"]"""));

        Assert.Equal("looking for tools", failed.Step);
        Assert.Equal("git and a C++ compiler and make or ninja are not on the PATH", failed.Reason);
        Assert.Contains("build-essential", failed.Remedy, StringComparison.Ordinal);
        Assert.False(failed.Waits);
    }

    [Fact]
    public async Task A_tool_that_is_too_old_is_missing()
    {
        _stand.Environment["PATH"] = Path.Combine(_stand.Root, "bin");
        _stand.Script("node", "echo v18.1.0");
        _stand.Script("npm", "echo 9.0.0");
        _stand.Offline = true;

        Assert.StartsWith("Node.js 20 or newer is not on the PATH, and could not be fetched: offline is on", (await _stand.RefusedAsync(Archive(more: """, "needs": ["node"]"""))).Reason, StringComparison.Ordinal);
    }

    private static InstallWay Archive(string asset = "", string more = "") => InstallStand.Way(
        """{"kind": "archive", "version": "1.0", "strip": 1, "url": "https://example.org/{asset}", "assets": [{"os": "linux", "architectures": ["x64"], "name": "engine-{version}.tar.gz" ASSET}] MORE}"""
            .Replace("ASSET", asset, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal));
}
