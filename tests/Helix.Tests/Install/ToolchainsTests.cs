using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Helix.Core.Manifests;
using Helix.Install;

namespace Helix.Tests.Install;

/// <summary>Tools that a machine lacks, fetched from a server of the test's own in the place of their makers'.</summary>
public sealed class ToolchainsTests : IAsyncLifetime
{
    private const string Node = "download/release/v24.18.0/node-v24.18.0-linux-x64.tar.gz";
    private const string NodeDigests = "download/release/v24.18.0/SHASUMS256.txt";

    private readonly InstallStand _stand = new();
    private FileServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Fetched => Path.Combine(_stand.Ground.Home.Tools, "node", "24.18.0");

    private static InstallWay Npm => InstallStand.Way("""{"kind": "npm", "package": "engine", "version": "1.0.0"}""");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64, "the archives of these tests are for Linux on x64");
        _server = await FileServer.StartAsync();
        foreach (var host in (string[])["https://nodejs.org/", "https://github.com/"]) _stand.Mirrors.Add($"{host}={_server.Url}/");
        // a machine on which nothing of it is installed
        _stand.Script("sh", "exec /bin/sh \"$@\"");
        _stand.Script("env", "exec /usr/bin/env \"$@\"");
        _stand.Environment["PATH"] = Path.Combine(_stand.Root, "bin");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _stand.Dispose();
    }

    public static TheoryData<string> Ids => [.. Toolchains.All.Select(chain => chain.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_tells_a_file_and_its_digests_for_every_machine_on_which_engines_are_built_or_installed(string id)
    {
        var chain = Toolchains.All.Single(chain => chain.Id == id);

        Assert.Equal(InstallKind.Archive, chain.Way.Kind);
        Assert.NotEmpty(chain.Programs);
        Assert.True(chain.Way.Bytes > 10_000_000, "what it takes on disk");
        foreach (var (os, architecture) in ((string, string)[])[("linux", "x64"), ("linux", "arm64"), ("macos", "arm64"), ("macos", "x64")])
        {
            var asset = Assert.IsType<Asset>(chain.AssetFor(os, architecture));
            var name = asset.Name.Replace("{version}", chain.Version, StringComparison.Ordinal);
            foreach (var address in (Uri[])[AssetFetch.AddressOf(chain.Way, asset, chain.Version), AssetFetch.ListOf(chain.Way.Checksums!, chain.Version, name)])
            {
                Assert.Equal("https", address.Scheme);
                Assert.Contains(chain.Version, address.AbsoluteUri, StringComparison.Ordinal);
                Assert.DoesNotContain(["{", "%7B"], brace => address.AbsoluteUri.Contains(brace, StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [Fact]
    public async Task Where_there_is_no_Node_it_is_fetched_and_the_real_npm_installs_with_it()
    {
        var (node, npm) = (RealProgram("node"), RealProgram("npm"));
        Assert.SkipUnless(node is not null && npm is not null, "node or npm is not on the PATH");
        PublishNode($"exec {node} \"$@\"", $"require({System.Text.Json.JsonSerializer.Serialize(new FileInfo(npm!).ResolveLinkTarget(true)?.FullName ?? npm)})");
        var package = Packed.TarGz(("package/package.json", """{"name": "engine", "version": "1.0.0"}"""));
        _server.Files["/engine"] = Encoding.UTF8.GetBytes($$$$$"""{"name": "engine", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {"name": "engine", "version": "1.0.0", "dist": {"tarball": "{{{{{_server.Url}}}}}/engine.tgz", "integrity": "sha512-{{{{{Convert.ToBase64String(System.Security.Cryptography.SHA512.HashData(package))}}}}}"}}}}""");
        _server.Files["/engine.tgz"] = package;
        _stand.Environment["npm_config_registry"] = _server.Url;
        _stand.Script("node", "echo v18.1.0"); // too old, and first on the PATH

        var outcome = Assert.IsType<InstallOutcome.Done>(await _stand.InstallAsync(Npm));

        Assert.Equal(Path.Combine(Fetched, "bin", "node"), outcome.Tools["node"]);
        Assert.Contains("node_modules/engine/package.json", _stand.Made);
        Assert.Contains(_stand.Reports, report => report.Step == "downloading node-v24.18.0-linux-x64.tar.gz");
        // the second finds it
        await _stand.InstalledAsync(Npm);
        Assert.Single(_server.Asked, path => path == "/" + Node);
        Assert.Equal(["24.18.0"], Directory.GetFileSystemEntries(Path.GetDirectoryName(Fetched)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Two_that_need_it_at_the_same_time_fetch_it_once()
    {
        PublishNode("echo v24.18.0", "console.log('11.0.0')");
        var (first, second) = (new InstallRun(_stand.Ground, _stand.Job(Npm), new Dictionary<Tool, FoundTool>()), new InstallRun(_stand.Ground, _stand.Job(Npm) with { LogFile = _stand.LogFile + ".2" }, new Dictionary<Tool, FoundTool>()));

        var outcomes = await Task.WhenAll(_stand.Ground.Toolchains.FetchAsync("node", first, Token), _stand.Ground.Toolchains.FetchAsync("node", second, Token));

        Assert.All(outcomes, Assert.Null);
        Assert.Single(_server.Asked, path => path == "/" + Node);
        Assert.Contains(_stand.Reports, report => report.Step == "waiting for Node.js");
    }

    [Fact]
    public async Task What_its_makers_did_not_sign_is_thrown_away()
    {
        PublishNode("echo v24.18.0", "");
        _server.Files["/" + NodeDigests] = Encoding.UTF8.GetBytes($"{new string('0', 64)}  {Path.GetFileName(Node)}\n");

        var failed = await _stand.RefusedAsync(Npm);

        Assert.StartsWith("Node.js 20 or newer is not on the PATH, and could not be fetched: what ", failed.Reason, StringComparison.Ordinal);
        Assert.EndsWith("Or install Node.js 20 or newer (Debian: nodejs npm).", failed.Remedy, StringComparison.Ordinal);
        Assert.False(failed.Waits);
        Assert.False(Directory.Exists(Fetched));
    }

    [Fact]
    public async Task What_does_not_start_here_is_not_kept()
    {
        PublishNode("echo 'version `GLIBC_2.99 not found' >&2; exit 1", "");

        var failed = await _stand.RefusedAsync(Npm);

        Assert.Contains("Node.js 24.18.0 was fetched, and does not start on this machine: node ended with exit code 1: version `GLIBC_2.99 not found", failed.Reason, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(Fetched)!));
    }

    [Fact]
    public async Task That_it_is_not_there_or_that_helix_is_offline_is_said()
    {
        var missing = await _stand.RefusedAsync(Npm);
        _stand.Offline = true;
        var offline = await _stand.RefusedAsync(Npm);

        Assert.Contains("has no /", missing.Reason, StringComparison.Ordinal);
        Assert.Equal("Node.js 20 or newer is not on the PATH, and could not be fetched: offline is on, and what node 24.18.0 needs is not cached", offline.Reason);
        Assert.True(offline.Waits);
    }

    [Fact]
    public async Task Nothing_is_fetched_while_something_is_missing_that_only_the_user_can_install()
    {
        var failed = await _stand.RefusedAsync(InstallStand.Way("""{"kind": "npm", "package": "engine", "version": "1.0.0", "needs": ["git"]}"""));

        Assert.Equal("git is not on the PATH", failed.Reason);
        Assert.False(failed.Waits);
        Assert.Empty(_server.Asked);
    }

    [Fact]
    public async Task A_uv_of_our_own_keeps_its_Pythons_in_the_home_and_asks_the_users_mirror_for_them()
    {
        const string Path = "astral-sh/uv/releases/download/0.13.3/uv-x86_64-unknown-linux-gnu.tar.gz";
        // a stand-in: it says what it was told
        var archive = Packed.TarGz(("*uv-x86_64-unknown-linux-gnu/uv", "#!/bin/sh\n[ \"$1\" = --version ] && { echo uv 0.13.3; exit 0; }\necho \"$UV_PYTHON_INSTALL_DIR|$UV_PYTHON_INSTALL_MIRROR|$UV_PYTHON_INSTALL_BIN\"\nexit 1\n"));
        _server.Files["/" + Path] = archive;
        _server.Files[$"/{Path}.sha256"] = Encoding.UTF8.GetBytes($"{Packed.Sha256(archive)} *{System.IO.Path.GetFileName(Path)}\n");
        _stand.Script("python3", "echo 3.8.1");

        var failed = await _stand.RefusedAsync(InstallStand.Way("""{"kind": "python", "package": "engine", "version": "1.0", "python": "3.12"}"""));

        Assert.Equal("making a Python environment", failed.Step);
        Assert.EndsWith($"{Toolchains.PythonsOf(_stand.Ground.Home)}|{_server.Url}/astral-sh/python-build-standalone/releases/download|0", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_of_cmake_gets_it_too()
    {
        var archive = Packed.TarGz(("*cmake-4.4.5-linux-x86_64/bin/cmake", "#!/bin/sh\necho cmake version 4.4.5\n"));
        _server.Files["/Kitware/CMake/releases/download/v4.4.5/cmake-4.4.5-linux-x86_64.tar.gz"] = archive;
        _server.Files["/Kitware/CMake/releases/download/v4.4.5/cmake-4.4.5-SHA-256.txt"] = Encoding.UTF8.GetBytes($"{Packed.Sha256(archive)}  cmake-4.4.5-linux-x86_64.tar.gz\n");
        _stand.Script("cmake", "echo cmake version 3.10.2"); // too old
        var way = InstallStand.Way("""{"kind": "archive", "version": "1.0", "url": "https://example.org/{asset}", "assets": [{"os": "linux", "architectures": ["x64"], "name": "engine.tar.gz"}], "needs": ["cmake"]}""");
        var run = new InstallRun(_stand.Ground, _stand.Job(way), new Dictionary<Tool, FoundTool>());

        var found = await new Toolbox(_stand.Child, _stand.Ground.Environment, Path.Combine(_stand.Root, "said"), (id, stop) => _stand.Ground.Toolchains.FetchAsync(id, run, stop)).FindAsync(way, Token);

        var cmake = Assert.IsType<ToolsFound.All>(found).Tools[Tool.CMake];
        Assert.Equal((Path.Combine(_stand.Ground.Home.Tools, "cmake", "4.4.5", "bin", "cmake"), new Version(4, 4, 5)), (cmake.Path, cmake.Version));
    }

    /// <param name="node">Lines of sh.</param>
    /// <param name="npm">JavaScript.</param>
    private void PublishNode(string node, string npm)
    {
        const string Root = "node-v24.18.0-linux-x64/";
        using var packed = new MemoryStream();
        using (var zipped = new GZipStream(packed, CompressionLevel.Fastest))
        using (var tar = new TarWriter(zipped))
        {
            foreach (var (name, text) in ((string, string)[])[("bin/node", "#!/bin/sh\n" + node + "\n"), ("lib/npm-cli.js", "#!/usr/bin/env node\n" + npm + "\n")])
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, Root + name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute });
            // as in the real one
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, Root + "bin/npm") { LinkName = "../lib/npm-cli.js" });
        }

        var archive = packed.ToArray();
        _server.Files["/" + Node] = archive;
        _server.Files["/" + NodeDigests] = Encoding.UTF8.GetBytes($"{new string('1', 64)}  node-v24.18.0-darwin-arm64.tar.gz\n{Packed.Sha256(archive)}  {Path.GetFileName(Node)}\n");
    }

    private static string? RealProgram(string name) => Toolbox.OnPath(Helix.Processes.KeeperEnvironment.Ours(), name);
}
