using Helix.Core.Manifests;
using Helix.Install;
using Helix.Processes;

namespace Helix.Tests.Install;

/// <summary>The real git, with a repository that is given out as plain files: such a server knows no single commits, so that all is fetched.</summary>
public sealed class GitCheckoutTests : IAsyncLifetime
{
    private readonly InstallStand _stand = new();
    private FileServer _server = null!;
    private string _commit = "";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Toolbox.OnPath(_stand.Environment, "git") is not null, "git is not on the PATH");
        _server = await FileServer.StartAsync();
        _stand.Mirrors.Add($"https://example.org/={_server.Url}/");
        var work = Directory.CreateDirectory(Path.Combine(_stand.Root, "work")).FullName;
        File.WriteAllText(Path.Combine(work, "main.py"), "one\n");
        const string Commit = "git -c user.name=t -c user.email=t@example.org commit -q -m x";
        _commit = await ShAsync(work, $"git init -q -b main . && git add -A && {Commit} && git tag v1 && git rev-parse HEAD");
        await ShAsync(work, $"echo two > main.py && git add -A && {Commit} && git clone -q --bare . ../bare && cd ../bare && git update-server-info");
        _server.Folder = ("/o/r/", Path.Combine(_stand.Root, "bare"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _stand.Dispose();
    }

    [Theory]
    [InlineData(40)]
    [InlineData(8)]
    [InlineData(0)]
    public async Task A_commit_becomes_a_release_without_a_trace_of_git(int length)
    {
        var digest = Assert.Single(await _stand.InstalledAsync(Way(length == 0 ? "v1" : _commit[..length])));

        Assert.Equal(["main.py"], _stand.Made);
        Assert.Equal("one\n", File.ReadAllText(Path.Combine(_stand.Staging, "main.py")));
        Assert.Equal(("git", _commit, length == 40 ? DigestFrom.Manifest : DigestFrom.Recorded), (digest.Algorithm, digest.Value, digest.From));
    }

    [Fact]
    public async Task What_was_fetched_once_is_enough_offline()
    {
        _stand.Offline = true;
        Assert.True((await _stand.RefusedAsync(Way(_commit))).Waits);
        Assert.Empty(_server.Asked);

        _stand.Offline = false;
        await _stand.InstalledAsync(Way(_commit));
        var asked = _server.Asked.Count;
        _stand.Offline = true;
        await _stand.InstalledAsync(Way(_commit));

        Assert.Equal(asked, _server.Asked.Count);
        Assert.Equal(["main.py"], _stand.Made);
    }

    [Fact]
    public async Task A_commit_that_is_not_there_is_said()
    {
        var failed = await _stand.RefusedAsync(Way(new string('0', 40)));

        Assert.False(failed.Waits);
        Assert.Equal($"https://example.org/o/r has no commit {new string('0', 40)}", failed.Reason);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_waited_for()
    {
        _stand.Mirrors.Insert(0, "https://example.org/=http://127.0.0.1:9/");

        var failed = await _stand.RefusedAsync(Way(_commit));

        Assert.True(failed.Waits);
        Assert.Contains("127.0.0.1:9", failed.Reason, StringComparison.Ordinal);
    }

    private static InstallWay Way(string version) => InstallStand.Way($$"""{"kind": "git", "url": "https://example.org/o/r", "version": "{{version}}"}""");

    private async Task<string> ShAsync(string folder, string line)
    {
        var log = Path.Combine(_stand.Root, "said");
        var end = await _stand.Child.EndOfAsync(new LaunchSpec("says", "/bin/sh", ["-c", line], _stand.Environment, folder, log), TimeSpan.FromMinutes(1), static () => { }, TestContext.Current.CancellationToken);
        var said = (await File.ReadAllTextAsync(log)).Trim();
        Assert.True(end is { Code: 0 }, said);
        return said;
    }
}
