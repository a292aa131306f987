using System.Runtime.InteropServices;
using Helix.Install;

namespace Helix.Tests.Install;

/// <summary>A disk that is truly full: a small tmpfs, which only root can mount.</summary>
public sealed partial class FullDiskTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helix-test-").FullName;
    private bool _mounted;
    private HubStandIn _hub = null!;
    private Web _web = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubStandIn.StartAsync();
        _hub.Files["file.gguf"] = new byte[3_000_000];
        _web = new Web(new DownloadOptions(() => false, () => []), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        if (_mounted) _ = Unmount(_folder);
        Directory.Delete(_folder, recursive: true);
        _web.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_does_not_fit_is_refused_before_it_is_fetched()
    {
        MountOrSkip("size=1m");

        var failure = await FailsAsync(3_000_000);

        Assert.Contains("(67000000 bytes) are needed", failure.Reason, StringComparison.Ordinal);
        Assert.Contains("bytes) are free", failure.Reason, StringComparison.Ordinal);
        Assert.Empty(_hub.Requests);
    }

    [Fact]
    public async Task A_disk_that_fills_up_meanwhile_is_a_failure_and_nothing_gets_a_name()
    {
        MountOrSkip("size=66m");
        _hub.Files["file.gguf"] = new byte[80_000_000];
        _hub.HasLength = false;

        await FailsAsync(null);

        Assert.False(File.Exists(Target));
        Assert.All(Directory.GetFiles(_folder), file => Assert.Contains(".part", file, StringComparison.Ordinal));
    }

    private string Target => Path.Combine(_folder, "whole.gguf");

    private async Task<DownloadResult.Failed> FailsAsync(long? bytes)
    {
        var request = new DownloadRequest(new Uri(_hub.Url, "file.gguf"), Target, bytes);
        var failure = Assert.IsType<DownloadResult.Failed>(await new Downloads(_web, TimeProvider.System).FetchAsync(request, _ => { }, TestContext.Current.CancellationToken));
        Assert.Equal(DownloadTrouble.NoSpace, failure.Trouble);
        return failure;
    }

    private void MountOrSkip(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "a small disk can only be mounted by root on Linux");
        _mounted = Mount("helix-test", _folder, "tmpfs", 0, options) == 0;
        Assert.SkipUnless(_mounted, $"a small disk cannot be mounted here: error {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target);
}
