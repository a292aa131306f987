using System.Collections.Immutable;

namespace Helix.Core.Manifests;

/// <summary>How a provider comes to a machine.</summary>
internal enum InstallKind
{
    Archive,
    Binary,
    Python,
    Git,
    Npm,
    Source,

    /// <summary>The maker's own download, after the user accepted its terms.</summary>
    Vendor,

    /// <summary>The user installs and runs it.</summary>
    Attach,

    /// <summary>Comes with helix.</summary>
    BuiltIn,
}

/// <summary>One way to install a provider.</summary>
/// <param name="Accelerators">What it computes on; empty means anything.</param>
/// <param name="Version">Null where it is attached or comes with helix.</param>
/// <param name="Url">Template with {version} and {asset}.</param>
/// <param name="Checksums">Template with {version} and {asset}: where digests of the assets stand, as sha256sum writes them.</param>
/// <param name="Accept">Terms that the user must accept first.</param>
/// <param name="Bytes">On disk when it is installed.</param>
/// <param name="Needs">Programs that its steps call: git, python, node, cmake, compiler.</param>
/// <param name="Program">Name of the file in the release, of kind binary.</param>
/// <param name="Strip">Folders to leave out at the front of each name in an archive.</param>
/// <param name="Python">Oldest interpreter that will do.</param>
/// <param name="Packages">Further packages, each with its exact version.</param>
/// <param name="Bundle">Path of the git bundle inside the package, of kind source.</param>
/// <param name="Options">Of cmake.</param>
/// <param name="Target">What cmake builds.</param>
/// <param name="Keep">Names with * of the files of a build that make the release.</param>
/// <param name="Images">OCI images whose files are laid into the release: folder and reference.</param>
/// <param name="Files">Files of ours that belong to the release.</param>
/// <param name="Steps">Run in the release after that.</param>
internal sealed record InstallWay(
    InstallKind Kind,
    ImmutableArray<Accelerator> Accelerators,
    string? Package,
    string? Version,
    string? Url,
    string? Checksums,
    ImmutableArray<Asset> Assets,
    string? Accept,
    long? Bytes,
    ImmutableArray<string> Needs,
    string? Program,
    int Strip,
    Version? Python,
    ImmutableArray<string> Packages,
    ImmutableArray<string> Indexes,
    string? Bundle,
    ImmutableArray<string> Options,
    string? Target,
    ImmutableArray<string> Keep,
    ImmutableArray<Named> Images,
    ImmutableArray<ManifestFile> Files,
    ImmutableArray<InstallStep> Steps)
{
    /// <summary>First interpreter that is too new; null for none.</summary>
    public Version? PythonBelow { get; init; }
}

/// <summary>One file of a release, for some machines.</summary>
/// <param name="Accelerator">Null: whatever there is.</param>
/// <param name="Name">Template with {version}.</param>
internal sealed record Asset(string Os, ImmutableArray<string> Architectures, Accelerator? Accelerator, string Name, long? Bytes, string? Sha256, string? Sha512);

/// <summary>A file that is written: one that comes with helix, or these lines.</summary>
/// <param name="Path">Template.</param>
/// <param name="From">Name of a file that comes with helix; null where <paramref name="Lines"/> are the file.</param>
/// <param name="Link">Template of the file that it is to be; null for one that is written.</param>
internal sealed record ManifestFile(string Path, string? From, ImmutableArray<string> Lines, string? Link = null);

/// <param name="In">Folder below the release; null for the release itself.</param>
internal sealed record InstallStep(ImmutableArray<string> Run, string? In, ImmutableArray<Named> Environment);

/// <summary>Written as NAME=VALUE.</summary>
internal sealed record Named(string Name, string Value)
{
    public static Named Of(string line) => line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? new(line[..at], line[(at + 1)..]) : throw new FormatException($"\"{line}\" is not NAME=VALUE");
}

/// <summary>How a release tells its version.</summary>
/// <param name="Run">Program and arguments.</param>
/// <param name="Says">What must stand in its answer.</param>
internal sealed record VersionTold(ImmutableArray<string> Run, string Says);

/// <summary>Where new versions are found.</summary>
/// <param name="From">github-releases, github-commits, npm or python.</param>
internal sealed record NewerVersions(string From, string Name, string Prefix);
