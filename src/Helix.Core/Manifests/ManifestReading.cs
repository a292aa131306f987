using System.Globalization;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;

namespace Helix.Core.Manifests;

/// <summary>Reads a document that was found to be right.</summary>
internal static class ManifestReading
{
    public static Manifest Of(JsonObject values)
    {
        var runs = values["runs"]!;
        return new(
            Text(values["id"]), Text(values["name"]), Text(values["category"]), Text(values["description"]), Text(values["licence"]), Text(values["home"]),
            Whole(values["tier"])!.Value,
            values["release"] is { } release ? Text(release) : null,
            values["verified"] is { } verified ? Verified(verified) : null,
            Text(runs["elsewhere"]),
            [.. runs["platforms"]!.AsArray().Select(row => Platform(row!))],
            values["install"] is JsonArray ways && ways.All(way => Text(way!["kind"]) == "attach"));
    }

    private static VerifiedRun Verified(JsonNode run) =>
        new(Text(run["release"]), DateOnly.ParseExact(Text(run["date"]), "yyyy-MM-dd", CultureInfo.InvariantCulture), Text(run["platform"]));

    private static Requirement Platform(JsonNode row) => new(
        Text(row["os"]),
        [.. row["architectures"]!.AsArray().Select(Text)],
        Version(row["os_version"]),
        Version(row["glibc"]),
        row["accelerator"] is { } accelerator ? Accelerator(Text(accelerator)) : Manifests.Accelerator.None,
        Version(row["compute_capability"]),
        Version(row["driver"]),
        Whole(row["device_memory_gb"]),
        Whole(row["memory_gb"]),
        Whole(row["disk_gb"]),
        row["otherwise"] is { } otherwise ? Text(otherwise) : null);

    private static Accelerator Accelerator(string word) => word switch
    {
        "nvidia" => Manifests.Accelerator.Nvidia,
        "amd" => Manifests.Accelerator.Amd,
        "apple" => Manifests.Accelerator.Apple,
        "vulkan" => Manifests.Accelerator.Vulkan,
        _ => Manifests.Accelerator.None,
    };

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    private static Version? Version(JsonNode? node) => node is null ? null : Dotted.Parse(Text(node));

    private static int? Whole(JsonNode? node) => node is null ? null : (int)SettingKind.NumberOf(node);
}
