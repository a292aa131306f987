using System.Collections.Immutable;
using Helix.Configuration;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Hardware;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Install;

/// <summary>
/// Programs that installations call (Node.js, uv, cmake), fetched below helix's home where the machine has none that will do:
/// whole or not at all, and only if they start here. What is on the user's PATH always comes first.
/// </summary>
internal sealed class Toolchains(HelixHome home)
{
    private const string Resources = "toolchains/";

    /// <summary>How the name of a folder begins that is being filled.</summary>
    private const string Unfinished = ".new-";

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    // an installation and a bundle may bring the same one
    private static readonly SemaphoreSlim s_one = new(1, 1);

    /// <summary>All that this helix knows.</summary>
    public static ImmutableArray<Toolchain> All { get; } =
    [
        .. typeof(Toolchains).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Resources, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read),
    ];

    /// <summary>Where uv puts the Pythons that it fetches for helix.</summary>
    public static string PythonsOf(HelixHome home) => Path.Combine(home.Tools, "python");

    /// <summary>Folders of programs that were fetched, absolute.</summary>
    public static ImmutableArray<string> FoldersIn(HelixHome home)
    {
        string[] pythons = Directory.Exists(PythonsOf(home)) ? Directory.GetDirectories(PythonsOf(home)) : [];
        return
        [
            .. All.SelectMany(chain => FoldersOf(chain, Path.Combine(home.Tools, chain.Id, chain.Version))),
            .. pythons.Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal).Select(path => Path.Combine(path, "bin")).Where(Directory.Exists),
        ];
    }

    /// <summary>Folders that hold one version of one tool each. Links from one version to another are none.</summary>
    public static IEnumerable<string> FetchedIn(HelixHome home) => !Directory.Exists(home.Tools) ? [] : Directory.GetDirectories(home.Tools)
        .SelectMany(Directory.GetDirectories).Where(path => !Path.GetFileName(path).StartsWith('.') && new DirectoryInfo(path).LinkTarget is null).Order(StringComparer.Ordinal);

    /// <summary>The release is started with it, or its environment leads to it.</summary>
    public static bool IsUsedBy(InstalledRelease release, string tool)
    {
        // uv leads an environment to a link that it changes to the next small version
        var others = Directory.GetDirectories(Path.GetDirectoryName(tool)!).Where(path => new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName == tool);
        var python = new FileInfo(Path.Combine(release.Folder, PythonEnvironment.Interpreter)) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)?.FullName : null;
        string[] folders = [.. others.Prepend(tool).Select(path => path + Path.DirectorySeparatorChar)];
        return release.Tools.Values.Append(python).OfType<string>().Any(path => folders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal)));
    }

    /// <summary>Fills the folder of one version of one tool: it appears whole or not at all.</summary>
    /// <param name="fill">Fills a folder that is not there yet; false when that folder is to be thrown away.</param>
    public static async Task PlaceAsync(HelixHome home, string id, string version, Func<string, Task<bool>> fill)
    {
        await s_one.WaitAsync();
        try
        {
            if (!Directory.Exists(Path.Combine(home.Tools, id, version))) await PlaceAloneAsync(home, id, version, fill);
        }
        finally
        {
            s_one.Release();
        }
    }

    private static async Task PlaceAloneAsync(HelixHome home, string id, string version, Func<string, Task<bool>> fill)
    {
        var above = Directory.CreateDirectory(Path.Combine(home.Tools, id)).FullName;
        foreach (var left in Directory.GetDirectories(above, Unfinished + "*")) Directory.Delete(left, recursive: true);
        var staging = Path.Combine(above, Unfinished + version);
        try
        {
            if (!await fill(staging)) return;
            NativeLibc.FlushDiskOf(staging);
            Directory.Move(staging, Path.Combine(above, version));
        }
        finally
        {
            foreach (var left in Directory.GetDirectories(above, Unfinished + "*")) Directory.Delete(left, recursive: true);
        }
    }

    /// <summary>Takes one out of use by a rename.</summary>
    public static string PutAside(string tool)
    {
        var aside = Path.Combine(Path.GetDirectoryName(tool)!, Unfinished + Guid.NewGuid().ToString("N"));
        Directory.Move(tool, aside);
        return aside;
    }

    /// <summary>The user's variables, with what was fetched behind all that he has on his PATH.</summary>
    public static Dictionary<string, string> Beside(HelixHome home, Dictionary<string, string> environment)
    {
        environment["PATH"] = PathBeside(home, environment.GetValueOrDefault("PATH", ""));
        return environment;
    }

    public static string PathBeside(HelixHome home, string path) => string.Join(Path.PathSeparator, FoldersIn(home).Prepend(path).Where(folder => folder.Length > 0));

    /// <summary>Whether there is one for this machine.</summary>
    public static bool Has(string id) => All.Any(chain => chain.Id == id && AssetOf(chain) is not null);

    /// <summary>Brings one here. Several may ask for it at the same time: one fetches, and the others wait.</summary>
    /// <param name="run">The installation that needs it: hears of the progress, and has the log.</param>
    /// <returns>Null when it is here and starts.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; what has arrived of the download is kept.</exception>
    public async Task<InstallOutcome.Failed?> FetchAsync(string id, InstallRun run, CancellationToken cancellationToken)
    {
        var chain = All.Single(chain => chain.Id == id);
        if (!s_one.Wait(0, CancellationToken.None))
        {
            run.Begin($"waiting for {chain.Name}");
            await s_one.WaitAsync(cancellationToken);
        }

        try
        {
            var folder = Path.Combine(home.Tools, id, chain.Version);
            return Directory.Exists(folder) ? null : await MakeAsync(chain, folder, run, cancellationToken);
        }
        finally
        {
            s_one.Release();
        }
    }

    private async Task<InstallOutcome.Failed?> MakeAsync(Toolchain chain, string folder, InstallRun run, CancellationToken cancellationToken)
    {
        if (chain.Way.Bytes is { } bytes && FreeSpace.Refusal(home.LocalLlm, bytes) is { } refusal) return run.Failed($"fetching {chain.Name}", refusal);
        var staging = Path.Combine(Path.GetDirectoryName(folder)!, Unfinished + chain.Version);
        var its = new InstallRun(run.Ground, run.Job with { Provider = chain.Id, Way = chain.Way, Asset = AssetOf(chain), Version = chain.Version, Staging = staging, Final = folder }, new Dictionary<Tool, FoundTool>());
        switch (await new AssetFetch(its).FetchAsync(cancellationToken))
        {
            case FetchedAsset.Failed(var failed): return failed;
            case FetchedAsset.Done fetched:
                InstallOutcome.Failed? unfit = null;
                await PlaceAloneAsync(home, chain.Id, chain.Version, async empty =>
                {
                    unfit = await ArchiveUnpack.RunAsync(its, fetched, empty, chain.Way.Strip, cancellationToken) ?? await StartsAsync(chain, empty, its, cancellationToken);
                    return unfit is null;
                });
                if (unfit is null) File.Delete(fetched.Path);
                return unfit;
            default: throw new InvalidOperationException("a fetch ends well or not");
        }
    }

    /// <summary>Each of its programs says its version; else it is of no use here.</summary>
    private static async Task<InstallOutcome.Failed?> StartsAsync(Toolchain chain, string staging, InstallRun its, CancellationToken cancellationToken)
    {
        var programs = chain.Programs.Select(program => Path.Combine(staging, program)).Where(File.Exists).ToArray();
        var step = $"trying {chain.Name}";
        if (programs.Length == 0) return new(step, $"{chain.Name} {chain.Version} has none of {string.Join(", ", chain.Programs)} in it", $"Install {chain.Name} yourself; then try again.", false);
        foreach (var program in programs)
        {
            var call = new ToolCall(step, program, ["--version"], staging) { Deadline = s_deadline, Environment = [("PATH", $"{Path.GetDirectoryName(program)}{Path.PathSeparator}{its.Ground.Environment().GetValueOrDefault("PATH", "")}")] };
            if (await its.CallAsync(call, cancellationToken) is { } failed)
                return failed with { Reason = $"{chain.Name} {chain.Version} was fetched, and does not start on this machine: {failed.Reason}", Remedy = $"Install {chain.Name} with your system's package manager; then try again.", Waits = false };
        }

        return null;
    }

    private static Asset? AssetOf(Toolchain chain) => chain.AssetFor(MachineSurvey.Os, MachineSurvey.Architecture);

    private static IEnumerable<string> FoldersOf(Toolchain chain, string folder) =>
        chain.Programs.Select(program => Path.Combine(folder, program)).Where(File.Exists).Select(program => Path.GetDirectoryName(program)!).Distinct(StringComparer.Ordinal);

    private static Toolchain Read(string name)
    {
        using var reader = new StreamReader(typeof(Toolchains).Assembly.GetManifestResourceStream(name)!);
        return YamlReader.Read(reader.ReadToEnd()) is YamlNode.Map map ? Toolchain.Of(YamlDocument.Of(map).Values) : throw new InvalidOperationException($"{name} is broken");
    }
}
