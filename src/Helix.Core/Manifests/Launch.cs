using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Manifests;

/// <summary>What a provider can load.</summary>
/// <param name="Formats">gguf, safetensors, exl3, mlx; empty: nothing that helix has.</param>
/// <param name="Architectures">As <c>general.architecture</c> of GGUF; empty: all.</param>
/// <param name="Name">Template of the name under which the engine knows a model.</param>
internal sealed record LoadableModels(ImmutableArray<string> Formats, ImmutableArray<string> Architectures, string Name);

/// <summary>How a provider is started and stopped.</summary>
/// <param name="OnSocket">It answers on a unix socket, else on a port of 127.0.0.1.</param>
/// <param name="Before">Command lines that are run to their end before, in this order.</param>
/// <param name="Processes">Kept running; the last one answers. Empty: what was run before goes on by itself.</param>
/// <param name="After">Command lines that stop it.</param>
/// <param name="Folder">Template of the folder in which it runs; null for that of its data.</param>
/// <param name="TakesKey">It is given a key and asks every caller for it.</param>
/// <param name="Start">How long it may take until it answers, beside what its model needs.</param>
/// <param name="Steps">How long each step of that may take.</param>
/// <param name="Stop">How long it may take to stop.</param>
/// <param name="MemoryBytes">That it takes without a model.</param>
/// <param name="Slots">Requests that it can compute at once; null for any number.</param>
/// <param name="Instances">That run at a time; null for any number.</param>
/// <param name="DeviceMemoryBytes">That it takes of each GPU without a model.</param>
internal sealed record Launch(
    bool OnSocket,
    ImmutableArray<ImmutableArray<string>> Before,
    ImmutableArray<LaunchProcess> Processes,
    ImmutableArray<ImmutableArray<string>> After,
    ImmutableArray<Named> Environment,
    ImmutableArray<ManifestFile> Files,
    string? Folder,
    bool TakesKey,
    TimeSpan Start,
    StepPatience Steps,
    TimeSpan Stop,
    long MemoryBytes,
    int? Slots,
    long DeviceMemoryBytes = 0,
    int? Instances = null)
{
    /// <summary>Something that depends on the model or its place is filled with this word.</summary>
    public bool Says(string word) =>
        Processes.SelectMany(process => process.Arguments).SelectMany(words => words.Words).Concat(Before.SelectMany(line => line)).Concat(Files.SelectMany(file => file.Lines))
            .Any(text => text.Contains($"{{{word}}}", StringComparison.Ordinal));
}

/// <param name="Ready">Path on its port that must answer before the next process is started; null: at once.</param>
/// <param name="Port">1, 2 or 3: see <see cref="Placeholders"/>.</param>
internal sealed record LaunchProcess(string Program, ImmutableArray<LaunchWords> Arguments, string? Ready, int Port);

/// <summary>Words of a command line, and when they are said; what is null or none does not matter.</summary>
internal sealed record LaunchWords(ImmutableArray<string> Words, Accelerator? Accelerator, ModelAbilities Ability, string? Format);

/// <summary>What a provider answers once it runs.</summary>
/// <param name="Port">The one it takes when it is not told another; null for none.</param>
/// <param name="Ready">Null: any answer of <see cref="Listing"/> will do.</param>
/// <param name="Interface">Its own web interface; null for none.</param>
internal sealed record Serves(
    int? Port, ImmutableArray<string> Dialects, ImmutableArray<string> Abilities, ReadyProbe? Ready, IdentityProbe? Identity, ListProbe Listing, CanaryProbe? Canary, MetricNames? Metrics, OwnInterface? Interface)
{
    /// <summary>Null where it cannot go on with an answer that was begun.</summary>
    public AnswerContinuation? Continues { get; init; }

    /// <summary>Parameters of requests that it does not know; null where nothing is said of that.</summary>
    public ParameterGaps? Gaps { get; init; }

    /// <summary>An answer of it that ends with <c>stop</c> has its end mark computed, which its usage does not count: a model may have nothing to say.</summary>
    public bool EndIsToken { get; init; }

    /// <summary>What it can do besides with models, parts or settings that helix does not give it.</summary>
    public ImmutableArray<string> Besides { get; init; } = [];
}

/// <summary>A web interface of an engine's own.</summary>
/// <param name="Port">Which of the engine's ports: 1, 2 or 3; null: the one on which it answers.</param>
/// <param name="LogIn">What lets a browser in; null where the engine's key does, or nothing is asked for.</param>
internal sealed record OwnInterface(string Path, int? Port, LogInForm? LogIn);

/// <param name="Form">Template of what is posted, with {key}; cookies come back.</param>
internal sealed record LogInForm(string Path, string Form);

internal sealed record ReadyProbe(string Path, int Status);

/// <param name="Field">Key of the answer; null: the path itself must answer.</param>
/// <param name="Value">What must stand there; null: anything.</param>
internal sealed record IdentityProbe(string Path, string? Field, string? Value);

/// <param name="Field">Keys with dots between; a list on the way means each of its items.</param>
/// <param name="Value">What must stand there; null: the model's name.</param>
internal sealed record ListProbe(string Path, string Field, string? Value = null);

/// <param name="Body">Template with {model}; null: what the path takes usually.</param>
internal sealed record CanaryProbe(string Path, string? Body);

/// <summary>Names in the Prometheus text at <paramref name="Path"/>; null where it has none.</summary>
/// <param name="Steps">Grows with every step of computing.</param>
internal sealed record MetricNames(string Path, string? Running, string? Waiting, string? CacheUsed, string? PromptTokens, string? GeneratedTokens, string? Steps);
