using System.Collections.Immutable;
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

public sealed class BundleTests : IAsyncLifetime
{
    private readonly House _from = new();
    private readonly House _to = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("helix-test-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Bundle => Path.Combine(_folder, "helix.bundle");

    public async ValueTask InitializeAsync()
    {
        await _from.StartAsync();
        await _to.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _from.DisposeAsync();
        await _to.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_bundled_in_one_home_is_in_place_in_another()
    {
        Install(_from, "1.0");
        await ModelAsync(_from);
        Directory.CreateDirectory(_from.Home.UserProviders);
        await File.WriteAllTextAsync(Path.Combine(_from.Home.UserProviders, "mine.yaml"), "id: [\n", Token);

        await _from.Create.WriteAsync(Bundle, ["koboldai"], ["tiny"], Token);
        var placed = await _to.Apply.PlaceAsync(Bundle, Token);

        Assert.Equal(["mine.yaml placed", "koboldai 1.0 installed", "tiny placed"], placed.Select(item => $"{item.What} {item.Words}"));
        var release = _to.Store.Current("koboldai")!;
        Assert.Equal(["bin/program", "bin/same", "release.json", "script"], Directory.EnumerateFiles(release.Folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(release.Folder, path)).Order(StringComparer.Ordinal));
        Assert.Equal("program", new FileInfo(Path.Combine(release.Folder, "bin", "same")).LinkTarget);
        Assert.True(File.GetUnixFileMode(Path.Combine(release.Folder, "bin", "program")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(_from.Library.Current.Find("tiny")!.Sha256, _to.Library.Current.Find("tiny")!.Sha256);
        Assert.Equal("1.0", _to.Store.Words("koboldai").Pinned);

        Assert.Equal(["was there already", "is installed already", "was there already"], (await _to.Apply.PlaceAsync(Bundle, Token)).Select(item => item.Words));
    }

    [Fact]
    public async Task What_is_no_manifest_among_the_users_is_left_where_it_is()
    {
        Install(_from, "1.0");
        var folder = Directory.CreateDirectory(_from.Home.UserProviders).FullName;
        File.CreateSymbolicLink(Path.Combine(folder, "nowhere.yaml"), "nothing");
        // as a pipe has: nobody would ever write to it
        File.CreateSymbolicLink(Path.Combine(folder, "device.yaml"), "/dev/zero");
        await File.WriteAllTextAsync(Path.Combine(folder, "my engine.yaml"), "id: [\n", Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "note.yml"), "id: [\n", Token);

        var made = await _from.Create.WriteAsync(Bundle, [], [], Token);

        Assert.Equal("note.yml", Assert.Single(made.Providers).File);
        Assert.True((await _to.Apply.PlaceAsync(Bundle, Token)).All(item => item.IsThere));
    }

    [Fact]
    public async Task What_its_makers_alone_give_out_is_left_out_and_refused_by_name()
    {
        Install(_from, "1.0");
        Install(_from, "2.0", id: "lmstudio", kind: InstallKind.Vendor);

        Assert.Contains("accepts their terms", (await Assert.ThrowsAsync<BundleException>(() => _from.Create.WriteAsync(Bundle, ["lmstudio"], [], Token))).Message, StringComparison.Ordinal);
        var made = await _from.Create.WriteAsync(Bundle, [], [], Token);

        Assert.Equal("koboldai", Assert.Single(made.Releases).Provider);
        Assert.Equal("lmstudio", Assert.Single(_from.Create.LeftOut).Provider);
    }

    [Fact]
    public async Task A_file_that_names_its_own_path_names_the_new_one()
    {
        Install(_from, "1.0");
        await _from.Create.WriteAsync(Bundle, [], [], Token);

        await _to.Apply.PlaceAsync(Bundle, Token);

        Assert.Equal($"#!{_to.Store.FinalFolder("koboldai", "1.0")}/bin/program\n", await File.ReadAllTextAsync(Path.Combine(_to.Store.Current("koboldai")!.Folder, "script"), Token));
    }

    [Fact]
    public async Task One_changed_byte_is_enough_to_refuse_it_as_a_whole()
    {
        Install(_from, "1.0");
        await ModelAsync(_from);
        await _from.Create.WriteAsync(Bundle, ["koboldai"], ["tiny"], Token);
        var bytes = await File.ReadAllBytesAsync(Bundle, Token);
        var at = bytes.AsSpan().LastIndexOf("GGUF"u8) + 200;
        bytes[at] ^= 1;
        await File.WriteAllBytesAsync(Bundle, bytes, Token);

        var refused = await Assert.ThrowsAsync<BundleException>(() => _to.Apply.PlaceAsync(Bundle, Token));

        Assert.Contains("it was damaged or changed", refused.Message, StringComparison.Ordinal);
        Assert.Null(_to.Store.Current("koboldai"));
        Assert.Empty(_to.Library.Current.Models);
        await File.WriteAllBytesAsync(Bundle, bytes.AsMemory(0, bytes.Length / 2), Token);
        await Assert.ThrowsAsync<BundleException>(() => _to.Apply.PlaceAsync(Bundle, Token));
        await File.WriteAllTextAsync(Bundle, "no bundle", Token);
        await Assert.ThrowsAsync<BundleException>(() => _to.Apply.PlaceAsync(Bundle, Token));
    }

    [Fact]
    public async Task Another_platform_is_refused_in_words()
    {
        Install(_from, "1.0");
        await _from.Create.WriteAsync(Bundle, [], [], Token);
        _to.Machine = _to.Machine with { Architecture = "arm64" };

        var refused = await Assert.ThrowsAsync<BundleException>(() => _to.Apply.PlaceAsync(Bundle, Token));

        Assert.EndsWith("its releases are for linux on x64, and this is linux on arm64", refused.Message);
    }

    [Fact]
    public async Task What_was_interrupted_is_finished_the_next_time()
    {
        Install(_from, "1.0");
        await ModelAsync(_from);
        await _from.Create.WriteAsync(Bundle, ["koboldai"], ["tiny"], Token);
        using var stop = new CancellationTokenSource();
        _to.Tried = stop.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _to.Apply.PlaceAsync(Bundle, stop.Token));
        Assert.Empty(_to.Library.Current.Models);

        _to.Tried = () => { };
        var placed = await _to.Apply.PlaceAsync(Bundle, Token);

        Assert.All(placed, item => Assert.True(item.IsThere, item.Words));
        Assert.NotNull(_to.Store.Current("koboldai"));
        Assert.NotNull(_to.Library.Current.Find("tiny"));
        Assert.Empty(_to.Store.Unfinished("koboldai"));
    }

    [Fact]
    public async Task What_is_newer_stays_and_what_fails_its_trial_is_not_used()
    {
        Install(_from, "1.9");
        await _from.Create.WriteAsync(Bundle, [], [], Token);
        Install(_to, "1.10");
        Assert.Equal("1.10 is installed, which is newer, and is kept", Assert.Single(await _to.Apply.PlaceAsync(Bundle, Token)).Words);

        _to.Store.Remove("koboldai");
        _to.Outcome = new TrialOutcome.Failed("trying it", "it said nothing");
        Assert.Equal(new BundlePlaced("koboldai 1.9", "trying it: it said nothing", false), Assert.Single(await _to.Apply.PlaceAsync(Bundle, Token)));
        Assert.Null(_to.Store.Current("koboldai"));
    }

    [Fact]
    public async Task Terms_that_were_accepted_elsewhere_are_not_accepted_here()
    {
        Install(_from, "1.0", id: "lmstudio");
        await _from.Create.WriteAsync(Bundle, [], [], Token);

        var placed = Assert.Single(await _to.Apply.PlaceAsync(Bundle, Token));

        Assert.False(placed.IsThere);
        Assert.StartsWith("its terms must be accepted here first: read https://", placed.Words, StringComparison.Ordinal);
        Assert.Null(_to.Store.Current("lmstudio"));
    }

    [Fact]
    public async Task Nothing_is_not_bundled()
    {
        var refused = await Assert.ThrowsAsync<BundleException>(() => _from.Create.WriteAsync(Bundle, [], [], Token));

        Assert.StartsWith("there is nothing to bundle", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_link_out_of_a_release_is_not_bundled()
    {
        var folder = Install(_from, "1.0");
        File.CreateSymbolicLink(Path.Combine(folder, "passwords"), "/etc/passwd");

        Assert.Contains("its link passwords leads out of it", (await Assert.ThrowsAsync<BundleException>(() => _from.Create.WriteAsync(Bundle, [], [], Token))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task An_environment_is_led_to_the_Python_of_the_machine()
    {
        var folder = Install(_from, "1.0");
        Directory.CreateDirectory(Path.Combine(folder, "venv", "bin"));
        await File.WriteAllTextAsync(Path.Combine(folder, "venv", "pyvenv.cfg"), "home = /old/bin\nversion = 3.42.7\nexecutable = /old/bin/python3.42\n", Token);
        File.CreateSymbolicLink(Path.Combine(folder, "venv", "bin", "python3"), "/old/bin/python3");
        File.CreateSymbolicLink(Path.Combine(folder, "venv", "bin", "python"), "python3");
        await _from.Create.WriteAsync(Bundle, [], [], Token);
        Assert.Equal("it needs python3.42, which is not on the PATH here", Assert.Single(await _to.Apply.PlaceAsync(Bundle, Token)).Words);

        var python = Path.Combine(_folder, "bin", "python3.42");
        Directory.CreateDirectory(Path.GetDirectoryName(python)!);
        await File.WriteAllTextAsync(python, "", Token);
        _to.Path = Path.GetDirectoryName(python)!;
        Assert.Equal("installed", Assert.Single(await _to.Apply.PlaceAsync(Bundle, Token)).Words);

        var venv = Path.Combine(_to.Store.Current("koboldai")!.Folder, "venv");
        Assert.Equal(python, new FileInfo(Path.Combine(venv, "bin", "python3")).LinkTarget);
        Assert.Equal(["home = " + _to.Path, "version = 3.42.7", "executable = " + python], await File.ReadAllLinesAsync(Path.Combine(venv, "pyvenv.cfg"), Token));
    }

    [Fact]
    public async Task Tools_that_were_fetched_come_with_the_releases_that_are_started_with_them()
    {
        foreach (var (path, text) in ((string, string)[])[("node/1.0/bin/node", "node"), ("cmake/1.0/bin/cmake", "cmake"), ("python/cpython-3.42.7/bin/python3.42", "python")])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_from.Home.Tools, path))!);
            await File.WriteAllTextAsync(Path.Combine(_from.Home.Tools, path), text, Token);
        }

        Directory.CreateSymbolicLink(Path.Combine(_from.Home.Tools, "python", "cpython-3.42"), "cpython-3.42.7");
        var folder = Install(_from, "1.0", ImmutableSortedDictionary<string, string>.Empty.Add("node", Path.Combine(_from.Home.Tools, "node/1.0/bin/node")));
        Directory.CreateDirectory(Path.Combine(folder, "venv", "bin"));
        await File.WriteAllTextAsync(Path.Combine(folder, "venv", "pyvenv.cfg"), "home = /old/bin\nversion_info = 3.42.7\n", Token);
        File.CreateSymbolicLink(Path.Combine(folder, "venv", "bin", "python"), Path.Combine(_from.Home.Tools, "python", "cpython-3.42", "bin", "python3.42"));
        await _from.Create.WriteAsync(Bundle, [], [], Token);

        var placed = await _to.Apply.PlaceAsync(Bundle, Token);

        Assert.Equal(["node 1.0: placed", "python cpython-3.42.7: placed", "koboldai 1.0: installed"], placed.Select(each => $"{each.What}: {each.Words}"));
        var release = _to.Store.Current("koboldai")!;
        Assert.Equal(Path.Combine(_to.Home.Tools, "node/1.0/bin/node"), release.Tools["node"]);
        Assert.Equal("node", await File.ReadAllTextAsync(release.Tools["node"], Token));
        Assert.Equal("python", await File.ReadAllTextAsync(Path.Combine(release.Folder, "venv", "bin", "python"), Token));
        Assert.All(await _to.Apply.PlaceAsync(Bundle, Token), each => Assert.True(each.IsThere && each.Words is "was there already" or "is installed already", each.Words));
    }

    private static string Install(House house, string version, ImmutableSortedDictionary<string, string>? tools = null, string id = "koboldai", InstallKind kind = InstallKind.Binary)
    {
        var staging = house.Store.Begin(id, version);
        var bin = Directory.CreateDirectory(Path.Combine(staging, "bin")).FullName;
        File.WriteAllText(Path.Combine(bin, "program"), "x");
        File.SetUnixFileMode(Path.Combine(bin, "program"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(Path.Combine(bin, "same"), "program");
        File.WriteAllText(Path.Combine(staging, "script"), $"#!{house.Store.FinalFolder(id, version)}/bin/program\n");
        var done = house.Store.Finish(new(id, version, staging, Accelerator.None, kind, DateTimeOffset.UnixEpoch, 100, tools ?? ImmutableSortedDictionary<string, string>.Empty, [], ""), staging);
        house.Store.Switch(id, version);
        return done.Folder;
    }

    private async Task ModelAsync(House house)
    {
        var file = Path.Combine(_folder, "tiny.gguf");
        await File.WriteAllBytesAsync(file, ScriptedGguf.Make("hello"), Token);
        Assert.IsType<LibraryOutcome.Added>(await house.Library.AddAsync(file, "tiny", move: true, Token));
    }

    /// <summary>A home with a store, a library and installations that install nothing by themselves.</summary>
    private sealed class House : IAsyncDisposable
    {
        private readonly TemporaryHome _temporary = new();
        private readonly Installations _installations;

        public House()
        {
            Store = new(Home);
            Library = new(new LibraryFolder(Home.Models), TimeProvider.System, NullLogger<ModelLibrary>.Instance);
            var (shelf, config) = (new ManifestShelf(Home), new FixedConfig());
            config.Become(Helix.Core.Configuration.HelixConfig.Default with { AutoManager = new(AutoInstall: false, AutoUpdate: false) });
            var tools = new InstallTools(
                () => Machine, (_, _, _) => [], (_, _) => throw new InvalidOperationException("nothing is to be installed"), TryAsync,
                () => throw new InvalidOperationException());
            _installations = new(tools, Store, shelf, config, TimeProvider.System, NullLogger<Installations>.Instance);
            Create = new(Home, Store, Library, () => Machine, "0.1.0", TimeProvider.System);
            Apply = new(Home, Store, _installations, tools, Library, shelf, () => Machine, () => Toolchains.Beside(Home, new(StringComparer.Ordinal) { ["PATH"] = Path }));
        }

        public Helix.Storage.HelixHome Home => _temporary.Home;

        public ReleaseStore Store { get; }

        public ModelLibrary Library { get; }

        public BundleCreate Create { get; }

        public BundleApply Apply { get; }

        public MachineFacts Machine { get; set; } = new("linux", "x64", null, new(2, 36), 16_000_000_000, 100_000_000_000, [], false, false);

        public string Path { get; set; } = "";

        public TrialOutcome Outcome { get; set; } = new TrialOutcome.Passed("tried");

        public Action Tried { get; set; } = () => { };

        public async Task StartAsync()
        {
            await Library.OpenAsync(Token);
            await _installations.StartAsync(Token);
            await _installations.SettledAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _installations.StopAsync(CancellationToken.None);
            _installations.Dispose();
            Library.Dispose();
            _temporary.Dispose();
        }

        private Task<TrialOutcome> TryAsync(Manifest manifest, InstalledRelease release, Action<InstallProgress> report, CancellationToken cancellationToken)
        {
            Tried();
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult(Outcome);
        }
    }
}
