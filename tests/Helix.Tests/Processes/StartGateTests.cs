using Helix.Processes;

namespace Helix.Tests.Processes;

public sealed class StartGateTests
{
    [Theory]
    [InlineData(true, "goes on")]
    [InlineData(false, "ends")] // what a keeper's death does to it
    public async Task It_is_waited_for_until_it_opens_or_its_keeper_is_gone(bool opens, string expected)
    {
        var folder = Directory.CreateTempSubdirectory("helix-test-").FullName;
        var log = Path.Combine(folder, "log");
        var gate = new StartGate();
        var pid = NativeSpawn.Start(
            new LaunchSpec("sh", "/bin/sh", ["-c", "[ -n \"$(head -c 1 <&5)\" ] && echo goes on || echo ends"], new Dictionary<string, string> { ["PATH"] = "/bin:/usr/bin" }, folder, log), [new(gate.Descriptor, 5)]);
        gate.Passed();
        Assert.Equal(0, NativeLibc.Collect(pid, out _));

        if (opens) gate.Open();
        gate.Dispose();

        await Eventually.TrueAsync(() => NativeLibc.Collect(pid, out _) == pid, "the program ended");
        Assert.Equal(expected, (await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken)).Trim());
        Directory.Delete(folder, recursive: true);
    }
}
