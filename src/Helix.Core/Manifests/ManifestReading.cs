using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;

namespace Helix.Core.Manifests;

/// <summary>Reads a document that was found to be right.</summary>
internal static class ManifestReading
{
    private const int DefaultPreference = 500;

    public static Manifest Of(JsonObject values)
    {
        var runs = values["runs"]!;
        return new(
            Text(values["id"]), Text(values["name"]), Text(values["category"]), Text(values["description"]), Text(values["licence"]), Text(values["home"]),
            Whole(values["tier"])!.Value,
            values["release"] is { } release ? Text(release) : null,
            Text(runs["elsewhere"]),
            [.. runs["platforms"]!.AsArray().Select(row => Platform(row!))],
            Rows(values["install"], InstallReading.Way),
            values["told"] is { } told ? new(Lines(told["run"]), MaybeText(told["says"]) ?? "{version}") : null,
            values["newer"] is { } newer ? new(Text(newer["from"]), Text(newer["name"]), MaybeText(newer["prefix"]) ?? "") : null,
            LaunchReading.Models(values["models"]),
            values["launch"] is { } launch ? LaunchReading.Of(launch) : null,
            values["serves"] is { } serves ? LaunchReading.Serves(serves) : null,
            Whole(values["preference"]) ?? DefaultPreference)
        {
            Tunes = LimitsReading.Tunes(values["tunes"]),
            Touches = LimitsReading.Touches(values["sandbox"]),
            Backup = Lines(values["backup"]),
        };
    }

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

    public static Accelerator Accelerator(string word) => word switch
    {
        "nvidia" => Manifests.Accelerator.Nvidia,
        "amd" => Manifests.Accelerator.Amd,
        "apple" => Manifests.Accelerator.Apple,
        "vulkan" => Manifests.Accelerator.Vulkan,
        _ => Manifests.Accelerator.None,
    };

    public static string Text(JsonNode? node) => node!.GetValue<string>();

    public static string? MaybeText(JsonNode? node) => node?.GetValue<string>();

    public static ImmutableArray<string> Lines(JsonNode? node) => node is null ? [] : [.. node.AsArray().Select(Text)];

    public static ImmutableArray<T> Rows<T>(JsonNode? node, Func<JsonNode, T> read) => node is null ? [] : [.. node.AsArray().Select(row => read(row!))];

    public static Version? Version(JsonNode? node) => node is null ? null : Dotted.Parse(Text(node));

    public static int? Whole(JsonNode? node) => node is null ? null : (int)SettingKind.NumberOf(node);
}
