using Helix.Core.SelfUpdate;

namespace Helix.SelfUpdate;

/// <summary>Builds a commit in helix's own clone, by the steps of its own launcher.</summary>
/// <param name="source">Folder of that clone; the commit was fetched.</param>
internal sealed class SourceBuild(SourceTools tools, string source)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromHours(1);

    /// <summary>How the launcher ends where the machine lacks something that a build needs.</summary>
    private const int SomethingMissing = 69;

    /// <summary>Where the launcher puts what it builds: natively, and as managed code.</summary>
    private static readonly string[] s_outputs = ["helix", "helix-managed"];

    /// <returns>The folder of the build.</returns>
    /// <exception cref="SelfUpdateException">It could not be built.</exception>
    public async Task<string> BuildAsync(string commit, CancellationToken cancellationToken)
    {
        await tools.GitAsync(source, ["checkout", "--quiet", "--force", "--detach", commit], cancellationToken);
        // what an earlier build left stays: the next one is the quicker for it
        await tools.GitAsync(source, ["clean", "--quiet", "--force", "-d"], cancellationToken);
        var links = s_outputs.Select(output => Path.Combine(source, "artifacts", output, "current")).ToArray();
        var name = SelfUpdateDecision.Short(commit);
        var (code, said) = await tools.LaunchAsync(source, s_deadline, cancellationToken);
        if (code != 0)
        {
            var end = code switch { null => $"it did not end within {s_deadline.TotalMinutes:0} minutes, or was ended", _ => $"its launcher ended with {code}" };
            // what the machine lacks is no fault of the commit
            throw new SelfUpdateException($"{name} could not be built: {end}. {Tail(said)}", "The whole of it is in logs/helix/update-build.log of the home.", code is 0 or null or SomethingMissing ? "not_built" : "build_failed");
        }

        return links.Where(Directory.Exists).OrderByDescending(link => File.GetLastWriteTimeUtc(Path.Combine(link, HelixReleases.ProgramName))).FirstOrDefault()
            ?? throw new SelfUpdateException($"{name} could not be built: its launcher ended well, and built nothing", code: "build_failed");
    }

    private static string Tail(string said) => string.Join(" / ", said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(3));
}
