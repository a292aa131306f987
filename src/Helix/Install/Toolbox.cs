using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Processes;

namespace Helix.Install;

/// <summary>Finds the programs that an installation calls, on the user's PATH, and asks each for its version. What is not there is fetched where that can be.</summary>
/// <param name="environment">Asked again after something was fetched.</param>
/// <param name="log">What they say goes there and is read back.</param>
/// <param name="fetch">Brings a toolchain, by its id, to where the environment's PATH leads; null where it may not be fetched.</param>
internal sealed class Toolbox(BoundedChild child, Func<IReadOnlyDictionary<string, string>> environment, string log, Func<string, CancellationToken, Task<InstallOutcome.Failed?>>? fetch)
{
    private static readonly Version s_leastPython = new(3, 10);

    /// <summary>No newer Python is looked for by its number.</summary>
    private const int NewestMinor = 15;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Tool, FoundTool> _found = [];
    private readonly List<Lack> _lacks = [];

    /// <summary>Absolute path of a program on a PATH; null where it has none of that name.</summary>
    public static string? OnPath(IReadOnlyDictionary<string, string> environment, string name) => AllOnPath(environment, name).FirstOrDefault();

    public async Task<ToolsFound> FindAsync(InstallWay way, CancellationToken cancellationToken)
    {
        await LookAsync(way, cancellationToken);
        if (!_lacks.All(CanFetch)) return Told();

        foreach (var lack in _lacks.DistinctBy(lack => lack.Toolchain).ToArray())
            if (await fetch!(lack.Toolchain!, cancellationToken) is { } failed)
                return new ToolsFound.Unfetched(failed with { Step = "looking for tools", Reason = $"{lack.What} is not on the PATH, and could not be fetched: {failed.Reason}", Remedy = $"{failed.Remedy} Or install {lack.Remedy}." });
        _lacks.Clear();
        await LookAsync(way, cancellationToken);
        return Told();
    }

    private ToolsFound Told()
    {
        if (_lacks.Count == 0) return new ToolsFound.All(_found);
        // what can be fetched will be, when the rest is there
        var lacks = _lacks.Where(lack => !CanFetch(lack)).DefaultIfEmpty(_lacks[0]).ToArray();
        return new ToolsFound.Missing($"{string.Join(" and ", lacks.Select(lack => lack.What))} {(lacks.Length == 1 ? "is" : "are")} not on the PATH", $"Install {string.Join(" and ", lacks.Select(lack => lack.Remedy))}; then try again.");
    }

    private bool CanFetch(Lack lack) => fetch is not null && lack.Toolchain is { } id && Toolchains.Has(id);

    private async Task LookAsync(InstallWay way, CancellationToken cancellationToken)
    {
        var needs = NeedsOf(way);
        if (needs.Contains("git")) await MustAsync(Tool.Git, ["git"], null, new("git", "the package git", null), cancellationToken);
        if (needs.Contains("node"))
        {
            await MustAsync(Tool.Node, ["node", "nodejs"], new Version(20, 0), new("Node.js 20 or newer", "Node.js 20 or newer (Debian: nodejs npm)", "node"), cancellationToken);
            await MustAsync(Tool.Npm, ["npm"], null, new("npm", "the package npm", "node"), cancellationToken);
        }

        if (needs.Contains("python")) await PythonAsync(way.Python ?? s_leastPython, way.PythonBelow, cancellationToken);
        if (needs.Contains("cmake")) await MustAsync(Tool.CMake, ["cmake"], new Version(3, 18), new("cmake 3.18 or newer", "the package cmake", "cmake"), cancellationToken);
        if (needs.Contains("compiler"))
        {
            await MustAsync(Tool.Compiler, ["c++", "g++", "clang++"], null, new("a C++ compiler", "the package g++ (Debian: build-essential)", null), cancellationToken);
            if (await AskAsync(["ninja", "ninja-build"], null, ["--version"], cancellationToken) is { } ninja) _found[Tool.Ninja] = ninja;
            else if (OnPath(environment(), "make") is null) _lacks.Add(new("make or ninja", "the package ninja-build", null));
        }
    }

    private static HashSet<string> NeedsOf(InstallWay way)
    {
        var needs = way.Needs.ToHashSet(StringComparer.Ordinal);
        switch (way.Kind)
        {
            case InstallKind.Npm: needs.Add("node"); break;
            case InstallKind.Python: needs.Add("python"); break;
            case InstallKind.Git:
                needs.Add("git");
                if (!way.Packages.IsEmpty || way.Python is not null) needs.Add("python");
                break;
            case InstallKind.Source:
                needs.UnionWith(["cmake", "compiler"]);
                if (way.Package is not null) needs.UnionWith(["git", "node"]);
                break;
        }

        return needs;
    }

    /// <summary>uv brings its own Python and its own way to make environments; without it, an interpreter must bring both.</summary>
    private async Task PythonAsync(Version least, Version? below, CancellationToken cancellationToken)
    {
        if (await AskAsync(["uv"], null, ["--version"], cancellationToken) is { } uv) _found[Tool.Uv] = uv;
        // what python3 is was chosen by the user or the system; by its number, the newest first
        string[] names = ["python3", "python", .. Enumerable.Range(least.Minor, NewestMinor - least.Minor + 1).Reverse().Select(minor => $"python3.{minor}")];
        const string Question = "import sys, venv, ensurepip; print('.'.join(map(str, sys.version_info[:3])))";
        if (await AskAsync(names, least, ["-c", Question], cancellationToken, below) is { } python) _found[Tool.Python] = python;
        else if (!_found.ContainsKey(Tool.Uv)) _lacks.Add(new(below is null ? $"Python {least} or newer with venv" : $"Python from {least} to below {below} with venv", "Python with its venv (Debian: python3-venv), or uv", "uv"));
    }

    private async Task MustAsync(Tool tool, string[] names, Version? least, Lack lack, CancellationToken cancellationToken)
    {
        if (await AskAsync(names, least, ["--version"], cancellationToken) is { } found) _found[tool] = found;
        else _lacks.Add(lack);
    }

    /// <summary>The first that answers with a version that will do.</summary>
    private async Task<FoundTool?> AskAsync(string[] names, Version? least, string[] question, CancellationToken cancellationToken, Version? below = null)
    {
        var variables = environment();
        foreach (var path in names.SelectMany(name => AllOnPath(variables, name)))
        {
            try
            {
                // npm is a script that calls the node which lies beside it
                var its = new Dictionary<string, string>(variables, StringComparer.Ordinal) { ["PATH"] = $"{Path.GetDirectoryName(path)}{Path.PathSeparator}{variables.GetValueOrDefault("PATH", "")}" };
                var spec = new LaunchSpec($"look-{Path.GetFileName(Path.GetDirectoryName(log))}", path, question, its, Path.GetDirectoryName(log)!, log);
                if (await child.EndOfAsync(spec, s_deadline, static () => { }, cancellationToken) is not { Code: 0 }) continue;
                var version = ToolVersion.In(await File.ReadAllTextAsync(log, cancellationToken));
                if ((least is null || version >= least) && (below is null || version < below)) return new FoundTool(path, version);
            }
            catch (SpawnFailedException)
            {
                // a name on the PATH that is no program: the next one
            }
            finally
            {
                File.Delete(log);
            }
        }

        return null;
    }

    private static IEnumerable<string> AllOnPath(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.GetValueOrDefault("PATH", "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, name)).Where(File.Exists);

    /// <summary>What will not do, or is not there.</summary>
    /// <param name="What">In words, with the version that is needed.</param>
    /// <param name="Remedy">What to install.</param>
    /// <param name="Toolchain">That brings it; null where helix fetches none.</param>
    private sealed record Lack(string What, string Remedy, string? Toolchain);
}
