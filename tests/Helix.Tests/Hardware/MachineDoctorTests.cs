using System.Net;
using System.Net.Sockets;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Hardware;
using Helix.Processes;
using Helix.Storage;
using Helix.Tests.Fakes;

namespace Helix.Tests.Hardware;

/// <summary>Measures in a folder that stands for the machine, with programs that are real ones: shell scripts of the test.</summary>
public sealed class MachineDoctorTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly string _root = Directory.CreateTempSubdirectory("helix-test-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _temporary.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Tools_are_found_asked_and_those_that_fail_are_told()
    {
        Program("git", "echo git version 2.39.5; echo more");
        Program("python3", "[ \"$1\" = --version ] && echo Python 3.11.7");
        Program("g++", "echo 'g++ 12'");
        Program("cmake", "echo broken >&2; exit 3");
        Program("node", "kill -9 $$");

        var tools = (await MeasureAsync()).Tools.ToDictionary(tool => tool.Tool);

        Assert.Equal(new(Tool.Git, Path.Combine(_root, "bin", "git"), "git version 2.39.5", null), tools[Tool.Git]);
        Assert.Equal("it has no venv", tools[Tool.Python].Trouble);
        Assert.Equal("g++ 12", tools[Tool.Compiler].Version);
        Assert.Equal("it ends with 3: broken", tools[Tool.CMake].Trouble);
        Assert.StartsWith("it ends with", tools[Tool.Node].Trouble);
        Assert.Equal(new(Tool.Ninja, null, null, null), tools[Tool.Ninja]);
        Assert.Equal(Enum.GetValues<Tool>().Order(), tools.Keys.Order());
    }

    [Fact]
    public async Task A_card_is_asked_without_a_daemon()
    {
        Write("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Thu\n");
        Write("proc/driver/nvidia/gpus/0/information", "Model: \t\t NVIDIA H100\n");
        Program("nvidia-smi", "echo NVIDIA H100 80GB HBM3, 9.0, 580.65.06, 81559");

        var gpus = (await MeasureAsync()).Machine.Gpus;

        Assert.Contains(new ComputeGpu(Accelerator.Nvidia, "NVIDIA H100 80GB HBM3", 81559L << 20, new(9, 0), new(580, 65, 6)), gpus);
    }

    [Fact]
    public async Task What_files_tell_is_read()
    {
        Write("proc/cpuinfo", "model name\t: a processor\nflags\t\t: avx avx2\n");
        Write("proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n");
        Write("sys/devices/system/node/node0/cpulist", "0");
        Write("sys/devices/system/node/node1/cpulist", "1");
        Write("sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n");
        Write("sys/bus/pci/devices/0000:01:00.0/class", "0x030000\n");
        Write("etc/os-release", "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=\"debian\"\n");
        Write(".dockerenv", "");

        var facts = await MeasureAsync();

        Assert.Equal(("a processor", 2, "docker", 1024L, true), (facts.Details.Processor, facts.Details.NumaNodes, facts.Details.Container, facts.OpenFiles, facts.UnusedNvidia));
        Assert.Equal(["avx", "avx2"], facts.Details.InstructionSets.Where(set => set.StartsWith("avx", StringComparison.Ordinal)));
        Assert.Equal(["ubuntu", "debian"], facts.Distribution);
    }

    [Fact]
    public async Task A_taken_port_and_a_broken_configuration_are_told()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        _temporary.WriteConfig($"gateway:\n  port: {((IPEndPoint)other.LocalEndpoint).Port}\n");
        Assert.True((await MeasureAsync()).Port is { IsTaken: true, Runs: false, Refusal: not null });
        Assert.Equal(new("http://127.0.0.1:1", true, null, false), (await MeasureAsync("http://127.0.0.1:1")).Port);

        _temporary.WriteConfig("gateway:\n  prt: 1\n");
        Assert.Contains("prt", Assert.Single((await MeasureAsync()).Configuration), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_home_is_tried_and_left_as_it_was()
    {
        Directory.CreateDirectory(_temporary.Home.LocalLlm, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        File.SetUnixFileMode(_temporary.Home.LocalLlm, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var before = Directory.GetFileSystemEntries(_temporary.Home.Root, "*", SearchOption.AllDirectories);

        var home = (await MeasureAsync()).Home;

        Assert.Equal((null, false), (home.Refusal, home.IsPrivate));
        Assert.Equal(before, Directory.GetFileSystemEntries(_temporary.Home.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_home_that_can_never_be_is_said_to_be_none()
    {
        var file = Write("file", "x");

        Assert.Equal($"{file} is no folder", (await MeasureAsync(home: new(file))).Home.Refusal);
        Assert.Equal($"{file} is no folder", (await MeasureAsync(home: new(Path.Combine(file, "below")))).Home.Refusal);
        Assert.Equal("/dev/null is no folder", (await MeasureAsync(home: new("/dev/null"))).Home.Refusal);
        Assert.Contains("longer than 255 bytes", (await MeasureAsync(home: new(Path.Combine(_root, new string('x', 256))))).Home.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_that_does_not_end_is_killed_at_the_deadline()
    {
        var spec = new LaunchSpec("x", "/bin/sh", ["-c", "sleep 1000"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, _root, Path.Combine(_root, "log"));

        Assert.Null(await OwnChild.RunAsync(spec, TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop));
        Assert.Equal(7, (await OwnChild.RunAsync(spec with { Arguments = ["-c", "exit 7"] }, Eventually.Limit, TimeProvider.System, Stop))?.Code);
    }

    private Task<PreflightFacts> MeasureAsync(string? address = null, HelixHome? home = null) => new MachineDoctor(
        home ?? _temporary.Home,
        new DoctorTools(_root, name => name == "PATH" ? $"{Path.Combine(_root, "bin")}" : null, () => false, _ => Task.FromResult<string?>(null), DateTimeOffset.UnixEpoch),
        TimeProvider.System).MeasureAsync(address, Stop);

    private void Program(string name, string script)
    {
        var path = Write($"bin/{name}", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
