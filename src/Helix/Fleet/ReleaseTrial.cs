using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Core.Sandbox;
using Helix.Install;
using Helix.Processes;

namespace Helix.Fleet;

/// <summary>Lets a release prove itself before it is used: it tells its version, and, where it can load the self-test model, it answers with a token.</summary>
internal sealed class ReleaseTrial(RecipeGround ground, IProcessHost host, BoundedChild child, PlannedModel selfTest, ITokenWatch tokens, TimeProvider time)
{
    private const int Context = 2048;

    private static readonly TimeSpan s_telling = TimeSpan.FromMinutes(2);

    private readonly SpareInstance _spare = new(host, tokens, time);

    public async Task<TrialOutcome> RunAsync(Manifest manifest, InstalledRelease release, Action<InstallProgress> report, CancellationToken cancellationToken)
    {
        if (ground.Sandbox is { } sandbox) await sandbox.Tried.WaitAsync(cancellationToken);
        var tried = new List<string>();
        if (manifest.Told is { } told)
        {
            report(new("asking it for its version"));
            if (await TellAsync(manifest, release, told, cancellationToken) is { } wrong) return new TrialOutcome.Failed("asking it for its version", wrong);
            tried.Add("it told its version");
        }

        if (PlannedProvider.Of(manifest).CanLoad(selfTest))
        {
            report(new("asking it for a first token"));
            if (await AnswerOnFreePortsAsync(manifest, release, cancellationToken) is { } wrong) return new TrialOutcome.Failed("asking it for a first token", wrong);
            tried.Add("it answered with the self-test model");
        }

        return new TrialOutcome.Passed(tried.Count > 0 ? string.Join(", ", tried) : "nothing: its manifest names no way, and it loads no model that helix has");
    }

    /// <summary>Ends the tools and trials that an earlier daemon began.</summary>
    public async Task EndLeftOverAsync(CancellationToken cancellationToken)
    {
        string[] ours = ["install-", "version-", .. ((string[])[ManifestRecipe.Trial, ManifestRecipe.Raced, ManifestRecipe.Measured]).Select(kind => kind + "-")];
        var left = (await host.ListAsync(cancellationToken)).Where(known => known.Exit is null && ours.Any(name => known.Identity.Name.StartsWith(BoundedChild.NamePrefix + name, StringComparison.Ordinal)));
        await Task.WhenAll(left.Select(known => _spare.EndAsync(known.Identity, TimeSpan.FromSeconds(5))));
    }

    /// <returns>Null if it told it.</returns>
    private async Task<string?> TellAsync(Manifest manifest, InstalledRelease release, VersionTold told, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>(release.Tools, StringComparer.Ordinal) { ["version"] = release.Version.Split('+')[0], ["release"] = release.Folder, ["jobs"] = "1" };
        values.TryAdd("node", "node");
        values.TryAdd("python", Path.Combine(release.Folder, PythonEnvironment.Interpreter));
        string[] words = [.. told.Run.Select(word => Placeholders.Fill(word, values))];
        var log = Path.Combine(ground.Home.Logs, manifest.Id, "version.log");
        var data = Directory.CreateDirectory(Path.Combine(ground.Home.Providers, manifest.Id, "data")).FullName;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["HOME"] = data, ["LANG"] = "C.UTF-8" };
        try
        {
            if (!await child.RunAsync(Confined(new LaunchSpec($"version-{manifest.Id}", words[0], words[1..], environment, data, log), manifest, release), s_telling, cancellationToken))
                return $"{words[0]} said nothing for {s_telling.TotalMinutes:0} minutes";
        }
        catch (SpawnFailedException refused)
        {
            return refused.Message;
        }

        var said = File.Exists(log) ? await File.ReadAllTextAsync(log, cancellationToken) : "";
        var expected = Placeholders.Fill(told.Says, values);
        return said.Contains(expected, StringComparison.Ordinal) ? null : $"\"{expected}\" was expected, and it said: {Shortened(said)}";
    }

    /// <summary>Starts a release beside the one in use, with a model, and does something with it once it has produced a token.</summary>
    /// <param name="threads">0: as many as it is given when it serves.</param>
    /// <returns>Null if it became ready; else why not.</returns>
    public async Task<string?> WithModelAsync(InstalledProvider provider, PlannedModel model, Placement.Run run, int threads, Func<InstanceSpec, CancellationToken, Task> then, CancellationToken cancellationToken)
    {
        if (ground.Sandbox is { } sandbox) await sandbox.Tried.WaitAsync(cancellationToken);
        ground.Book.Replaced(ManifestRecipe.NameOf(ManifestRecipe.Raced, provider.Manifest.Id));
        return await AnswerAsync(ManifestRecipe.Raced, provider.Manifest, provider.Release, new(model, run, threads, then), cancellationToken);
    }

    private LaunchSpec Confined(LaunchSpec launch, Manifest manifest, InstalledRelease release) => ground.Sandbox?.Confine(
        launch,
        new SandboxRequest(launch.Name, manifest.Id, manifest.Touches, [release.Folder, .. release.Tools.Values.Where(Path.IsPathFullyQualified)], launch.WorkingDirectory, null, launch.WorkingDirectory, release.On != Accelerator.None, null),
        []) ?? launch;

    /// <summary>A port that somebody else took since it was handed out, or takes before the engine does, says nothing against the release.</summary>
    /// <returns>Null if it answered.</returns>
    private async Task<string?> AnswerOnFreePortsAsync(Manifest manifest, InstalledRelease release, CancellationToken cancellationToken)
    {
        var name = ManifestRecipe.NameOf(ManifestRecipe.Trial, manifest.Id);
        ground.Book.Replaced(name);
        var spare = new Spare(selfTest, new Placement.Run(Context, 1, "trial"), 1, static (_, _) => Task.CompletedTask);
        var wrong = await AnswerAsync(ManifestRecipe.Trial, manifest, release, spare, cancellationToken);
        return wrong is null || ground.Book.Replaced(name) is null ? wrong : await AnswerAsync(ManifestRecipe.Trial, manifest, release, spare, cancellationToken);
    }

    private async Task<string?> AnswerAsync(string kind, Manifest manifest, InstalledRelease release, Spare spare, CancellationToken cancellationToken)
    {
        var spec = new ManifestRecipe(ground, manifest, release).SpareOf(spare.Model, spare.Run, spare.Threads, kind);
        try
        {
            return await _spare.RunAsync(spec, spare.Then, cancellationToken);
        }
        finally
        {
            Clear(Path.Combine(ground.Home.Providers, manifest.Id, kind));
        }
    }

    private static void Clear(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // the next trial writes over it
        }
    }

    /// <param name="Then">Done once it is ready.</param>
    private sealed record Spare(PlannedModel Model, Placement.Run Run, int Threads, Func<InstanceSpec, CancellationToken, Task> Then);

    private static string Shortened(string said) => said.Trim() is var text && text.Length > 300 ? "…" + text[^300..] : text;
}
