using System.Security.Cryptography;
using System.Text;
using Helix.Core.Install;
using Helix.Core.Manifests;

namespace Helix.Install;

/// <summary>How the fetch of one file ended.</summary>
internal abstract record FetchedAsset
{
    private FetchedAsset() { }

    internal sealed record Done(string Path, FetchedDigest Digest) : FetchedAsset
    {
        /// <summary>Somebody says that it is what it should be, or it was good here before.</summary>
        public bool IsVouched { get; init; }

        /// <summary>
        /// For when it proved to be no good: what nobody vouches for may have been damaged on its way, and is thrown away. Where the same comes
        /// again, it is not to blame, and is kept.
        /// </summary>
        /// <returns>It was thrown away: fetching it again may help.</returns>
        public bool Doubt()
        {
            var note = Path + ".refused";
            if (IsVouched || (File.Exists(note) && File.ReadAllText(note) == Digest.Value)) return false;
            File.WriteAllText(note, Digest.Value);
            File.Delete(Path);
            return true;
        }
    }

    internal sealed record Failed(InstallOutcome.Failed Outcome) : FetchedAsset;
}

/// <summary>Brings one file of a release into the cache, checked against the best digest there is.</summary>
internal sealed class AssetFetch(InstallRun run)
{
    /// <summary>The folder of the cache in which files lie, each in one named by its address.</summary>
    public const string Files = "files";

    private const int LargestAnswer = 8 << 20;

    public static string KeyOf(Uri url) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.AbsoluteUri)))[..16];

    /// <summary>Where a file of a release comes from.</summary>
    public static Uri AddressOf(InstallWay way, Asset asset, string version) => new(
        way.Url!.Replace("{version}", version, StringComparison.Ordinal).Replace("{asset}", Uri.EscapeDataString(asset.Name.Replace("{version}", version, StringComparison.Ordinal)), StringComparison.Ordinal));

    /// <summary>Where the digests of a release's files stand.</summary>
    public static Uri ListOf(string template, string version, string name) =>
        new(template.Replace("{version}", version, StringComparison.Ordinal).Replace("{asset}", Uri.EscapeDataString(name), StringComparison.Ordinal));

    /// <summary>The file that the manifest names for this machine.</summary>
    public Task<FetchedAsset> FetchAsync(CancellationToken cancellationToken)
    {
        var (job, asset) = (run.Job, run.Job.Asset!);
        var name = asset.Name.Replace("{version}", job.Version, StringComparison.Ordinal);
        return FetchAsync(AddressOf(job.Way, asset, job.Version), name, asset, cancellationToken);
    }

    public async Task<FetchedAsset> FetchAsync(Uri url, string name, Asset? asset, CancellationToken cancellationToken)
    {
        var job = run.Job;
        var step = $"downloading {name}";
        run.Begin(step);
        var what = name.Contains(job.Version, StringComparison.Ordinal) ? name : $"{name} {job.Version}";
        var target = InCache(url, name);
        var (expected, failed) = await ExpectedAsync(what, name, asset, cancellationToken);
        if (failed is not null) return new FetchedAsset.Failed(failed);
        // asked beside the download: it costs no time, and its silence is no failure. Asked, too, for a file that is there: nobody may have compared it
        var declared = expected is null && GitHubRelease.ApiFor(url) is { } api ? DeclaredAsync(api, name, cancellationToken) : Task.FromResult<string?>(null);
        if (File.Exists(target))
        {
            if (await declared is { } there) expected = new FetchedDigest(what, "sha256", there, DigestFrom.Registry);
            if (await IsAsync(target, expected, cancellationToken)) return await DoneAsync(what, target, expected, cancellationToken);
        }

        var request = new DownloadRequest(url, target, asset?.Bytes, expected is { Algorithm: "sha256" } ? expected.Value : null);
        var result = await run.Ground.Downloads.FetchAsync(request, progress => run.Report(step, progress), cancellationToken);
        var said = await declared;
        if (result is DownloadResult.Failed broken)
        {
            if (broken.Trouble == DownloadTrouble.Tampered) Doubt(expected, name);
            return new FetchedAsset.Failed(run.Failed(step, broken));
        }

        if (said is not null) expected = new FetchedDigest(what, "sha256", said, DigestFrom.Registry);
        if (await IsAsync(target, expected, cancellationToken)) return await DoneAsync(what, target, expected, cancellationToken);
        File.Delete(target);
        Doubt(expected, name);
        return new FetchedAsset.Failed(run.Failed(step, Failures.Tampered(url, $"its digest is not the {expected!.Algorithm} {expected.Value} that was declared")));
    }

    /// <summary>A file that is not what a list says: either of the two may be the wrong one, so the list is asked for again, too.</summary>
    private void Doubt(FetchedDigest? expected, string name)
    {
        if (expected is { From: DigestFrom.ChecksumFile }) File.Delete(InCache(ListOf(run.Job.Way.Checksums!, run.Job.Version, name)));
    }

    private string InCache(Uri list) => InCache(list, Path.GetFileName(list.AbsolutePath));

    private string InCache(Uri url, string name) =>
        Path.Combine(run.Job.Cache, Files, KeyOf(url), Path.GetFileName(name));

    /// <summary>What is known of the digest before anything is fetched, the best source first.</summary>
    private async Task<(FetchedDigest? Expected, InstallOutcome.Failed? Failed)> ExpectedAsync(string what, string name, Asset? asset, CancellationToken cancellationToken)
    {
        if (asset?.Sha256 is { } sha256) return (new(what, "sha256", sha256, DigestFrom.Manifest), null);
        if (asset?.Sha512 is { } sha512) return (new(what, "sha512", sha512, DigestFrom.Manifest), null);
        if (run.Job.Way.Checksums is { } template) return await ListedAsync(ListOf(template, run.Job.Version, name), what, name, cancellationToken);
        return (DigestLedger.Of(run.Ground.Home, run.Job.Provider).Find(what, "sha256"), null);
    }

    private async Task<(FetchedDigest? Expected, InstallOutcome.Failed? Failed)> ListedAsync(Uri url, string what, string name, CancellationToken cancellationToken)
    {
        var step = $"downloading {Path.GetFileName(url.AbsolutePath)}";
        var file = InCache(url);
        if (!File.Exists(file) && await run.Ground.Downloads.FetchAsync(new DownloadRequest(url, file) { Most = LargestAnswer }, progress => run.Report(step, progress), cancellationToken) is DownloadResult.Failed failed) return (null, run.Failed(step, failed));
        if (new FileInfo(file).Length <= LargestAnswer && ChecksumFile.Find(await File.ReadAllTextAsync(file, cancellationToken), name) is var (algorithm, value)) return (new(what, algorithm, value, DigestFrom.ChecksumFile), null);
        File.Delete(file);
        return (null, new(step, $"{url} does not tell the digest of {name}", "Try again later; if it stays so, correct checksums in the manifest.", true));
    }

    private async Task<string?> DeclaredAsync(Uri api, string name, CancellationToken cancellationToken)
    {
        var answer = await run.Ground.Web.SendAsync(HttpMethod.Get, api, headers => headers.Accept.ParseAdd("application/vnd.github+json"), null, static _ => true, cancellationToken);
        if (answer is not WebAnswer.Answered(var response, _)) return null;
        using (response)
        {
            if (!response.IsSuccessStatusCode) return null;
            try
            {
                return GitHubRelease.DigestOf(await run.Ground.Web.ReadAsync(response, LargestAnswer, cancellationToken), name);
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                return null;
            }
        }
    }

    private static async Task<bool> IsAsync(string path, FetchedDigest? expected, CancellationToken cancellationToken) =>
        expected is null || await DigestAsync(path, expected.Algorithm, cancellationToken) == expected.Value;

    private static async Task<FetchedAsset> DoneAsync(string what, string path, FetchedDigest? expected, CancellationToken cancellationToken) =>
        new FetchedAsset.Done(path, expected ?? new FetchedDigest(what, "sha256", await DigestAsync(path, "sha256", cancellationToken), DigestFrom.Recorded)) { IsVouched = expected is not null };

    private static async Task<string> DigestAsync(string path, string algorithm, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(algorithm == "sha512" ? await SHA512.HashDataAsync(stream, cancellationToken) : await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
