namespace Helix.Install;

/// <summary>One commit of a repository, without its history. What was fetched stays in the cache, so that it is fetched once.</summary>
internal sealed class GitCheckout(InstallRun run)
{
    /// <summary>Nothing may wait for somebody to type, and no repository around this one counts.</summary>
    public static IReadOnlyList<(string, string?)> Environment { get; } =
        [("GIT_TERMINAL_PROMPT", "0"), ("GIT_ASKPASS", ""), ("SSH_ASKPASS", ""), ("GIT_DIR", null), ("GIT_WORK_TREE", null), ("GIT_INDEX_FILE", null), ("GIT_LFS_SKIP_SMUDGE", "1"), ("LC_ALL", "C.UTF-8")];

    private static readonly string[] s_quiet = ["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "protocol.ext.allow=never", "-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=30", "-c", "gc.auto=0"];

    private readonly Uri _url = new(run.Job.Way.Url!);
    private string _said = "";

    private string Repository => Path.Combine(run.Job.Cache, "git", AssetFetch.KeyOf(_url));

    private string Wanted => run.Job.Version;

    private bool IsWhole => Wanted.Length == 40 && Wanted.All(char.IsAsciiHexDigitLower);

    public async Task<InstallOutcome> FillAsync(CancellationToken cancellationToken)
    {
        var step = $"fetching {Wanted} of {_url.Host}{_url.AbsolutePath}";
        run.Begin(step);
        Directory.CreateDirectory(Repository);
        if (!File.Exists(Path.Combine(Repository, "HEAD")) && await GitAsync(step, ["init", "--quiet", "--bare", Repository], cancellationToken) is { } unmade) return unmade;
        var commit = await FindAsync(step, cancellationToken);
        if (commit is null)
        {
            if (await FetchAsync(step, cancellationToken) is { } failed) return failed;
            commit = await FindAsync(step, cancellationToken);
        }

        if (commit is null) return new InstallOutcome.Failed(step, $"{_url} has no commit {Wanted}", "Correct version in the manifest, or its url.", false);
        if (await LayAsync(commit, cancellationToken) is { } unlaid) return unlaid;
        var digest = new FetchedDigest($"{_url.Host}{_url.AbsolutePath} {Wanted}", "git", commit, IsWhole ? DigestFrom.Manifest : DigestFrom.Recorded);
        var way = run.Job.Way;
        if (way.Packages.IsEmpty && way.Python is null) return new InstallOutcome.Done([digest]);

        // what lies in the release itself has no digest but the commit's
        string[] packages = [.. way.Packages.Select(package => run.Fill(package, run.Job.Staging))];
        var inside = packages.ToLookup(package => package.StartsWith(run.Job.Staging, StringComparison.Ordinal));
        var made = await new PythonEnvironment(run, [.. inside[false]], null, [.. inside[true]]).FillAsync(cancellationToken);
        return made is InstallOutcome.Done(var digests) ? new InstallOutcome.Done([digest, .. digests]) : made;
    }

    /// <summary>One commit where the server gives it, else everything.</summary>
    private async Task<InstallOutcome.Failed?> FetchAsync(string step, CancellationToken cancellationToken)
    {
        // the one door first: it knows of offline and mirrors, and it finds out soon that nobody answers
        var asked = new Uri(_url.AbsoluteUri.TrimEnd('/') + "/info/refs?service=git-upload-pack");
        var answer = await run.Ground.Web.SendAsync(HttpMethod.Get, asked, static _ => { }, null, static _ => true, cancellationToken);
        if (answer is WebAnswer.Silent(var silent, _)) return run.Failed(step, silent);
        using (var response = ((WebAnswer.Answered)answer).Response)
            if (!response.IsSuccessStatusCode) return run.Failed(step, Failures.For(asked, response.StatusCode, hadToken: false));

        var from = run.Ground.Web.Mirrored(_url).AbsoluteUri;
        if ((IsWhole || !Wanted.All(char.IsAsciiHexDigitLower)) && await GitAsync(step, ["fetch", "--quiet", "--depth", "1", from, IsWhole ? Wanted : $"+{Wanted}:refs/helix/{Wanted}"], cancellationToken) is null) return null;
        return await GitAsync(step, ["fetch", "--quiet", from, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"], cancellationToken);
    }

    /// <summary>Full id of the commit; null where it is not in the cache.</summary>
    private async Task<string?> FindAsync(string step, CancellationToken cancellationToken)
    {
        foreach (var name in IsWhole || Wanted.All(char.IsAsciiHexDigitLower) ? (string[])[Wanted] : [$"refs/helix/{Wanted}", $"refs/tags/{Wanted}"])
        {
            if (await GitAsync(step, ["rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"], cancellationToken) is null && _said.Length == 40 && (!Wanted.All(char.IsAsciiHexDigitLower) || _said.StartsWith(Wanted, StringComparison.Ordinal)))
                return _said;
        }

        return null;
    }

    /// <summary>The files only: no folder of git comes into a release.</summary>
    private async Task<InstallOutcome.Failed?> LayAsync(string commit, CancellationToken cancellationToken)
    {
        const string Step = "laying the checkout";
        var index = Path.Combine(Repository, $"index-{run.Job.Provider}");
        File.Delete(index);
        var failed = await GitAsync(Step, ["read-tree", commit], cancellationToken, index) ?? await GitAsync(Step, ["--work-tree", run.Job.Staging, "checkout-index", "--all", "--force"], cancellationToken, index);
        File.Delete(index);
        return failed;
    }

    private Task<InstallOutcome.Failed?> GitAsync(string step, string[] words, CancellationToken cancellationToken, string? index = null)
    {
        _said = "";
        string[] arguments = words[0] == "init" ? words : ["--git-dir", Repository, .. s_quiet, .. words];
        return run.CallAsync(new ToolCall(step, run.PathOf(Tool.Git), arguments, run.Job.Staging) { Environment = [.. Environment, ("GIT_INDEX_FILE", index)], Line = line => _said = line.Trim() }, cancellationToken);
    }
}
