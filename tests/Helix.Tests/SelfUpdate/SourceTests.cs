using Helix.Core.SelfUpdate;
using Helix.Install;
using Helix.Processes;
using Helix.SelfUpdate;
using Helix.Storage;
using Helix.Tests.Install;

namespace Helix.Tests.SelfUpdate;

/// <summary>The real git, with a bare repository, a clone of it, and a launcher of a few lines.</summary>
public sealed class SourceTests : IAsyncLifetime
{
    /// <summary>Does what the launcher of a clone does, as far as it matters here: it builds into a folder of its own, and a link leads there.</summary>
    private const string Launcher = """
        #!/bin/sh
        set -eu
        here=$(cd "$(dirname "$0")" && pwd)
        mkdir -p "$here/artifacts/helix/1"
        { cat "$here/text"; nice; echo "${HELIX_PACKAGES:-}"; } > "$here/artifacts/helix/1/helix"
        ln -sfn 1 "$here/artifacts/helix/current"
        """;

    private const string Commit = "git -c user.name=t -c user.email=t@example.org commit -q -a -m x";

    private readonly InstallStand _stand = new();
    private readonly NewestLook _newest;

    public SourceTests() => _newest = new NewestLook(_stand.Ground, TimeProvider.System);

    private string Work => Path.Combine(_stand.Root, "work");

    private string Clone => Path.Combine(_stand.Root, "clone");

    private string Source => Path.Combine(_stand.Root, "source");

    private SourceTools Tools => new(_stand.Child, new HelixHome(_stand.Root), () => new(_stand.Environment, StringComparer.Ordinal));

    private CloneLook Look => new(Tools, _stand.Ground.Web, _newest, Source);

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Toolbox.OnPath(_stand.Environment, "git") is not null, "git is not on the PATH");
        Directory.CreateDirectory(Work);
        await File.WriteAllTextAsync(Path.Combine(Work, "helix"), Launcher);
        File.SetUnixFileMode(Path.Combine(Work, "helix"), (UnixFileMode)0b111_101_101);
        await ShAsync(Work, $"git init -q -b main . && echo one > text && echo artifacts/ > .gitignore && git add -A && {Commit} && git clone -q --bare . ../bare.git && git remote add origin ../bare.git && git clone -q ../bare.git ../clone");
    }

    public ValueTask DisposeAsync()
    {
        _newest.Dispose();
        _stand.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_clone_says_where_it_came_from_and_what_was_changed_in_it()
    {
        var clean = await Look.LookAsync(Clone, TestContext.Current.CancellationToken);
        Assert.Equal(("main", 0), (clean.Branch, clean.Changes));
        Assert.Equal(Path.Combine(_stand.Root, "bare.git"), Path.GetFullPath(clean.Remote!, Clone));
        Assert.Equal(await ShAsync(Work, "git rev-parse HEAD"), clean.Head);

        // a new file is nobody's change of helix
        await File.WriteAllTextAsync(Path.Combine(Clone, "notes"), "mine");
        Assert.Equal(0, (await Look.LookAsync(Clone, TestContext.Current.CancellationToken)).Changes);
        await File.WriteAllTextAsync(Path.Combine(Clone, "text"), "mine");
        Assert.Equal(1, (await Look.LookAsync(Clone, TestContext.Current.CancellationToken)).Changes);

        await ShAsync(Clone, "git checkout -q -f --detach");
        Assert.Null((await Look.LookAsync(Clone, TestContext.Current.CancellationToken)).Branch);
        await ShAsync(Clone, "git checkout -q -b own");
        Assert.Null((await Look.LookAsync(Clone, TestContext.Current.CancellationToken)).Remote);
    }

    [Fact]
    public async Task A_new_commit_is_found_and_built_beside_and_nothing_is_written_into_the_clone()
    {
        var facts = await Look.LookAsync(Clone, TestContext.Current.CancellationToken);
        Assert.Equal((facts.Head, true, 0), await FoundAsync(facts));
        var newest = await PushAsync("two");
        var before = Written(Clone);

        facts = await Look.LookAsync(Clone, TestContext.Current.CancellationToken);
        var remote = await Look.FetchAsync(Clone, facts, null, TestContext.Current.CancellationToken);
        var build = await new SourceBuild(Tools, Source).BuildAsync(remote.Newest, TestContext.Current.CancellationToken);

        Assert.Equal((newest, true), (remote.Newest, remote.Follows));
        Assert.Equal([newest], remote.Ahead);
        Assert.Equal("two\n19\n0\n", await File.ReadAllTextAsync(Path.Combine(build, "helix")));
        Assert.Equal(before, Written(Clone));
    }

    [Fact]
    public async Task A_clone_with_a_commit_of_its_own_has_gone_another_way_and_so_has_a_release_of_a_commit_that_was_taken_back()
    {
        var newest = await PushAsync("two");
        var facts = await Look.LookAsync(Clone, TestContext.Current.CancellationToken);
        Assert.True((await Look.FetchAsync(Clone, facts, newest, TestContext.Current.CancellationToken)).Follows);

        await ShAsync(Work, $"git reset -q --hard HEAD~1 && echo three > text && {Commit} && git push -q -f origin main");
        Assert.False((await Look.FetchAsync(Clone, facts, newest, TestContext.Current.CancellationToken)).Follows);
        Assert.True((await Look.FetchAsync(Clone, facts, null, TestContext.Current.CancellationToken)).Follows);

        await ShAsync(Clone, $"echo mine > text && {Commit}");
        facts = await Look.LookAsync(Clone, TestContext.Current.CancellationToken);
        Assert.False((await Look.FetchAsync(Clone, facts, null, TestContext.Current.CancellationToken)).Follows);
    }

    [Fact]
    public async Task Ahead_is_what_comes_after_both_the_clone_and_the_release_in_use_and_was_not_taken_back()
    {
        var facts = await Look.LookAsync(Clone, TestContext.Current.CancellationToken);
        var (two, three) = (await PushAsync("two"), await PushAsync("three"));
        Assert.Equal([two, three], await AheadAsync(null), SameSet);
        Assert.Equal([three], await AheadAsync(two), SameSet);

        await ShAsync(Work, $"git reset -q --hard HEAD~1 && echo four > text && {Commit} && git push -q -f origin main");
        Assert.Equal([two, await ShAsync(Work, "git rev-parse HEAD")], await AheadAsync(null), SameSet);

        async Task<IEnumerable<string>> AheadAsync(string? running) => (await Look.FetchAsync(Clone, facts, running, TestContext.Current.CancellationToken)).Ahead;

        static bool SameSet(IEnumerable<string> one, IEnumerable<string> other) => one.ToHashSet(StringComparer.Ordinal).SetEquals(other);
    }

    [Fact]
    public async Task A_host_that_refuses_is_left_alone_for_a_day()
    {
        await using var server = await FileServer.StartAsync();
        server.Before = context =>
        {
            context.Response.StatusCode = 429;
            return Task.FromResult(true);
        };
        var facts = await Look.LookAsync(Clone, TestContext.Current.CancellationToken) with { Remote = $"{server.Url}/helix.git" };

        Assert.Contains("429", (await RefusedAsync()).Message, StringComparison.Ordinal);
        var asked = server.Asked.Count;
        Assert.Contains("refused lately; it is asked again after", (await RefusedAsync()).Message, StringComparison.Ordinal);

        Assert.Equal(asked, server.Asked.Count);

        Task<SelfUpdateException> RefusedAsync() => Assert.ThrowsAsync<SelfUpdateException>(() => Look.FetchAsync(Clone, facts, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_the_machine_does_not_do_now_is_not_the_commits_fault()
    {
        _stand.Environment["PATH"] = _stand.Root;
        Assert.Equal("not_now", (await Assert.ThrowsAsync<SelfUpdateException>(() => new SourceBuild(Tools, Source).BuildAsync("abcd", TestContext.Current.CancellationToken))).Code);
    }

    [Fact]
    public async Task A_build_that_fails_says_how_and_what_the_machine_lacks_is_not_the_commits_fault()
    {
        foreach (var (end, code) in ((int, string)[])[(70, "build_failed"), (69, "not_built")])
        {
            await File.WriteAllTextAsync(Path.Combine(Work, "helix"), $"#!/bin/sh\necho 'error: no such thing' >&2\nexit {end}\n");
            var commit = await PushAsync($"{end}");
            await Look.FetchAsync(Clone, await Look.LookAsync(Clone, TestContext.Current.CancellationToken), null, TestContext.Current.CancellationToken);

            var failed = await Assert.ThrowsAsync<SelfUpdateException>(() => new SourceBuild(Tools, Source).BuildAsync(commit, TestContext.Current.CancellationToken));

            Assert.Equal(code, failed.Code);
            Assert.Contains("error: no such thing", failed.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Offline_and_without_the_repository_nothing_is_fetched()
    {
        var facts = await Look.LookAsync(Clone, TestContext.Current.CancellationToken);
        _stand.Offline = true;
        Assert.Equal("offline", (await Assert.ThrowsAsync<SelfUpdateException>(() => Look.FetchAsync(Clone, facts, null, TestContext.Current.CancellationToken))).Code);

        _stand.Offline = false;
        Directory.Delete(Path.Combine(_stand.Root, "bare.git"), recursive: true);
        Assert.Equal("unreachable", (await Assert.ThrowsAsync<SelfUpdateException>(() => Look.FetchAsync(Clone, facts, null, TestContext.Current.CancellationToken))).Code);
    }

    private async Task<(string, bool, int)> FoundAsync(CloneFacts facts) =>
        await Look.FetchAsync(Clone, facts, null, TestContext.Current.CancellationToken) is var found ? (found.Newest, found.Follows, found.Ahead.Count) : default;

    private static string[] Written(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Order(StringComparer.Ordinal).Select(path => $"{path} {File.GetLastWriteTimeUtc(path).Ticks} {new FileInfo(path).Length}")];

    private Task<string> PushAsync(string text) => ShAsync(Work, $"echo {text} > text && {Commit} && git push -q origin main && git rev-parse HEAD");

    private async Task<string> ShAsync(string folder, string line)
    {
        var log = Path.Combine(_stand.Root, "said");
        var end = await _stand.Child.EndOfAsync(new LaunchSpec("says", "/bin/sh", ["-c", line], _stand.Environment, folder, log), TimeSpan.FromMinutes(1), static () => { }, TestContext.Current.CancellationToken);
        var said = (await File.ReadAllTextAsync(log)).Trim();
        Assert.True(end is { Code: 0 }, said);
        return said;
    }
}
