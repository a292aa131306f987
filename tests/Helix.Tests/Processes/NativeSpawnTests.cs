using System.Net;
using System.Net.Sockets;
using Helix.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Processes;

public sealed class NativeSpawnTests
{
    [Fact]
    public async Task Descriptors_arrive_right_even_when_each_takes_the_number_of_the_next()
    {
        var folder = Directory.CreateTempSubdirectory("helix-test-").FullName;
        var handles = Enumerable.Range(0, 5).Select(i => File.OpenHandle(Path.Combine(folder, $"file{i}"), FileMode.Create, FileAccess.Write)).ToList();
        var numbers = handles.Select(handle => (int)handle.DangerousGetHandle()).ToList();
        var passed = numbers.Select((number, i) => new PassedDescriptor(number, numbers[(i + 1) % numbers.Count])).ToList();
        var log = Path.Combine(folder, "log");
        var links = string.Join(' ', passed.Select(descriptor => $"/proc/$$/fd/{descriptor.Target}"));

        var pid = NativeSpawn.Start(new LaunchSpec("ls", "/bin/sh", ["-c", $"readlink {links}"], new Dictionary<string, string> { ["PATH"] = "/bin:/usr/bin" }, folder, log), passed);
        var status = 0;
        await Eventually.TrueAsync(() => NativeLibc.Collect(pid, out status) == pid, "the program ended");

        Assert.Equal(0, status);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => Path.Combine(folder, $"file{i}")), await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken));
        handles.ForEach(handle => handle.Dispose());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_program_starts_with_no_signal_of_ours_blocked_or_ignored()
    {
        var folder = Directory.CreateTempSubdirectory("helix-test-").FullName;
        var log = Path.Combine(folder, "log");

        var pid = NativeSpawn.Start(new LaunchSpec("grep", "/bin/grep", ["-E", "^Sig(Blk|Ign)", "/proc/self/status"], new Dictionary<string, string>(), folder, log), []);
        await Eventually.TrueAsync(() => NativeLibc.Collect(pid, out _) == pid, "the program ended");

        // but for 32 and 33, which belong to the C library itself
        Assert.Equal(["SigBlk:\t0000000000000000", "SigIgn:\t0000000180000000"], await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_program_gets_no_descriptor_but_those_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no /proc here");
        var folder = Directory.CreateTempSubdirectory("helix-test-").FullName;
        using var named = File.OpenHandle(Path.Combine(folder, "named"), FileMode.Create, FileAccess.Write);
        using var other = File.OpenHandle(Path.Combine(folder, "other"), FileMode.Create, FileAccess.Write);
        NativeLibc.SetCloseOnExec((int)other.DangerousGetHandle(), false);
        var log = Path.Combine(folder, "log");

        var pid = NativeSpawn.Start(new LaunchSpec("ls", "/bin/sh", ["-c", "readlink /proc/$$/fd/*"], new Dictionary<string, string> { ["PATH"] = "/bin:/usr/bin" }, folder, log), [new((int)named.DangerousGetHandle(), 3)]);
        await Eventually.TrueAsync(() => NativeLibc.Collect(pid, out _) == pid, "the program ended");

        Assert.Equal(["/dev/null", log, log, Path.Combine(folder, "named")], await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_server_that_stops_does_not_end_the_listening_for_those_who_share_its_socket()
    {
        using var shared = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        shared.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        shared.Listen(16);
        var copy = NativeLibc.Duplicate((int)shared.Handle);
        NativeLibc.SetCloseOnExec(copy, false); // as a descriptor that came with the start of the process
        var listeners = InheritedListeners.From($"{copy}=tcp:{shared.LocalEndPoint}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenHandle((ulong)listeners.All[0].Descriptor));
        await using (var server = builder.Build())
        {
            await server.StartAsync(TestContext.Current.CancellationToken);
            await server.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.True(KeeperHouse.Accepts(shared.LocalEndPoint!));
    }
}
