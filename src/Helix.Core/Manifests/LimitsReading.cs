using System.Collections.Immutable;
using System.Text.Json.Nodes;
using static Helix.Core.Manifests.ManifestReading;

namespace Helix.Core.Manifests;

/// <summary>Reads what may be changed of a provider and what it may touch, where both were found to be right.</summary>
internal static class LimitsReading
{
    public static ImmutableArray<Tunable> Tunes(JsonNode? rows) => Rows(rows, row => new Tunable(
        Text(row["knob"]), Whole(row["least"]), Whole(row["most"]), Whole(row["step"]) ?? 1, Lines(row["choices"]), Text(row["costs"])));

    public static Touches? Touches(JsonNode? sandbox) => sandbox is null ? null : new(
        Text(sandbox["network"]), Lines(sandbox["devices"]), Lines(sandbox["reads"]), Flag(sandbox["writes_code"]), Flag(sandbox["shared_memory"]));

    private static bool Flag(JsonNode? node) => node?.GetValue<bool>() == true;
}
