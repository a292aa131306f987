using System.Collections.Immutable;
using System.Security.Cryptography;
using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Core.Models;
using Helix.Install;
using Helix.Manifests;
using Helix.Models;
using Helix.Tests.Fakes;
using Helix.Tests.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Install;

public sealed class CleanupRunTests : IAsyncLifetime
{
    private readonly TemporaryHome _temporary = new();
    private readonly ReleaseStore _store;
    private readonly ModelLibrary _library;
    private readonly Installations _installations;
    private readonly HashSet<string> _alive = new(StringComparer.Ordinal);
    private readonly List<string> _commands = ["a process"];
    private readonly CleanupRun _cleanup;

    public CleanupRunTests()
    {
        var home = _temporary.Home;
        var shelf = new ManifestShelf(home);
        _store = new ReleaseStore(home);
        _library = new ModelLibrary(new LibraryFolder(home.Models), TimeProvider.System, NullLogger<ModelLibrary>.Instance);
        var config = new FixedConfig();
        config.Become(HelixConfig.Default with { AutoManager = new(AutoInstall: false, AutoUpdate: false) });
        var machine = new MachineFacts("linux", "x64", null, new(2, 36), 16_000_000_000, 100_000_000_000, [], false, false);
        _installations = new Installations(
            new(() => machine, (_, _, _) => [], (_, _) => throw new InvalidOperationException("nothing is to be installed"), (_, _, _, _) => throw new InvalidOperationException(), () => throw new InvalidOperationException()),
            _store, shelf, config, TimeProvider.System, NullLogger<Installations>.Instance);
        var look = new CleanupLook(home, _store, shelf, () => _installations.Current, new(() => _alive, () => _commands, _library.NamelessAsync), TimeProvider.System);
        _cleanup = new CleanupRun(home, _store, _installations, look, _library.DropNamelessAsync, () => _alive);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _library.OpenAsync(Token);
        await _installations.StartAsync(Token);
        await _installations.SettledAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _installations.StopAsync(CancellationToken.None);
        _installations.Dispose();
        _library.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task A_dry_run_names_what_goes_and_changes_nothing_and_the_same_goes_after_it()
    {
        Install("1", "2", "3");
        await FillAsync();
        var before = Files();

        var dry = await _cleanup.RunAsync(onlyLook: true, Token);
        Assert.Equal(before, Files());
        var real = await _cleanup.RunAsync(onlyLook: false, Token);

        Assert.Equal(dry.Select(done => done.Item), real.Select(done => done.Item));
        Assert.All(real, done => Assert.Null(done.Problem));
        Assert.All(real, done => Assert.False(Path.Exists(done.Item.Item.Path), done.Item.Item.Path));
        Assert.Empty(await _cleanup.RunAsync(onlyLook: true, Token));
        Assert.Empty(Directory.GetFileSystemEntries(_temporary.Home.Downloads, ".gone-*"));
        Assert.Equal(["3", "2"], [_store.Current("koboldai")!.Version, _store.Previous("koboldai")!.Version]);
    }

    [Fact]
    public async Task A_tool_that_was_fetched_goes_when_nothing_is_started_with_it()
    {
        var tools = _temporary.Home.Tools;
        foreach (var each in (string[])["node/1.0/bin", "node/2.0/bin", "python/cpython-3.12/bin", "cmake/4.0/bin"]) Directory.CreateDirectory(Path.Combine(tools, each));
        File.WriteAllText(Path.Combine(tools, "python/cpython-3.12/bin/python3"), "");
        var staging = _store.Begin("koboldai", "1");
        Directory.CreateDirectory(Path.Combine(staging, "venv/bin"));
        File.CreateSymbolicLink(Path.Combine(staging, "venv/bin/python"), Path.Combine(tools, "python/cpython-3.12/bin/python3"));
        var used = ImmutableSortedDictionary<string, string>.Empty.Add("node", Path.Combine(tools, "node/2.0/bin/node"));
        _store.Finish(new("koboldai", "1", staging, Accelerator.None, InstallKind.Binary, DateTimeOffset.UnixEpoch, 100, used, [], ""), staging);
        _store.Switch("koboldai", "1");

        var gone = await _cleanup.RunAsync(onlyLook: false, Token);

        Assert.Equal(["cmake 4.0, which nothing that is installed needs", "node 1.0, which nothing that is installed needs"], gone.Where(done => done.Item.Kind == Helix.Core.Install.CleanupKind.Toolchain && done.Problem is null).Select(done => done.Item.What));
        Assert.Equal(["cmake", "node", "node/2.0", "node/2.0/bin", "python", "python/cpython-3.12", "python/cpython-3.12/bin"], Directory.GetDirectories(tools, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(tools, path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_used_stays()
    {
        Install("1", "2", "3");
        var kept = AssetFetch.KeyOf(AssetFetch.AddressOf(new ManifestShelf(_temporary.Home).Current.Find("koboldai")!.Install[0], new ManifestShelf(_temporary.Home).Current.Find("koboldai")!.Install[0].Assets[0], "2"));
        Write("downloads/files/" + kept + "/koboldcpp", 10);
        Write("providers/koboldai/data/tmp/x", 10);
        Write("providers/koboldai/data/saved.json", 10);
        Write("models/mine.gguf", 10);
        Write("logs/koboldai/a.log", 10);
        _alive.Add("koboldai");
        _commands.Add(_store.FinalFolder("koboldai", "1") + "/koboldcpp --model x");

        Assert.Empty(await _cleanup.RunAsync(onlyLook: false, Token));

        Assert.Equal(3, _store.All("koboldai").Count);
        Assert.True(File.Exists(Path.Combine(_temporary.Home.Downloads, "files", kept, "koboldcpp")));
    }

    [Fact]
    public async Task A_release_that_is_laid_beside_and_waits_to_be_used_is_kept()
    {
        Install("1", "2", "3");
        using (_store.Keep(_store.FinalFolder("koboldai", "1")))
        {
            Assert.Empty(await _cleanup.RunAsync(onlyLook: false, Token));
            Assert.Equal(3, _store.All("koboldai").Count);
        }

        Assert.Single(await _cleanup.RunAsync(onlyLook: false, Token));
        Assert.Equal(2, _store.All("koboldai").Count);
    }

    [Fact]
    public async Task Where_a_bundle_is_being_unpacked_is_kept_until_it_is_done()
    {
        var staging = _store.Begin("koboldai", "bundle-1");
        using (_store.Keep(staging))
        {
            Assert.Empty(await _cleanup.RunAsync(onlyLook: false, Token));
            Assert.True(Directory.Exists(staging));
        }

        Assert.Equal(staging, Assert.Single(await _cleanup.RunAsync(onlyLook: false, Token)).Item.Item.Path);
        Assert.False(Directory.Exists(staging));
    }

    [Fact]
    public async Task The_layers_of_an_image_that_is_installed_stay()
    {
        var (used, unused) = (Layer("layer"), Layer("another"));
        var image = System.Text.Encoding.UTF8.GetBytes($$"""{"layers": [{"digest": "sha256:{{used}}", "size": 10, "mediaType": "application/vnd.oci.image.layer.v1.tar"}]}""");
        var staging = _store.Begin("localai", "1");
        _store.Finish(new("localai", "1", staging, Accelerator.None, InstallKind.Binary, DateTimeOffset.UnixEpoch, 100, ImmutableSortedDictionary<string, string>.Empty, [new("registry.example/image:1", "sha256", Convert.ToHexStringLower(SHA256.HashData(image)), DigestFrom.Registry)], ""), staging);
        _store.Switch("localai", "1");
        Write("downloads/images/registry.example-image-1.json", 0);
        await File.WriteAllBytesAsync(Path.Combine(_temporary.Home.Downloads, "images", "registry.example-image-1.json"), image, Token);

        await _cleanup.RunAsync(onlyLook: false, Token);

        Assert.Equal([used], Directory.GetFiles(Path.Combine(_temporary.Home.Downloads, "blobs")).Select(Path.GetFileName));
        Assert.NotEqual(used, unused);

        string Layer(string text)
        {
            var digest = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
            Write("downloads/blobs/" + digest, 10);
            return digest;
        }
    }

    [Fact]
    public async Task A_model_that_has_a_name_stays_and_weights_without_one_go()
    {
        var model = await ModelAsync();
        var nameless = Path.Combine(_library.Folder.Blobs, "sha256-" + new string('a', 64));
        await File.WriteAllBytesAsync(nameless, new byte[9], Token);

        var done = Assert.Single(await _cleanup.RunAsync(onlyLook: false, Token));

        Assert.Equal((nameless, 9L), (done.Item.Item.Path, done.Item.Item.Bytes));
        Assert.False(File.Exists(nameless));
        Assert.True(File.Exists(model.Path));
    }

    [Fact]
    public async Task While_a_manifest_of_the_library_cannot_be_read_no_weights_go()
    {
        var nameless = Path.Combine(_library.Folder.Blobs, "sha256-" + new string('a', 64));
        await File.WriteAllBytesAsync(nameless, new byte[9], Token);
        await File.WriteAllTextAsync(_library.Folder.Manifest("broken"), "{", Token);

        Assert.Empty(await _cleanup.RunAsync(onlyLook: false, Token));
        Assert.True(File.Exists(nameless));
    }

    [Fact]
    public async Task What_a_link_leads_to_stays()
    {
        var outside = Directory.CreateTempSubdirectory("helix-test-").FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "precious"), "x", Token);
        var tmp = Directory.CreateDirectory(Path.Combine(_temporary.Home.Providers, "koboldai", "data", "tmp")).FullName;
        File.CreateSymbolicLink(Path.Combine(tmp, "link"), outside);
        Directory.CreateDirectory(Path.Combine(tmp, "folder"));
        File.CreateSymbolicLink(Path.Combine(tmp, "folder", "link"), outside);

        await _cleanup.RunAsync(onlyLook: false, Token);

        Assert.Empty(Directory.GetFileSystemEntries(tmp));
        Assert.True(File.Exists(Path.Combine(outside, "precious")));
        Directory.Delete(outside, recursive: true);
    }

    private async Task<LibraryModel> ModelAsync()
    {
        var file = Path.Combine(_temporary.Home.Root, "tiny.gguf");
        await File.WriteAllBytesAsync(file, ScriptedGguf.Make("hello"), Token);
        return Assert.IsType<LibraryOutcome.Added>(await _library.AddAsync(file, "tiny", move: true, Token)).Model;
    }

    private void Install(params string[] versions)
    {
        foreach (var version in versions)
        {
            var staging = _store.Begin("koboldai", version);
            File.WriteAllText(Path.Combine(staging, "koboldcpp"), version);
            _store.Finish(new("koboldai", version, staging, Accelerator.None, InstallKind.Binary, DateTimeOffset.UnixEpoch, 100, ImmutableSortedDictionary<string, string>.Empty, [], ""), staging);
            _store.Switch("koboldai", version);
        }
    }

    /// <summary>One of everything that can go.</summary>
    private async Task FillAsync()
    {
        Write("providers/koboldai/staging/9/half", 10);
        Write("providers/koboldai/data/tmp/x", 10);
        Write("downloads/files/0123456789abcdef/koboldcpp", 10);
        Write("downloads/files/fedcba9876543210/koboldcpp.part", 10, old: true);
        Write("downloads/blobs/" + Convert.ToHexStringLower(SHA256.HashData([1])), 10);
        Write("downloads/work/koboldai-1-abc/source/x", 10);
        Write("downloads/git/0123456789abcdef/HEAD", 10);
        Write("downloads/npm/x", 10);
        Write("downloads/pip/x", 10);
        Write("logs/helix/daemon.log.1", 10);
        Write("logs/nobody/x.log", 10);
        await File.WriteAllBytesAsync(Path.Combine(_library.Folder.Blobs, "sha256-" + new string('b', 64)), new byte[9], Token);
    }

    private void Write(string path, int bytes, bool old = false)
    {
        var file = Path.Combine(_temporary.Home.LocalLlm, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, new byte[bytes]);
        if (old) File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
    }

    private string[] Files() => [.. Directory.EnumerateFileSystemEntries(_temporary.Home.Root, "*", SearchOption.AllDirectories).Where(path => !path.Contains("/state/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
