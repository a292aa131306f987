using System.Collections.Immutable;
using Helix.Core.Hardware;
using Helix.Processes;
using Toolchains = Helix.Install.Toolchains;

namespace Helix.Hardware;

/// <summary>Looks for the programs that the installation of engines needs, and asks each for its version in a child of this process.</summary>
/// <param name="environment">Variables of this process.</param>
internal sealed class ToolSearch(Func<string, string?> environment, TimeProvider time)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    private static readonly (Tool Tool, string[] Names)[] s_tools =
    [
        (Tool.Git, ["git"]), (Tool.Python, ["python3"]), (Tool.Uv, ["uv"]), (Tool.Node, ["node"]), (Tool.Npm, ["npm"]), (Tool.CMake, ["cmake"]),
        (Tool.Compiler, ["c++", "g++", "clang++"]), (Tool.Ninja, ["ninja"]), (Tool.Bubblewrap, ["bwrap"]),
    ];

    /// <summary>All at once: each is another program, and none waits for another.</summary>
    public async Task<ImmutableArray<ToolFacts>> FindAsync(CancellationToken cancellationToken) => [.. await Task.WhenAll(s_tools.Select(tool => LookAsync(tool.Tool, tool.Names, cancellationToken)))];

    /// <summary>What the program says; null where it is not there, does not start, fails or takes too long.</summary>
    public async Task<string?> AskAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        await RunAsync(program, arguments, cancellationToken) is (0, var said) ? said : null;

    /// <summary>The first of these names on the user's path.</summary>
    public string? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            foreach (var folder in (environment("PATH") ?? "").Split(':'))
                if (Path.IsPathFullyQualified(folder) && File.Exists(Path.Combine(folder, name)))
                    return Path.Combine(folder, name);
        return null;
    }

    private async Task<ToolFacts> LookAsync(Tool tool, string[] names, CancellationToken cancellationToken)
    {
        var isFetched = ToolchainOf(tool) is { } chain && Toolchains.Has(chain);
        if (Find(names) is not { } path || IsOnlyAnOffer(path)) return Facts(null, null, null);
        if (await RunAsync(path, ["--version"], cancellationToken) is not (var code, var said)) return Facts(path, null, "it does not answer");
        if (code != 0) return Facts(path, null, $"it ends with {code}: {FirstLine(said)}");
        // Debian has Python without the parts that make an environment
        var whole = tool != Tool.Python || await RunAsync(path, ["-c", "import venv, ensurepip"], cancellationToken) is (0, _);
        return Facts(path, FirstLine(said), whole ? null : "it has no venv");

        ToolFacts Facts(string? path, string? version, string? trouble) => new(tool, path, version, trouble) { IsFetched = isFetched };
    }

    /// <summary>The id of what helix fetches where a tool is not there.</summary>
    private static string? ToolchainOf(Tool tool) => tool switch
    {
        Tool.Node or Tool.Npm => "node",
        Tool.Python or Tool.Uv => "uv", // which brings its own Python
        Tool.CMake => "cmake",
        _ => null,
    };

    /// <summary>On a Mac without its developer tools, these programs only offer to install them.</summary>
    private static bool IsOnlyAnOffer(string path) =>
        OperatingSystem.IsMacOS() && path.StartsWith("/usr/bin/", StringComparison.Ordinal) && !Directory.Exists("/Library/Developer/CommandLineTools") && !Directory.Exists("/Applications/Xcode.app");

    private static string FirstLine(string text) => text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) is { } first ? first.Length > 100 ? first[..100] : first : "";

    private async Task<(int? Code, string Said)?> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("helix-doctor-").FullName;
        try
        {
            var log = Path.Combine(folder, "said");
            // npm is a script that calls the node which lies beside it
            var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = $"{Path.GetDirectoryName(program)}:{environment("PATH")}", ["HOME"] = environment("HOME") ?? folder, ["LANG"] = "C.UTF-8" };
            var exit = await OwnChild.RunAsync(new LaunchSpec("doctor", program, arguments, variables, folder, log), s_deadline, time, cancellationToken);
            return exit is null ? null : (exit.Code, await File.ReadAllTextAsync(log, cancellationToken));
        }
        catch (Exception unasked) when (unasked is IOException or UnauthorizedAccessException or SpawnFailedException)
        {
            return null;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
