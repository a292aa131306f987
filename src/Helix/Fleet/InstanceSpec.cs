using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Processes;
using Helix.Sandbox;

namespace Helix.Fleet;

/// <summary>What a supervisor keeps running.</summary>
/// <param name="Endpoint">Where it will answer: path of a unix socket, or 127.0.0.1 and a port.</param>
/// <param name="ModelBytes">Size of its model; large ones get more time to load.</param>
internal sealed record InstanceSpec(
    string Name, string Provider, string Model, string Endpoint, long ModelBytes, ModelAbilities Abilities, LaunchSpec Launch)
{
    /// <summary>It runs with a fetched build of the engine, not with the one that helix comes with.</summary>
    public bool IsOnDevice => Launch.Arguments.Contains(BuiltinRecipe.LibrariesOption);

    public bool IsSandboxed => Launch.Arguments is [SandboxText.Outer, ..];

    /// <summary>Of 127.0.0.1, on which it answers; null where it answers on a unix socket.</summary>
    public int? Port => EngineEndpoint.PortOf(Endpoint);

    /// <summary>The name under which the engine knows its model.</summary>
    public string UpstreamModel { get; init; } = Model;

    /// <summary>What the engine asks its callers for; null for nothing.</summary>
    public string? Key { get; init; }

    /// <summary>How it is asked for its health.</summary>
    public Serves Probes { get; init; } = BuiltinRecipe.Probes;

    /// <summary>Written before each start.</summary>
    public ImmutableArray<LaunchFile> Files { get; init; } = [];

    /// <summary>How long it may take until it answers, beside what its model needs.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long each step of a start may take.</summary>
    public StepPatience Steps { get; init; } = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60), StepPatience.UsualCanary);

    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Records compare lists by reference; here the words of the command line count.</summary>
    public bool RunsTheSameAs(InstanceSpec other) =>
        Endpoint == other.Endpoint && Model == other.Model && Launch.FileName == other.Launch.FileName && Launch.Arguments.SequenceEqual(other.Launch.Arguments)
        && Files.SequenceEqual(other.Files) && Launch.Environment.Count == other.Launch.Environment.Count
        && Launch.Environment.All(variable => other.Launch.Environment.TryGetValue(variable.Key, out var value) && value == variable.Value);
}
