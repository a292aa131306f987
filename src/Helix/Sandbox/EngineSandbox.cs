using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Sandbox;
using Helix.Processes;

namespace Helix.Sandbox;

/// <summary>Shuts in whatever is started for a provider, in the best way that was found to work here.</summary>
internal sealed class EngineSandbox(SandboxMachine machine, SandboxTrial trial, Func<SecurityConfig> config)
{
    private readonly SandboxPaths _paths = new();
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SandboxState _state = SandboxState.Untried;

    /// <summary>Completes when it is known what works here; before that nothing is to be started.</summary>
    public Task Tried => _tried.Task;

    public SandboxState State => Volatile.Read(ref _state);

    /// <summary>An engine that speaks only TCP has its ports for itself: it is reached through a socket in its folder.</summary>
    public bool IsIsolating => SandboxPlan.IsIsolated(Ground);

    /// <summary>As one word.</summary>
    public string Tier => config().AutoSandbox ? State.Tier.ToString().ToLowerInvariant() : "none";

    /// <summary>What is not enforced; null for nothing.</summary>
    public string? Note => SandboxFindings.Note(State, config());

    private SandboxGround Ground => machine.Ground(State.Tier, State.Tool, config());

    public async Task TryAsync(CancellationToken cancellationToken)
    {
        ControlGroups.Sweep(machine.GroupPrefix);
        Volatile.Write(ref _state, await trial.RunAsync(cancellationToken));
        _tried.TrySetResult();
    }

    /// <param name="request">Its paths as they are named; the files that they lead to are found here.</param>
    /// <param name="models">Files and folders of its model.</param>
    /// <returns>The same process in its sandbox, or as it was where there is none.</returns>
    public LaunchSpec Confine(LaunchSpec launch, SandboxRequest request, ImmutableArray<string> models)
    {
        var paths = _paths.Of([.. request.Reads, launch.FileName, .. Libraries(launch)], models);
        if (SandboxPlan.Of(request with { Reads = paths }, Ground) is not { } spec) return launch;
        var (program, arguments) = SandboxText.Line(spec, [launch.FileName, .. launch.Arguments]);
        return launch with { FileName = program, Arguments = arguments, Environment = EnvironmentOf(launch, spec) };
    }

    private static IEnumerable<string> Libraries(LaunchSpec launch) =>
        launch.Environment.TryGetValue("LD_LIBRARY_PATH", out var folders) ? folders.Split(':').Where(folder => folder.StartsWith('/') && Directory.Exists(folder)) : [];

    /// <summary>A user whom no list knows has no name, and some libraries will not do without one.</summary>
    private static IReadOnlyDictionary<string, string> EnvironmentOf(LaunchSpec launch, SandboxSpec spec) =>
        spec.User is null || launch.Environment.ContainsKey("USER") ? launch.Environment : new Dictionary<string, string>(launch.Environment, StringComparer.Ordinal) { ["USER"] = "engine", ["LOGNAME"] = "engine" };
}
