using System.Collections.Immutable;
using Helix.Core.Manifests;

namespace Helix.Install;

/// <summary>One release that is to be made.</summary>
/// <param name="Asset">The file for this machine; null where the way has none.</param>
/// <param name="Version">Exact.</param>
/// <param name="Staging">An empty folder, to be filled; it becomes the release by a rename.</param>
/// <param name="Final">The path that the release will have: what is written down as an absolute path must name this one.</param>
/// <param name="Cache">Folder of what was downloaded; shared by the releases of all providers.</param>
/// <param name="LogFile">What the tools say is appended to it.</param>
/// <param name="On">What it is to compute on.</param>
internal sealed record InstallJob(
    string Provider, InstallWay Way, Asset? Asset, string Version, string Staging, string Final, string Cache, string LogFile, Accelerator On, Action<InstallProgress> Report)
{
    /// <summary>Where tools put their temporary files: beside the staging folder, so that it is swept with it.</summary>
    public string Scratch => Staging + ".tmp";
}

/// <summary>Where an installation stands.</summary>
/// <param name="Step">What is done now, in a few words: "downloading koboldcpp-linux-x64", "building llama-server".</param>
internal sealed record InstallProgress(string Step, long? DoneBytes = null, long? TotalBytes = null, double? BytesPerSecond = null)
{
    /// <summary>The step without what may stand behind it.</summary>
    public string Key { get; init; } = Step;
}

/// <summary>How an installation ended.</summary>
internal abstract record InstallOutcome
{
    private InstallOutcome() { }

    /// <param name="Digests">Of everything that was fetched.</param>
    internal sealed record Done(ImmutableArray<FetchedDigest> Digests) : InstallOutcome
    {
        /// <summary>A folder that a second try would go on from, and nobody needs once the release is in its place; null for none.</summary>
        public string? Scrap { get; init; }

        /// <summary>A file in the cache: where the release is no good, it may be to blame. Null for none.</summary>
        public FetchedAsset.Done? Fetched { get; init; }

        /// <summary>What the release is started with and is not part of it: absolute paths by the word for each in a manifest.</summary>
        public ImmutableSortedDictionary<string, string> Tools { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
    }

    /// <param name="Step">Which step failed.</param>
    /// <param name="Reason">What happened and why, with the last words of the tool.</param>
    /// <param name="Remedy">What the user can do.</param>
    /// <param name="Waits">Trying again later may help: the network, a mirror, the disk. Else somebody has to act.</param>
    internal sealed record Failed(string Step, string Reason, string Remedy, bool Waits) : InstallOutcome
    {
        /// <summary>It was all there, and failed its trial.</summary>
        public bool WasTried { get; init; }
    }
}

/// <param name="What">File or package with its version.</param>
/// <param name="Algorithm">sha256, sha512, or git for the id of a commit.</param>
/// <param name="From">Who vouches for it.</param>
internal sealed record FetchedDigest(string What, string Algorithm, string Value, DigestFrom From);

/// <summary>Who says what a download's digest has to be, the best first.</summary>
internal enum DigestFrom
{
    Manifest,

    /// <summary>A file of digests beside the release.</summary>
    ChecksumFile,

    /// <summary>The package registry, the release's or the model's API.</summary>
    Registry,

    /// <summary>Nobody: it was written down at the first installation, and is compared ever after.</summary>
    Recorded,
}
