using Helix.Core.Hardware;
using Helix.Processes;

namespace Helix.Variants;

/// <summary>Fetches a package with the user's own npm: its registry, its proxy, its credentials. No script of a package runs.</summary>
/// <param name="environment">Of the program: npm finds the user's settings by it.</param>
internal sealed class NpmClient(BoundedChild child, string logFile, Func<Dictionary<string, string>> environment)
{
    private const string Name = "variant-fetch";
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(30);

    /// <summary>Writes the packed file into an empty folder.</summary>
    public async Task<PackOutcome> PackAsync(EnginePackage package, string folder, CancellationToken cancellationToken)
    {
        var variables = environment();
        if (Find(variables.GetValueOrDefault("PATH", "")) is not { } npm)
            return new PackOutcome.Failed("npm is not there to fetch it", "Install Node.js 20 or newer; until then the CPU computes.");
        string[] arguments = ["pack", $"{package.Name}@{package.Version}", "--pack-destination", folder, "--ignore-scripts", "--loglevel=error", "--no-update-notifier"];
        var spec = new LaunchSpec(Name, npm, arguments, variables, folder, logFile);
        try
        {
            if (!await child.RunAsync(spec, s_deadline, cancellationToken)) return Failed($"npm was not done with {package.Name} in {s_deadline.TotalMinutes:0} minutes");
        }
        catch (SpawnFailedException refused)
        {
            return Failed(refused.Message);
        }

        return Directory.GetFiles(folder, "*.tgz") is [var file] ? new PackOutcome.Packed(file) : Failed($"npm could not fetch {package.Name} {package.Version}: {LastWords()}");
    }

    private PackOutcome.Failed Failed(string reason) => new(reason, $"It is tried again by itself; npm's words are in {logFile}.");

    private static string? Find(string path) => path.Split(':').Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, "npm")).FirstOrDefault(File.Exists);

    /// <summary>What npm says first is the reason; what follows is where its logs are.</summary>
    private string LastWords()
    {
        const string Mark = "npm error ";
        string[] lines = File.Exists(logFile) ? [.. File.ReadLines(logFile).Where(line => line.Length > 0).Take(50)] : [];
        string[] errors = [.. lines.Where(line => line.StartsWith(Mark, StringComparison.Ordinal)).Select(line => line[Mark.Length..]).Where(line => line.Length > 0).Take(2)];
        return errors.Length > 0 ? string.Join(", ", errors) : lines.LastOrDefault() ?? "it said nothing";
    }
}

internal abstract record PackOutcome
{
    private PackOutcome() { }

    internal sealed record Packed(string File) : PackOutcome;

    internal sealed record Failed(string Reason, string Remedy) : PackOutcome;
}
