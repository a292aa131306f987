using Helix.Install;
using Helix.Processes;
using Helix.Storage;

namespace Helix.SelfUpdate;

/// <summary>Runs git and the launcher for <see cref="CloneLook"/> and <see cref="SourceBuild"/>, with the user's own settings, and never waiting for somebody to type.</summary>
internal sealed class SourceTools(BoundedChild child, HelixHome home, Func<Dictionary<string, string>> environment)
{
    private static readonly TimeSpan s_gitDeadline = TimeSpan.FromMinutes(10);
    private static readonly string[] s_quiet = ["-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=30", "-c", "gc.auto=0", "-c", "advice.detachedHead=false"];

    /// <summary>Asks git; nothing is written into the clone that is asked, not even what git keeps for its own speed.</summary>
    /// <returns>What it said, without the end of the last line.</returns>
    /// <exception cref="SelfUpdateException">It refuses.</exception>
    public async Task<string> GitAsync(string folder, string[] words, CancellationToken cancellationToken) =>
        await TryGitAsync(folder, words, cancellationToken) switch
        {
            (0, var said) => said,
            (_, var said) => throw new SelfUpdateException($"git {words[0]} in {folder} failed: {said}", "Look whether the same works by hand.", "unreachable"),
        };

    /// <returns>Its exit code, null where it was ended, and what it said.</returns>
    public async Task<(int? Code, string Said)> TryGitAsync(string folder, string[] words, CancellationToken cancellationToken)
    {
        var variables = environment();
        foreach (var (name, value) in (IEnumerable<(string, string?)>)[.. GitCheckout.Environment, ("GIT_OPTIONAL_LOCKS", "0")])
        {
            if (value is null) variables.Remove(name);
            else variables[name] = value;
        }

        var git = Toolbox.OnPath(variables, "git") ?? throw new SelfUpdateException("git is not on the PATH", "Install git.", "not_now");
        return await RunAsync(new LaunchSpec("helix-git", git, ["-C", folder, .. s_quiet, .. words], variables, folder, Log("git")), s_gitDeadline, cancellationToken);
    }

    /// <summary>Calls a clone's launcher, which builds what has changed; behind all else that the machine does.</summary>
    public Task<(int? Code, string Said)> LaunchAsync(string folder, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var variables = environment();
        // what would make it run something else, build something else, or install what nobody asked for
        foreach (var name in (string[])["HELIX_BINARY", "HELIX_YES", ProgramInUse.CloneVariable]) variables.Remove(name);
        variables["HELIX_PACKAGES"] = "0";
        variables["HELIX_HOME"] = home.Root;
        variables[ProgramInUse.CalledVariable] = Path.Combine(folder, HelixReleases.ProgramName);
        string[] behind = [.. Toolbox.OnPath(variables, "nice") is { } nice ? [nice, "-n", "19"] : Array.Empty<string>(), .. Toolbox.OnPath(variables, "ionice") is { } ionice ? [ionice, "-c", "3"] : Array.Empty<string>()];
        string[] words = [.. behind, Path.Combine(folder, HelixReleases.ProgramName), "version"];
        return RunAsync(new LaunchSpec("helix-build", words[0], words[1..], variables, folder, Log("build")), deadline, cancellationToken);
    }

    private string Log(string what) => Path.Combine(home.Logs, "helix", $"update-{what}.log");

    private async Task<(int? Code, string Said)> RunAsync(LaunchSpec spec, TimeSpan deadline, CancellationToken cancellationToken)
    {
        try
        {
            var end = await child.EndOfAsync(spec, deadline, static () => { }, cancellationToken);
            return (end?.Code, File.Exists(spec.LogFile) ? (await File.ReadAllTextAsync(spec.LogFile, cancellationToken)).TrimEnd() : "");
        }
        catch (SpawnFailedException refused)
        {
            throw new SelfUpdateException(refused.Message, code: "not_now");
        }
    }
}
