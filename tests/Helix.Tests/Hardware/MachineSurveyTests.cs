using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Hardware;
using Helix.Processes;
using Helix.Tests.Fakes;
using Helix.Tests.Variants;

namespace Helix.Tests.Hardware;

public sealed class MachineSurveyTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly string _root = Directory.CreateTempSubdirectory("helix-test-").FullName;

    public void Dispose()
    {
        _temporary.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void What_files_tell_is_known_at_once()
    {
        using var survey = Survey();

        var facts = survey.Current;

        Assert.Empty(facts.Gpus.Where(gpu => gpu.Kind != Accelerator.Apple));
        Assert.True(facts.MemoryBytes > 0 && facts.FreeDiskBytes > 0);
        Assert.Contains(facts.Architecture, (string[])["x64", "arm64"]);
        Assert.Contains(facts.Os, (string[])["linux", "macos"]);
        Assert.False(facts.IsWsl);
    }

    [Fact]
    public async Task What_only_nvidias_program_tells_is_asked_for_in_the_background()
    {
        Write("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Thu\n");
        Write("proc/driver/nvidia/gpus/0/information", "Model: \t\t NVIDIA H100\n");
        StandInProgram("NVIDIA H100 80GB HBM3, 9.0, 580.65.06, 81559");
        using var survey = Survey();
        Assert.Null(Nvidia(survey).ComputeCapability);

        await survey.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(() => Nvidia(survey).ComputeCapability is not null);
        Assert.Equal(new ComputeGpu(Accelerator.Nvidia, "NVIDIA H100 80GB HBM3", 81559L << 20, new(9, 0), new(580, 65, 6)), Nvidia(survey));
        await survey.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Without_a_card_no_program_is_asked()
    {
        StandInProgram("NVIDIA H100 80GB HBM3, 9.0, 580.65.06, 81559");
        using var survey = Survey();

        await survey.StartAsync(TestContext.Current.CancellationToken);
        await survey.ExecuteTask!.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        Assert.Empty(survey.Current.Gpus.Where(gpu => gpu.Kind == Accelerator.Nvidia));
        Assert.False(Directory.Exists(Path.Combine(_temporary.Home.Logs, "hardware")));
    }

    private static ComputeGpu Nvidia(MachineSurvey survey) => survey.Current.Gpus.Single(gpu => gpu.Kind == Accelerator.Nvidia);

    private MachineSurvey Survey() => new(
        _temporary.Home,
        new SurveyTools(new GpuSearch(_root), () => false, name => name == "PATH" ? $"{_root}:/usr/bin:/bin" : null),
        new BoundedChild(new RealProcesses(), TimeProvider.System),
        TimeProvider.System);

    /// <summary>A stand-in for nvidia-smi that says one line, and only when it is asked the right question.</summary>
    private void StandInProgram(string line)
    {
        Write("nvidia-smi", $"#!/bin/sh\n[ \"$*\" = \"{string.Join(' ', NvidiaSmi.Arguments)}\" ] && echo '{line}'\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(_root, "nvidia-smi"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
