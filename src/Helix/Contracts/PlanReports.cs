using System.Text.Json.Serialization;
using Helix.Core.Fleet;

namespace Helix.Contracts;

/// <summary>Body of <c>POST /helix/v1/plan</c>.</summary>
/// <param name="Hardware">The text of a machine file; null for the machine that helix plans for.</param>
internal sealed record PlanRequest(string? Hardware = null);

/// <summary>Answer of <c>POST /helix/v1/plan</c>: what would happen on a machine, and why.</summary>
/// <param name="Machine">In words.</param>
/// <param name="ModelMemoryBytes">What engines may use together.</param>
/// <param name="Choice">The model of the catalogue that helix would fetch for this machine, or why none.</param>
/// <param name="Note">What is to be known of the machine; null where there is nothing to say.</param>
/// <param name="Threads">That each engine computes with on the processor.</param>
internal sealed record PlanReport(string Machine, long ModelMemoryBytes, IReadOnlyList<PlannedProviderReport> Providers, IReadOnlyList<PlannedModelReport> Models, string Choice, string? Note, int Threads);

internal sealed record PlannedProviderReport(string Id, string Name, string Category, string Description, ProviderState State, string Reason);

/// <param name="Placement">run, rest, impossible, or other: no engine that is built in reads this format.</param>
/// <param name="Provider">Which serves it; null where none can load it.</param>
/// <param name="Context">Tokens for each request; of one that rests, when it runs. Null where it never does.</param>
/// <param name="Slots">Requests at the same time; null in the same way.</param>
/// <param name="InLibrary">False for the one that would be fetched.</param>
internal sealed record PlannedModelReport(string Id, string Format, long Bytes, string? Provider, string Placement, int? Context, int? Slots, string Reason, bool InLibrary)
{
    /// <summary>What it computes on, in words; null where it uses no GPU with memory of its own.</summary>
    public string? Gpus { get; init; }

    /// <summary>Layers on the GPUs; null where the engine decides.</summary>
    public int? GpuLayers { get; init; }

    /// <summary>GPUs that compute every layer together; null where they do not.</summary>
    public int? TensorParallel { get; init; }

    /// <summary>Of each GPU, that the engine takes for itself, from 0 to 1; null where it takes what it needs.</summary>
    public double? MemoryShare { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PlanRequest))]
[JsonSerializable(typeof(PlanReport))]
internal sealed partial class PlanJson : JsonSerializerContext;
