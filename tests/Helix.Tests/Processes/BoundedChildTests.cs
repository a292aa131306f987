using Helix.Processes;
using Helix.Tests.Fakes;
using Helix.Tests.Variants;

namespace Helix.Tests.Processes;

public sealed class BoundedChildTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly RealProcesses _processes = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Its_words_are_those_of_this_run_only()
    {
        Assert.True(await RunAsync("echo first"));
        Assert.True(await RunAsync("echo second; exit 3"));

        Assert.Equal("second\n", await File.ReadAllTextAsync(Spec("").LogFile, Now));
        Assert.Empty(await _processes.ListAsync(Now));
    }

    [Fact]
    public async Task One_that_is_not_done_at_its_deadline_is_killed()
    {
        Assert.False(await RunAsync(Hang("never"), TimeSpan.FromMilliseconds(1)));

        Assert.Empty(await _processes.ListAsync(Now));
    }

    [Fact]
    public async Task One_that_an_earlier_daemon_left_behind_is_ended_first()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Spec("").LogFile)!);
        var left = await _processes.SpawnAsync(Spec(Hang("left")) with { Name = BoundedChild.NamePrefix + Spec("").Name }, Now);

        Assert.True(await RunAsync("echo mine"));

        Assert.Null(ProcessTable.Read(left.Pid));
        Assert.Equal("mine\n", await File.ReadAllTextAsync(Spec("").LogFile, Now));
    }

    private Task<bool> RunAsync(string script, TimeSpan? deadline = null) =>
        new BoundedChild(_processes, TimeProvider.System).RunAsync(Spec(script), deadline ?? TimeSpan.FromMinutes(1), Now);

    /// <summary>Waits for what nobody will write.</summary>
    private static string Hang(string fifo) => $"/usr/bin/mkfifo {fifo}; read never < {fifo}";

    private LaunchSpec Spec(string script) => new(
        "bounded", "/bin/sh", ["-c", script], new Dictionary<string, string>(), _temporary.Home.Root, Path.Combine(_temporary.Home.Logs, "bounded.log"));
}
