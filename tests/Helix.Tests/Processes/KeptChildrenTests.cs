using System.Globalization;
using Helix.Processes;
using Helix.Tests.Fakes;

namespace Helix.Tests.Processes;

public sealed class KeptChildrenTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task What_is_left_of_a_session_dies_with_its_leader_and_the_session_is_forgotten()
    {
        var rest = new List<string>();
        var children = new KeptChildren(rest.Add);
        var log = Path.Combine(_temporary.Home.Root, "log");
        // job control gives the member a group of its own in the same session
        var leader = children.Spawn(new LaunchSpec(
            "engine", "/bin/bash", ["-c", "set -m; sleep 1000 & echo $!; sleep 0.2"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, "/", log));
        children.ForgetEmptySessions();
        Assert.Equal(1, children.Sessions);
        var member = 0;
        await Eventually.TrueAsync(() => File.Exists(log) && int.TryParse(File.ReadLines(log).FirstOrDefault(), CultureInfo.InvariantCulture, out member), "the member runs");
        var start = ProcessTable.StartTicks(member);
        await Eventually.TrueAsync(() => children.Collect().Count == 1, "the leader ended");

        await Eventually.TrueAsync(() => !ProcessTable.IsAlive(member, start), "the member is killed");
        Assert.Equal(["engine"], rest);
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
