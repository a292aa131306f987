using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Helix.Core.Processes;
using Helix.Core.Security;
using Helix.Processes;
using Helix.Security;
using Helix.Tests.Fakes;
using Helix.Tests.Variants;

namespace Helix.Tests.Security;

/// <summary>Real processes, seen from outside.</summary>
public sealed class EngineLookTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly RealProcesses _processes = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_process_and_its_child_are_seen_with_their_program_their_depth_and_whose_they_are()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no /proc here");
        var leader = await StartAsync("/bin/sleep 600 & wait");
        try
        {
            EngineFacts? facts = null;
            await Eventually.TrueAsync(() => (facts = Look(leader.Pid)).Processes.Any(process => process is { Depth: 1, Program: not null } && process.Program.EndsWith("sleep", StringComparison.Ordinal)), "the child");

            Assert.Equal([0, 1], facts!.Processes.Select(process => process.Depth).Order());
            Assert.All(facts.Processes, process => Assert.Equal(NativeLibc.UserId(), process.Status!.User));
            Assert.All(facts.Processes, process => Assert.Equal(EngineLook.OwnSpaces()["mnt"], process.Spaces["mnt"]));
            Assert.All(facts.Processes, process => Assert.Empty(process.Listens));
            Assert.Null(facts.Spec);
        }
        finally
        {
            await _processes.SignalAsync(leader, ProcessSignal.Kill, Token);
        }
    }

    [Fact]
    public async Task A_child_that_begins_a_session_of_its_own_is_seen_as_well()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/setsid"), "there is no setsid here");
        var leader = await StartAsync("/usr/bin/setsid /bin/sleep 600 & wait");
        EngineProcess? child = null;
        try
        {
            await Eventually.TrueAsync(() => (child = Look(leader.Pid).Processes.FirstOrDefault(process => process.Program?.EndsWith("sleep", StringComparison.Ordinal) == true)) is not null, "the child");

            Assert.NotEqual(leader.Pid, ProcessTable.Read(child!.Pid)!.Session);
        }
        finally
        {
            if (child is not null) NativeLibc.Kill(child.Pid, NativeLibc.SignalKill);
            await _processes.SignalAsync(leader, ProcessSignal.Kill, Token);
        }
    }

    [Fact]
    public void Where_a_process_takes_connections_is_seen()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no /proc here");
        using var open = new TcpListener(IPAddress.Any, 0);
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        open.Start();
        closed.Start();
        var us = ProcessTable.Read(Environment.ProcessId)!;

        var listens = EngineLook.Of("x-m", "x", us.Pid, [us], EngineLook.OwnSpaces()["net"]).Processes[0].Listens;

        Assert.Contains((IPEndPoint)open.LocalEndpoint, listens);
        Assert.Contains((IPEndPoint)closed.LocalEndpoint, listens);
    }

    [Fact]
    public void A_process_that_is_gone_is_nobody() => Assert.Empty(EngineLook.Of("x-m", "x", int.MaxValue, ImmutableArray<ProcStat>.Empty, null).Processes);

    [Fact]
    public async Task The_digests_of_a_folder_are_read_by_a_child_too()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_temporary.Home.Root, "release")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "a b"), "x", Token);
        var helix = Path.Combine(AppContext.BaseDirectory, "helix");
        Assert.SkipUnless(File.Exists(helix), "helix is not built beside the tests");

        var list = await new DigestChild(_temporary.Home, new BoundedChild(_processes, TimeProvider.System), helix).ReadAsync(folder, Token);

        Assert.Equal(Helix.Install.FolderDigests.Of(folder).Marks, list!.Marks);
        Assert.False(Directory.Exists(Path.Combine(_temporary.Home.State, "digests")));
        Assert.Null(await new DigestChild(_temporary.Home, new BoundedChild(_processes, TimeProvider.System), helix).ReadAsync(Path.Combine(folder, "none"), Token));
    }

    private static EngineFacts Look(int leader) => EngineLook.Of("x-m", "x", leader, [.. ProcessTable.All()], EngineLook.OwnSpaces().GetValueOrDefault("net"));

    private Task<ProcessIdentity> StartAsync(string script) =>
        _processes.SpawnAsync(new("engine", "/bin/sh", ["-c", script], new Dictionary<string, string>(), _temporary.Home.Root, Path.Combine(_temporary.Home.Root, "said")), Token);
}
