using System.Collections.Immutable;
using Helix.Core.SelfUpdate;
using Helix.Install;

namespace Helix.SelfUpdate;

/// <summary>Looks at the clone that helix was built in, and fetches what is new in the repository that it came from into a clone of helix's own. The user's is only read.</summary>
/// <param name="newest">Knows which hosts want to be left alone.</param>
/// <param name="source">Folder of helix's own clone.</param>
internal sealed class CloneLook(SourceTools tools, Web web, NewestLook newest, string source)
{
    private const string NewestRef = "refs/helix/newest", CloneRef = "refs/helix/clone";

    /// <exception cref="SelfUpdateException">It is no clone that git can read.</exception>
    public async Task<CloneFacts> LookAsync(string clone, CancellationToken cancellationToken)
    {
        var head = await CommitAsync(clone, "HEAD", cancellationToken);
        // files that git does not know are nobody's change of helix
        var changes = await tools.GitAsync(clone, ["status", "--porcelain", "--untracked-files=no"], cancellationToken);
        var branch = await AnswerAsync(clone, ["symbolic-ref", "--quiet", "--short", "HEAD"], cancellationToken);
        var remote = branch is null ? null : await AnswerAsync(clone, ["config", "--get", $"branch.{branch}.remote"], cancellationToken);
        var address = remote is null ? null : await AnswerAsync(clone, ["remote", "get-url", remote], cancellationToken);
        return new(branch, address is null ? null : Whole(address, clone), head, changes.Length == 0 ? 0 : changes.Split('\n').Length);
    }

    /// <param name="facts">With branch and remote.</param>
    /// <param name="running">The commit of the release in use; null where none is, or it came from no commit.</param>
    /// <exception cref="SelfUpdateException">The repository cannot be reached.</exception>
    public async Task<RemoteFacts> FetchAsync(string clone, CloneFacts facts, string? running, CancellationToken cancellationToken)
    {
        if (web.Offline) throw new SelfUpdateException("helix is offline, so nothing was fetched", "Set network.offline to false and unset HELIX_OFFLINE.", "offline");
        Directory.CreateDirectory(source);
        if (!Directory.Exists(Path.Combine(source, ".git"))) await tools.GitAsync(source, ["init", "--quiet"], cancellationToken);
        var merged = await AnswerAsync(clone, ["config", "--get", $"branch.{facts.Branch}.merge"], cancellationToken) ?? $"refs/heads/{facts.Branch}";
        await tools.GitAsync(source, ["fetch", "--quiet", "--no-tags", clone, $"+HEAD:{CloneRef}"], cancellationToken);
        await FetchNewestAsync(facts.Remote!, merged, cancellationToken);
        var last = await CommitAsync(source, NewestRef, cancellationToken);
        if (!await IsWithinAsync(facts.Head) || (running is not null && !await IsWithinAsync(running))) return new(last, Follows: false, []);
        var ahead = await AfterAsync(facts.Head);
        return new(last, Follows: true, running is null || running == facts.Head ? ahead : ahead.Intersect(await AfterAsync(running)));

        async Task<bool> IsWithinAsync(string commit) => (await tools.TryGitAsync(source, ["merge-base", "--is-ancestor", commit, last], cancellationToken)).Code == 0;

        async Task<ImmutableHashSet<string>> AfterAsync(string commit) => [.. (await tools.GitAsync(source, ["rev-list", "--ancestry-path", $"{commit}..{last}"], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>A host that refuses is left alone for a day, as where providers come from is.</summary>
    private async Task FetchNewestAsync(string remote, string merged, CancellationToken cancellationToken)
    {
        var address = Mirrored(remote);
        var host = Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url!.Authority : null;
        if (host is not null && await newest.PausedUntilAsync(host, cancellationToken) is { } until)
            throw new SelfUpdateException($"{host} refused lately; it is asked again after {until:yyyy-MM-dd HH:mm} UTC", code: "unreachable");
        try
        {
            await tools.GitAsync(source, ["fetch", "--quiet", "--no-tags", address, $"+{merged}:{NewestRef}"], cancellationToken);
        }
        catch (SelfUpdateException refused) when (host is not null && IsRefusal(refused.Message))
        {
            await newest.PauseAsync(host, cancellationToken);
            throw;
        }
    }

    /// <summary>git's words for an answer that asks to be left alone.</summary>
    private static bool IsRefusal(string said) => said.Contains("returned error: 403", StringComparison.Ordinal) || said.Contains("returned error: 429", StringComparison.Ordinal);

    /// <summary>Its last line: what git has to say besides comes first.</summary>
    private async Task<string> CommitAsync(string folder, string name, CancellationToken cancellationToken) =>
        (await tools.GitAsync(folder, ["rev-parse", "--verify", name + "^{commit}"], cancellationToken)).Split('\n')[^1];

    private async Task<string?> AnswerAsync(string folder, string[] words, CancellationToken cancellationToken) =>
        await tools.TryGitAsync(folder, words, cancellationToken) is (0, { Length: > 0 } said) ? said : null;

    private string Mirrored(string address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? web.Mirrored(url!).AbsoluteUri : address;

    /// <summary>A path beside the clone means another one elsewhere.</summary>
    private static string Whole(string address, string clone) => address.StartsWith('.') ? Path.GetFullPath(address, clone) : address;
}
