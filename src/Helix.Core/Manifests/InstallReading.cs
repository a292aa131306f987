using System.Text.Json.Nodes;
using static Helix.Core.Manifests.ManifestReading;

namespace Helix.Core.Manifests;

/// <summary>Reads the ways to install that were found to be right.</summary>
internal static class InstallReading
{
    public static InstallWay Way(JsonNode way) => new(
        Kind(Text(way["kind"])),
        [.. Lines(way["accelerators"]).Select(ManifestReading.Accelerator)],
        MaybeText(way["package"]),
        MaybeText(way["version"]),
        MaybeText(way["url"]),
        MaybeText(way["checksums"]),
        Rows(way["assets"], Asset),
        MaybeText(way["accept"]),
        Whole(way["bytes"]),
        Lines(way["needs"]),
        MaybeText(way["program"]),
        Whole(way["strip"]) ?? 0,
        Version(way["python"]),
        Lines(way["packages"]),
        Lines(way["indexes"]),
        MaybeText(way["bundle"]),
        Lines(way["options"]),
        MaybeText(way["target"]),
        Lines(way["keep"]),
        [.. Lines(way["images"]).Select(Named.Of)],
        Rows(way["files"], File),
        Rows(way["steps"], step => new InstallStep(Lines(step["run"]), MaybeText(step["in"]), [.. Lines(step["environment"]).Select(Named.Of)])))
    {
        PythonBelow = Version(way["python_below"]),
    };

    public static ManifestFile File(JsonNode file) => new(Text(file["path"]), MaybeText(file["from"]), Lines(file["lines"]), MaybeText(file["link"]));

    private static Asset Asset(JsonNode asset) => new(
        Text(asset["os"]), Lines(asset["architectures"]), asset["accelerator"] is { } word ? Accelerator(Text(word)) : null,
        Text(asset["name"]), Whole(asset["bytes"]), MaybeText(asset["sha256"]), MaybeText(asset["sha512"]));

    private static InstallKind Kind(string word) => word switch
    {
        "archive" => InstallKind.Archive,
        "binary" => InstallKind.Binary,
        "python" => InstallKind.Python,
        "git" => InstallKind.Git,
        "npm" => InstallKind.Npm,
        "source" => InstallKind.Source,
        "vendor" => InstallKind.Vendor,
        "attach" => InstallKind.Attach,
        _ => InstallKind.BuiltIn,
    };
}
