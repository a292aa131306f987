using System.Collections.Immutable;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Security;
using Helix.Install;
using Helix.Security;
using Helix.SelfUpdate;
using Helix.Tests.Fakes;

namespace Helix.Tests.Security;

/// <summary>Real files of releases, and what becomes of them.</summary>
public sealed class ReleaseLookTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly ReleaseStore _store;
    private readonly List<string> _read = [];

    public ReleaseLookTests() => _store = new ReleaseStore(_temporary.Home);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_release_as_it_was_installed_is_well()
    {
        Install("1");

        Assert.Empty(await Look().LookAsync(Token));
        Assert.Single(_read);
    }

    [Fact]
    public async Task What_was_changed_removed_and_added_is_found_in_each_release()
    {
        var (old, current) = (Install("1"), Install("2"));
        await File.WriteAllTextAsync(Path.Combine(current, "bin", "server"), "#!/bin/sh\nanother\n", Token);
        File.Delete(Path.Combine(current, "lib", "x.so"));
        await File.WriteAllTextAsync(Path.Combine(current, "sitecustomize.py"), "", Token);
        File.Delete(Path.Combine(old, "bin", "python"));
        File.CreateSymbolicLink(Path.Combine(old, "bin", "python"), "/tmp/python");

        var facts = (await Look().LookAsync(Token)).ToDictionary(each => each.Version);

        Assert.Equal((ReleaseOrigin.Current, ReleaseOrigin.Kept), (facts["2"].Origin, facts["1"].Origin));
        Assert.Equal(["bin/server"], facts["2"].Changes.Changed);
        Assert.Equal(["lib/x.so"], facts["2"].Changes.Missing);
        Assert.Equal(["sitecustomize.py"], facts["2"].Changes.Added);
        Assert.Equal(["bin/python"], facts["1"].Changes.Changed);
    }

    [Fact]
    public async Task The_words_with_which_a_release_is_started_count_as_its_files_do()
    {
        var folder = Install("1");
        var receipt = Path.Combine(folder, "release.json");
        await File.WriteAllTextAsync(receipt, (await File.ReadAllTextAsync(receipt, Token)).Replace("/usr/bin/python3", "/tmp/python3", StringComparison.Ordinal), Token);

        Assert.Equal(["release.json"], Assert.Single(await Look().LookAsync(Token)).Changes.Changed);
    }

    [Fact]
    public async Task What_is_installed_again_is_compared_with_what_it_is_then()
    {
        var folder = Install("1");
        await File.WriteAllTextAsync(Path.Combine(folder, "bin", "server"), "changed", Token);
        Assert.Single(await Look().LookAsync(Token));

        Install("1", "made anew");

        Assert.Empty(await Look().LookAsync(Token));
    }

    [Fact]
    public async Task A_release_of_an_older_helix_is_written_down_at_the_first_look()
    {
        var folder = Install("1");
        new ReleaseLists(_temporary.Home.Providers).Forget("vllm", "1");
        Assert.Empty(await Look().LookAsync(Token));

        await File.WriteAllTextAsync(Path.Combine(folder, "bin", "server"), "changed", Token);

        Assert.Single(await Look().LookAsync(Token));
    }

    [Fact]
    public async Task The_list_of_what_is_gone_goes()
    {
        var folder = Install("1");
        Install("2");
        Directory.Delete(folder, recursive: true);

        await Look().LookAsync(Token);

        Assert.Null(new ReleaseLists(_temporary.Home.Providers).Read("vllm", "1"));
        Assert.NotNull(new ReleaseLists(_temporary.Home.Providers).Read("vllm", "2"));
        _store.Remove("vllm");
        Assert.Empty(Directory.GetFiles(Path.Combine(_temporary.Home.Providers, "vllm", "files")));
    }

    [Fact]
    public async Task A_release_that_is_made_again_while_it_is_read_is_no_finding()
    {
        Install("1");
        var look = new ReleaseLook(_temporary.Home, _store, null, (folder, cancellationToken) =>
        {
            var before = FolderDigests.Of(folder, cancellationToken);
            Install("1", "made anew");
            return Task.FromResult<FileList?>(before);
        });

        Assert.Empty(await look.LookAsync(Token));
    }

    [Fact]
    public async Task Builds_for_graphics_cards_and_helix_itself_are_looked_at_too()
    {
        var (variant, program) = (Path.Combine(_temporary.Home.Providers, "builtin", "variants", "vulkan-1"), Path.Combine(_temporary.Home.Root, "helix-1"));
        foreach (var folder in new[] { variant, program }) await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(folder).FullName, "lib.so"), "", Token);
        Assert.Null(ReleaseLook.ProgramOf(_temporary.Home, Path.Combine(program, "helix")));
        await File.WriteAllTextAsync(Path.Combine(program, ".stamp"), "", Token);
        var look = Look(ReleaseLook.ProgramOf(_temporary.Home, Path.Combine(program, "helix")));
        Assert.Empty(await look.LookAsync(Token));

        foreach (var folder in new[] { variant, program }) await File.WriteAllTextAsync(Path.Combine(folder, "lib.so"), "x", Token);

        Assert.Equal([("vulkan-1", ReleaseOrigin.Variant), ("helix-helix-1", ReleaseOrigin.Helix)], (await look.LookAsync(Token)).Select(each => (each.Version, each.Origin)));
    }

    [Fact]
    public async Task A_release_of_helix_in_the_home_is_looked_at_and_may_come_into_use_again()
    {
        var releases = new HelixReleases(_temporary.Home);
        var staged = releases.Begin();
        await File.WriteAllTextAsync(Path.Combine(staged, HelixReleases.ProgramName), "", Token);
        var release = releases.Finish(new("1", staged, TimeProvider.System.GetUtcNow(), "an archive", null, "1"), staged);
        var look = Look(ReleaseLook.ProgramOf(_temporary.Home, release.Program));
        Assert.Empty(await look.LookAsync(Token));

        HelixReleases.Renew(release, "abcd");
        Assert.Empty(await look.LookAsync(Token));

        await File.WriteAllTextAsync(release.Program, "x", Token);
        Assert.Equal([HelixReleases.ProgramName], Assert.Single(await look.LookAsync(Token)).Changes.Changed);
    }

    [Fact]
    public async Task A_pipe_in_a_release_keeps_nobody_waiting()
    {
        var folder = Install("1");
        Assert.Equal(0, await MakePipeAsync(Path.Combine(folder, "pipe")));

        Assert.Empty(await Look().LookAsync(Token));
    }

    private async Task<int?> MakePipeAsync(string path) => (await Helix.Processes.OwnChild.RunAsync(
        new("mkfifo", "/usr/bin/mkfifo", [path], new Dictionary<string, string>(), _temporary.Home.Root, Path.Combine(_temporary.Home.Root, "said")), Eventually.Limit, TimeProvider.System, Token))?.Code;

    private ReleaseLook Look(string? program = null) => new(_temporary.Home, _store, program, (folder, cancellationToken) =>
    {
        _read.Add(folder);
        return Task.FromResult<FileList?>(FolderDigests.Of(folder, cancellationToken));
    });

    private string Install(string version, string server = "#!/bin/sh\n")
    {
        var staging = _store.Begin("vllm", version);
        Directory.CreateDirectory(Path.Combine(staging, "bin"));
        Directory.CreateDirectory(Path.Combine(staging, "lib"));
        File.WriteAllText(Path.Combine(staging, "bin", "server"), server);
        File.WriteAllText(Path.Combine(staging, "lib", "x.so"), "");
        File.CreateSymbolicLink(Path.Combine(staging, "bin", "python"), "/usr/bin/python3");
        var tools = ImmutableSortedDictionary<string, string>.Empty.Add("python", "/usr/bin/python3");
        var release = _store.Finish(new("vllm", version, staging, Accelerator.None, InstallKind.Archive, TimeProvider.System.GetUtcNow(), 1, tools, [], "tried"), staging, "id: vllm\n");
        _store.Switch("vllm", version);
        return release.Folder;
    }
}
