using System.Globalization;
using Helix.Processes;
using Helix.Tests.Fakes;

namespace Helix.Tests.Processes;

public sealed class KeptChildrenTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_session_is_ours_until_its_last_member_is_gone_and_then_it_is_forgotten()
    {
        var children = new KeptChildren();
        var log = Path.Combine(_temporary.Home.Root, "log");
        // job control gives the member a group of its own in the same session
        var leader = children.Spawn(new LaunchSpec(
            "engine", "/bin/bash", ["-c", "set -m; sleep 1000 & echo $!"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, "/", log));
        children.ForgetEmptySessions();
        Assert.Equal(1, children.Sessions);
        await Eventually.TrueAsync(() => children.Collect().Count == 1, "the leader ended");
        var member = int.Parse(File.ReadLines(log).First(), CultureInfo.InvariantCulture);
        Assert.Equal(leader.Pid, ProcessTable.Read(member)?.Session);

        children.ForgetEmptySessions();
        Assert.Equal(1, children.Sessions);
        NativeLibc.Kill(member, NativeLibc.SignalKill);

        await Eventually.TrueAsync(
            () =>
            {
                children.ForgetEmptySessions();
                return children.Sessions == 0;
            },
            "the session is forgotten");
    }

    [Fact]
    public async Task A_process_of_another_user_is_known_as_such()
    {
        Assert.True(ProcessTable.IsOfThisUser(Environment.ProcessId));
        Assert.SkipUnless(NativeLibc.UserId() == 0 && File.Exists("/usr/bin/setpriv"), "only root can start a program as another user");
        var pid = NativeSpawn.Start(
            new LaunchSpec("other", "/usr/bin/setpriv", ["--reuid", "4711", "--clear-groups", "/bin/sleep", "1000"], new Dictionary<string, string>(), "/", Path.Combine(_temporary.Home.Root, "log")), []);

        await Eventually.TrueAsync(() => !ProcessTable.IsOfThisUser(pid), "it belongs to the other user");
        await KeeperHouse.KillAsync(pid);
    }

    [Theory]
    [InlineData("/proc/version")]
    [InlineData("/nowhere/at/all")]
    public void A_file_that_cannot_be_touched_ends_nobody(string path) => AtomicFile.Touch(path, TimeProvider.System.GetUtcNow());
}
