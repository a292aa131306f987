using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Helix.Core.Install;

namespace Helix.Install;

/// <summary>
/// The Python environment of a release, made by uv where there is one, else by Python's own venv and pip, with the user's settings of either.
/// What was installed is written down with its digests; the same release made again installs just that.
/// </summary>
/// <param name="requirements">As pip reads them.</param>
/// <param name="wheel">A file that was fetched and checked already; null where all come from an index.</param>
/// <param name="folders">Further requirements that are folders of the release: installed last, for they have no digest of their own.</param>
internal sealed class PythonEnvironment(InstallRun run, ImmutableArray<string> requirements, string? wheel, ImmutableArray<string> folders)
{
    public const string Folder = "venv";

    /// <summary>Its interpreter, below the release.</summary>
    public const string Interpreter = Folder + "/bin/python";

    private const string LockName = "lock.txt";
    private const string NoLock = "No list of what is installed could be made";

    /// <summary>What must not lead the clients out of the environment, whatever the user set for his own projects.</summary>
    private static readonly ImmutableArray<(string, string?)> s_environment =
    [
        ("PYTHONHOME", null), ("PYTHONPATH", null), ("PYTHONUSERBASE", null), ("VIRTUAL_ENV", null), ("CONDA_PREFIX", null), ("PIP_TARGET", null), ("PIP_PREFIX", null), ("PIP_ROOT", null), ("PIP_REQUIREMENT", null),
        ("PIP_CONSTRAINT", null), ("PIP_REPORT", null), ("PIP_DRY_RUN", null), ("PIP_USER", "0"), ("UV_SYSTEM_PYTHON", null), ("UV_PYTHON", null), ("UV_PROJECT_ENVIRONMENT", null), ("UV_CONSTRAINT", null), ("PYTHONNOUSERSITE", "1"),
    ];

    /// <summary>From where uv fetches Pythons (docs.astral.sh/uv/reference/environment, UV_PYTHON_INSTALL_MIRROR).</summary>
    private static readonly Uri s_pythons = new("https://github.com/astral-sh/python-build-standalone/releases/download/");

    private readonly string _folder = Path.Combine(run.Job.Staging, Folder);
    private readonly string _report = Path.Combine(run.Job.Staging, "report.json");
    private readonly string _lock = Path.Combine(run.Job.Staging, LockName);

    private string Cached => Path.Combine(run.Job.Cache, "locks", $"{run.Job.Provider}-{run.Job.Version}.txt");

    private string Python => Path.Combine(run.Job.Staging, Interpreter);

    /// <summary>Whatever decides which packages come, the wheel and the folders included.</summary>
    private IEnumerable<string> All => [.. wheel is null ? (string[])[] : [wheel], .. requirements, .. folders];

    private bool ByUv => run.Has(Tool.Uv);

    /// <summary>Changes with everything that decides what is installed.</summary>
    private string Asked => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [.. All.Concat(run.Job.Way.Indexes).Select(text => text.Replace(run.Job.Staging, "", StringComparison.Ordinal).Replace(run.Job.Cache, "", StringComparison.Ordinal)), $"{run.Job.Way.Python} {run.Job.Way.PythonBelow}"]))))[..16];

    public async Task<InstallOutcome> FillAsync(CancellationToken cancellationToken)
    {
        if (run.Ground.Web.Offline && !ByUv) return new InstallOutcome.Failed("preparing Python", $"offline is on, and pip cannot install {run.Job.Provider} {run.Job.Version} from its cache", "Set network.offline to false and unset HELIX_OFFLINE and HF_HUB_OFFLINE, or install uv, which can.", true);
        if (await MakeAsync(cancellationToken) is { } unmade) return unmade;
        var known = File.Exists(Cached) && RequirementsLock.IsFor(await File.ReadAllTextAsync(Cached, cancellationToken), Asked);
        var failed = known ? await AgainAsync(cancellationToken) : ByUv ? await ByUvAsync(cancellationToken) : await ByPipAsync(cancellationToken);
        if (failed is not null) return failed;
        var digests = await DigestsAsync(cancellationToken);
        // what a list cannot hold; pip has it already where it made the list itself
        foreach (var folder in known || ByUv ? folders : [])
            if (await InstallAsync($"installing {run.Job.Provider} {run.Job.Version} itself", ["--no-deps", folder], cancellationToken) is { } unbuilt) return unbuilt;
        File.Delete(_report);
        Directory.CreateDirectory(Path.GetDirectoryName(Cached)!);
        if (!known)
        {
            File.Copy(_lock, Cached + ".new", overwrite: true);
            File.Move(Cached + ".new", Cached, overwrite: true);
        }

        PointAt(run.Job.Final);
        return new InstallOutcome.Done(digests);
    }

    private async Task<InstallOutcome.Failed?> MakeAsync(CancellationToken cancellationToken)
    {
        const string Step = "making a Python environment";
        if (!ByUv) return await run.CallAsync(Call(Step, run.PathOf(Tool.Python), ["-m", "venv", _folder]), cancellationToken);
        string[] wanted = run.Job.Way.Python is { } oldest ? ["--python", $">={oldest}{(run.Job.Way.PythonBelow is { } below ? $",<{below}" : "")}"] : run.Has(Tool.Python) ? ["--python", run.PathOf(Tool.Python)] : [];
        return await run.CallAsync(Call(Step, run.PathOf(Tool.Uv), ["venv", "--no-project", .. wanted, .. Offline, _folder]), cancellationToken);
    }

    private async Task<InstallOutcome.Failed?> AgainAsync(CancellationToken cancellationToken)
    {
        File.Copy(Cached, _lock);
        if (wheel is not null && await InstallAsync($"installing {Path.GetFileName(wheel)}", ["--no-deps", wheel], cancellationToken) is { } failed) return failed;
        return await InstallAsync($"installing {run.Job.Provider} {run.Job.Version} as it was", ["--require-hashes", "--no-deps", "-r", _lock], cancellationToken);
    }

    private async Task<InstallOutcome.Failed?> ByPipAsync(CancellationToken cancellationToken)
    {
        var step = $"installing {run.Job.Provider} {run.Job.Version} with pip";
        // a folder is asked for together with the rest: what it depends on is then in the list, too
        if (await InstallAsync(step, [.. All], cancellationToken) is { } failed) return failed;
        if (RequirementsLock.FromReport(await File.ReadAllBytesAsync(_report, cancellationToken)) is not { } archives) return new(step, $"{NoLock}: pip's report names packages without a digest", $"Use a package index that tells digests, or a newer pip; see {run.Job.LogFile}.", false);
        await File.WriteAllTextAsync(_lock, RequirementsLock.Write(Asked, archives), cancellationToken);
        return null;
    }

    private async Task<InstallOutcome.Failed?> ByUvAsync(CancellationToken cancellationToken)
    {
        var (wanted, compiled) = (_lock + ".in", _lock + ".out");
        await File.WriteAllLinesAsync(wanted, All, cancellationToken);
        string[] arguments = ["pip", "compile", wanted, "--output-file", compiled, "--generate-hashes", "--no-header", "--no-annotate", "--python", Python, .. Sources, .. Offline];
        var step = $"choosing the packages of {run.Job.Provider} {run.Job.Version}";
        if (await run.CallAsync(Call(step, run.PathOf(Tool.Uv), arguments), cancellationToken) is { } failed) return failed;
        if (RequirementsLock.Of(Asked, await File.ReadAllTextAsync(compiled, cancellationToken)) is not { } text) return new(step, $"{NoLock}: uv names packages without a digest", $"Use a package index that tells digests; see {run.Job.LogFile}.", false);
        File.Delete(wanted);
        File.Delete(compiled);
        await File.WriteAllTextAsync(_lock, text, cancellationToken);
        if (await InstallAsync($"installing {run.Job.Provider} {run.Job.Version} with uv", ["--require-hashes", "--no-deps", "-r", _lock], cancellationToken) is { } unfetched) return unfetched;
        return wheel is null ? null : await InstallAsync($"installing {Path.GetFileName(wheel)}", ["--no-deps", wheel], cancellationToken);
    }

    private Task<InstallOutcome.Failed?> InstallAsync(string step, string[] what, CancellationToken cancellationToken) => ByUv
        ? run.CallAsync(Call(step, run.PathOf(Tool.Uv), ["pip", "install", "--python", Python, .. Sources, .. Offline, .. what]), cancellationToken)
        : run.CallAsync(Call(step, Python, ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--require-virtualenv", "--progress-bar", "off", "--cache-dir", Path.Combine(run.Job.Cache, "pip"), "--report", _report, .. Sources, .. what]), cancellationToken);

    private IEnumerable<string> Sources =>
    [
        .. run.Job.Way.Indexes.SelectMany(index => (string[])["--extra-index-url", run.Ground.Web.Mirrored(new Uri(run.Fill(index, run.Job.Staging))).AbsoluteUri]),
        .. ByUv && !run.Job.Way.Indexes.IsEmpty ? (string[])["--index-strategy", "unsafe-best-match"] : [],
        .. ByUv ? (string[])["--cache-dir", Path.Combine(run.Job.Cache, "uv")] : [],
    ];

    private string[] Offline => run.Ground.Web.Offline ? ["--offline"] : [];

    private ToolCall Call(string step, string program, IReadOnlyList<string> arguments) => new(step, program, arguments, run.Job.Staging) { Environment = [.. s_environment, .. OfOurUv] };

    /// <summary>A uv of helix's own keeps what it fetches in helix's home, and leaves the user's commands alone.</summary>
    private IEnumerable<(string, string?)> OfOurUv
    {
        get
        {
            if (!ByUv || !run.IsFetched(run.PathOf(Tool.Uv))) yield break;
            yield return ("UV_PYTHON_INSTALL_DIR", Toolchains.PythonsOf(run.Ground.Home));
            yield return ("UV_PYTHON_INSTALL_BIN", "0");
            var mirrored = run.Ground.Web.Mirrored(s_pythons);
            if (mirrored != s_pythons) yield return ("UV_PYTHON_INSTALL_MIRROR", mirrored.AbsoluteUri.TrimEnd('/'));
        }
    }

    /// <summary>Of the files that pip took; uv does not tell which of several it took.</summary>
    private async Task<ImmutableArray<FetchedDigest>> DigestsAsync(CancellationToken cancellationToken)
    {
        if (ByUv)
        {
            const string Mark = " --hash=sha256:";
            var lines = await File.ReadAllLinesAsync(_lock, cancellationToken);
            return [.. lines.Select(line => line.Split(Mark)).Where(parts => parts.Length == 2).Select(parts => new FetchedDigest(parts[0].Trim(), "sha256", parts[1].Trim(), DigestFrom.Registry))];
        }

        var archives = RequirementsLock.FromReport(await File.ReadAllBytesAsync(_report, cancellationToken)) ?? [];
        return [.. archives.Select(archive => new FetchedDigest(archive.File, "sha256", archive.Sha256, DigestFrom.Registry))];
    }

    /// <summary>Scripts of an environment name its own path: they must name the one that it will have.</summary>
    private void PointAt(string final)
    {
        var (from, to) = (Encoding.UTF8.GetBytes(run.Job.Staging), Encoding.UTF8.GetBytes(final));
        var scripts = Directory.EnumerateFiles(Path.Combine(_folder, "bin")).Append(Path.Combine(_folder, "pyvenv.cfg")).Where(file => new FileInfo(file) is { LinkTarget: null, Length: < 1 << 20 });
        foreach (var file in scripts)
        {
            var bytes = File.ReadAllBytes(file);
            // a program in machine code has zeros, and paths in it cannot change their length
            if (bytes.AsSpan().Contains((byte)0) || bytes.AsSpan().IndexOf(from) < 0) continue;
            File.WriteAllBytes(file, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(run.Job.Staging, Encoding.UTF8.GetString(to), StringComparison.Ordinal)));
        }
    }
}
