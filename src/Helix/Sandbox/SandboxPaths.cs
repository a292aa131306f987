using System.Collections.Concurrent;
using System.Collections.Immutable;
using Helix.Core.Models;
using Helix.Core.Sandbox;

namespace Helix.Sandbox;

/// <summary>The files that paths lead to: what a link points to lies outside of what was named. Looked up once, for releases and models do not change.</summary>
internal sealed class SandboxPaths
{
    private const string VenvFile = "pyvenv.cfg", Base = "home =";

    private static readonly string s_user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private readonly ConcurrentDictionary<string, ImmutableArray<string>> _known = new(StringComparer.Ordinal);

    /// <param name="programs">Folders, and programs in them.</param>
    public ImmutableArray<string> Of(ImmutableArray<string> programs, ImmutableArray<string> models) =>
    [
        .. programs.SelectMany(path => _known.GetOrAdd(path, Program)).Concat(models.SelectMany(path => _known.GetOrAdd("model:" + path, _ => Model(path)))).Distinct(),
    ];

    /// <summary>A program with the folder of what it is a link to: an interpreter's library lies beside it.</summary>
    private static ImmutableArray<string> Program(string path)
    {
        if (Directory.Exists(path)) return [path, .. Interpreters(path)];
        if (!File.Exists(path) || IsOfSystem(path)) return [];
        return [path, .. Target(path) is { } real && !IsOfSystem(real) ? [Prefix(real)] : Array.Empty<string>(), .. Interpreters(Prefix(path))];
    }

    /// <summary>The interpreters that environments of Python below a folder were made with.</summary>
    private static IEnumerable<string> Interpreters(string folder)
    {
        string[] places = [folder, .. Directory.EnumerateDirectories(folder)];
        foreach (var file in places.Select(place => Path.Combine(place, VenvFile)).Where(File.Exists))
            foreach (var home in File.ReadLines(file).Where(line => line.StartsWith(Base, StringComparison.Ordinal)).Select(line => line[Base.Length..].Trim()))
                if (Directory.Exists(home) && !IsOfSystem(home))
                {
                    yield return Prefix(Path.Combine(home, "python3"));
                    var real = Path.Combine(home, "python3");
                    if (File.Exists(real) && Target(real) is { } target && !IsOfSystem(target)) yield return Prefix(target);
                }
    }

    private static ImmutableArray<string> Model(string path)
    {
        if (Directory.Exists(path)) return [path, .. Directory.EnumerateFiles(path).Select(Target).OfType<string>()];
        var name = ShardName.Parse(Path.GetFileName(path));
        string[] files = name is null ? [path] : [.. name.All().Select(shard => Path.Combine(Path.GetDirectoryName(path)!, shard.FileName))];
        return [.. files.Where(File.Exists), .. files.Where(File.Exists).Select(Target).OfType<string>()];
    }

    private static string? Target(string file) => File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName;

    /// <summary>Where what is beside a program lies; never all that a user has.</summary>
    private static string Prefix(string program)
    {
        var folder = Path.GetDirectoryName(program)!;
        return Path.GetFileName(folder) == "bin" && Path.GetDirectoryName(folder) is { Length: > 1 } above && !SandboxPlan.IsBelow(s_user, above) ? above : folder;
    }

    private static bool IsOfSystem(string path) => SandboxPlan.IsBelow(path, "/usr") || SandboxPlan.IsBelow(path, "/bin");
}
