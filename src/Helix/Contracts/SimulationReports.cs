using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>What <c>helix sim --format json</c> prints.</summary>
/// <param name="Digest">Of every step, in hexadecimal digits.</param>
/// <param name="Looks">At engines that serve.</param>
/// <param name="Runs">How often each automation was done.</param>
/// <param name="Broken">What must always hold and did not; null where all held.</param>
/// <param name="Last">The last steps before that.</param>
internal sealed record SimulationAnswer(
    ulong Seed, int Days, int Engines, string Digest, long Steps, long Looks, IReadOnlyDictionary<string, int> Faults, IReadOnlyDictionary<string, int> Runs, double Availability,
    int Recoveries, double? RecoveryP50Seconds, double? RecoveryP95Seconds, string? Broken, IReadOnlyList<string> Last);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SimulationAnswer))]
internal sealed partial class SimulationJson : JsonSerializerContext;
