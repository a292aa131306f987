using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Processes;

namespace Helix.Install;

/// <summary>One installation under way: says what it does, runs its tools, and puts their failures into words.</summary>
internal sealed class InstallRun(InstallGround ground, InstallJob job, IReadOnlyDictionary<Tool, FoundTool> tools)
{
    private const int Lowest = 19;

    public InstallGround Ground => ground;

    public InstallJob Job => job;

    public string PathOf(Tool tool) => tools[tool].Path;

    public bool Has(Tool tool) => tools.ContainsKey(tool);

    /// <summary>Says what is done now, to whoever watches and in the log.</summary>
    public void Begin(string step)
    {
        job.Report(new InstallProgress(step));
        Write(step);
    }

    /// <summary>How far a download is.</summary>
    public void Report(string step, DownloadProgress progress) =>
        job.Report(new InstallProgress(progress.Note is null ? step : $"{step}: {progress.Note}", progress.DoneBytes, progress.TotalBytes, progress.BytesPerSecond) { Key = step });

    public void Write(string line)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(job.LogFile)!);
        File.AppendAllText(job.LogFile, $"helix: {line}\n");
    }

    /// <summary>A text of the manifest with its words in braces replaced.</summary>
    /// <param name="release">What stands for {release}: the folder that is filled, or the path that it will have.</param>
    public string Fill(string text, string release) => Placeholders.Fill(text, Values(release));

    /// <summary>The user's variables. Of what helix fetched, that which this installation uses is first on the PATH: the user may have an older one.</summary>
    public Dictionary<string, string> Environment()
    {
        var environment = ground.Environment();
        var fetched = tools.Values.Where(tool => IsFetched(tool.Path)).Select(tool => Path.GetDirectoryName(tool.Path)!).Distinct(StringComparer.Ordinal);
        environment["PATH"] = string.Join(Path.PathSeparator, [.. fetched, environment.GetValueOrDefault("PATH", "")]);
        return environment;
    }

    /// <summary>helix fetched it, and no other program uses it.</summary>
    public bool IsFetched(string tool) => tool.StartsWith(ground.Home.Tools + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Runs a tool to its end.</summary>
    /// <returns>Null when it succeeded.</returns>
    public async Task<InstallOutcome.Failed?> CallAsync(ToolCall call, CancellationToken cancellationToken)
    {
        Begin(call.Step);
        var environment = Environment();
        environment["TMPDIR"] = Directory.CreateDirectory(job.Scratch).FullName;
        foreach (var (name, value) in call.Environment ?? [])
        {
            if (value is null) environment.Remove(name);
            else environment[name] = value;
        }

        var (program, arguments) = call.Gentle && Toolbox.OnPath(environment, "nice") is { } nice
            ? (nice, (string[])["-n", $"{Lowest}", call.Program, .. call.Arguments])
            : (call.Program, [.. call.Arguments]);
        Write($"{program} {string.Join(' ', arguments)}");
        var spec = new LaunchSpec($"install-{job.Provider}", program, arguments, environment, call.Folder, job.LogFile + ".tool");
        var log = new ToolLog(spec.LogFile, job.LogFile, call.Line);
        try
        {
            var end = await ground.Child.EndOfAsync(spec, call.Deadline, log.Follow, cancellationToken);
            log.Finish();
            return end switch
            {
                null => new(call.Step, $"{Path.GetFileName(call.Program)} was not done in {call.Deadline.TotalMinutes:0} minutes and was ended: {ToolWords.Last(log.LastLines)}", $"{Again} All it said is in {job.LogFile}.", true),
                { Code: 0 } => null,
                _ => Ended(call, end, log),
            };
        }
        catch (SpawnFailedException refused)
        {
            return new(call.Step, refused.Message, "Check the program, and the disk of helix's folder.", false);
        }
    }

    /// <summary>A download's failure in the words of an installation.</summary>
    public InstallOutcome.Failed Failed(string step, DownloadResult.Failed failed) => new(
        step,
        failed.Trouble == DownloadTrouble.Offline ? $"offline is on, and what {job.Provider} {job.Version} needs is not cached" : failed.Reason,
        failed.Trouble switch
        {
            DownloadTrouble.Offline => "Set network.offline to false and unset HELIX_OFFLINE and HF_HUB_OFFLINE.",
            DownloadTrouble.Unreachable => "It is tried again by itself. Check the network and the proxy (HTTPS_PROXY), or name a mirror in sources.mirrors.",
            DownloadTrouble.NoSpace => NoSpace,
            DownloadTrouble.Tampered => failed.Remedy,
            DownloadTrouble.Disk => failed.Remedy,
            DownloadTrouble.NotFound => $"Check whether there is a version {job.Version}. If its source moved, name a mirror in sources.mirrors.",
            _ => "It is tried again by itself. If it stays so, name a mirror in sources.mirrors.",
        },
        failed.Trouble is not (DownloadTrouble.Tampered or DownloadTrouble.Insecure or DownloadTrouble.NotFound));

    private const string Again = "It is tried again by itself.";
    private const string NoSpace = "Free some disk space, or set HELIX_HOME to a larger disk. It is tried again by itself.";

    private InstallOutcome.Failed Ended(ToolCall call, ProcessExit end, ToolLog log)
    {
        var name = Path.GetFileName(call.Program);
        var how = end switch { { Code: { } code } => $"{name} ended with exit code {code}", { Signal: { } signal } => $"{name} was ended by signal {signal}", _ => $"{name} ended, nobody knows how" };
        var reason = $"{how}: {ToolWords.Last(log.LastLines)}";
        var (remedy, waits) = log.Trouble switch
        {
            ToolTrouble.NoSpace => (NoSpace, true),
            ToolTrouble.Network => ($"{Again} Check the network, the proxy and the settings of {name}.", true),
            ToolTrouble.NotCached => ("Set network.offline to false and unset HELIX_OFFLINE and HF_HUB_OFFLINE.", true),
            ToolTrouble.Tampered => ("It was thrown away. Try again; if it happens again, the package was replaced or somebody on the way changes it.", false),
            _ when end.Code is null => (Again, true),
            _ => ($"See {job.LogFile} for all that it said.", false),
        };
        return new(call.Step, reason, remedy, waits);
    }

    private Dictionary<string, string> Values(string release)
    {
        var python = Path.Combine(release, PythonEnvironment.Interpreter);
        return new(StringComparer.Ordinal)
        {
            ["version"] = job.Version,
            ["release"] = release,
            ["python"] = File.Exists(Path.Combine(job.Staging, PythonEnvironment.Interpreter)) || !tools.TryGetValue(Tool.Python, out var ofUser) ? python : ofUser.Path,
            ["node"] = tools.TryGetValue(Tool.Node, out var node) ? node.Path : "node",
            ["jobs"] = $"{InstallGround.Jobs}",
        };
    }
}

/// <summary>One run of a tool.</summary>
/// <param name="Folder">Where it runs.</param>
internal sealed record ToolCall(string Step, string Program, IReadOnlyList<string> Arguments, string Folder)
{
    /// <summary>Over the user's; null takes a variable away.</summary>
    public IReadOnlyList<(string Name, string? Value)>? Environment { get; init; }

    /// <summary>Told every line that it says.</summary>
    public Action<string>? Line { get; init; }

    /// <summary>Computes only when nobody else wants to.</summary>
    public bool Gentle { get; init; }

    public TimeSpan Deadline { get; init; } = TimeSpan.FromHours(2);
}
