using System.Text.Json;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.SelfUpdate;
using Helix.Manifests;
using Helix.Processes;
using Helix.Storage;

namespace Helix.SelfUpdate;

/// <summary>Tries a release before anything is switched: its program runs here, says who it is, and can read the configuration.</summary>
internal sealed class ReleaseRehearsal(BoundedChild child, HelixHome home)
{
    /// <summary>In a release: what it is called, where that is not what its program says of its version.</summary>
    private const string LabelName = "VERSION";

    /// <summary>Signals that a program gets from others: from the system, where memory is short.</summary>
    private const int Killed = 9, Terminated = 15;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    /// <returns>What it is called, and what it says of itself.</returns>
    /// <exception cref="SelfUpdateException">It is no good.</exception>
    public async Task<(string Label, string Tells)> RunAsync(string folder, CancellationToken cancellationToken)
    {
        var tells = VersionIn(await SaidAsync(folder, ["version", "--format", "json"], cancellationToken));
        if (ReadsHere()) await SaidAsync(folder, ["config", "validate"], cancellationToken);
        var file = Path.Combine(folder, LabelName);
        return (ReleaseLabel.Of(File.Exists(file) ? await File.ReadAllTextAsync(file, cancellationToken) : tells) ?? throw new SelfUpdateException("the release has no name that could be a folder's", "Letters, digits and . + - _ are wanted, at most 80 of them."), tells);
    }

    /// <summary>What this helix takes for wrong the next one may, too.</summary>
    private bool ReadsHere() => ConfigFile.Load(home.Config) is ConfigOutcome.Good(var config, _) && NamedThings.Errors(config, home).IsEmpty;

    private async Task<string> SaidAsync(string folder, string[] words, CancellationToken cancellationToken)
    {
        var (program, log) = (Path.Combine(folder, HelixReleases.ProgramName), Path.Combine(home.Logs, "helix", "rehearsal.log"));
        var command = $"\"helix {string.Join(' ', words)}\" of the new release";
        var environment = KeeperEnvironment.Ours();
        environment["HELIX_HOME"] = home.Root;
        environment[ProgramInUse.CalledVariable] = program;
        try
        {
            var end = await child.EndOfAsync(new LaunchSpec("rehearsal", program, words, environment, home.Root, log), s_deadline, static () => { }, cancellationToken);
            var said = File.Exists(log) ? await File.ReadAllTextAsync(log, cancellationToken) : "";
            return end switch
            {
                { Code: 0 } => said,
                null => throw new SelfUpdateException($"{command} did not end within {s_deadline.TotalSeconds:0} s", code: "not_now"),
                { Code: null, Signal: null or Killed or Terminated } => throw new SelfUpdateException($"{command} was ended{(end.Signal is { } signal ? $" with the signal {signal}" : "")}", "The system may have been short of memory.", "not_now"),
                _ => throw new SelfUpdateException($"{command} ended with {(end.Code is { } code ? $"the code {code}" : $"the signal {end.Signal}")}: {said.Trim().Split('\n')[^1]}"),
            };
        }
        catch (SpawnFailedException refused)
        {
            throw new SelfUpdateException(refused.Message, code: "not_now");
        }
    }

    private static string VersionIn(string said)
    {
        try
        {
            using var json = JsonDocument.Parse(said);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String) return version.GetString()!;
        }
        catch (JsonException)
        {
            // said below
        }

        throw new SelfUpdateException("\"helix version\" of the new release does not tell a version");
    }
}
