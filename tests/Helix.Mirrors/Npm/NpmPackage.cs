using System.Text.Json.Nodes;
using Helix.Mirrors.Files;

namespace Helix.Mirrors.Npm;

/// <summary>A package for npm, made from text; <c>package.json</c> is written from this.</summary>
internal sealed record NpmPackage(string Name, string Version)
{
    public string Main { get; init; } = "index.js";

    public IReadOnlyDictionary<string, string> Dependencies { get; init; } = new Dictionary<string, string>();

    /// <summary>Commands and the files that they start.</summary>
    public IReadOnlyDictionary<string, string> Bin { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<Entry> Files { get; init; } = [];

    /// <summary>A new one each time: a JSON node has one parent only.</summary>
    public JsonObject Manifest()
    {
        var manifest = new JsonObject { ["name"] = Name, ["version"] = Version, ["main"] = Main };
        if (Dependencies.Count > 0) manifest["dependencies"] = Object(Dependencies);
        if (Bin.Count > 0) manifest["bin"] = Object(Bin);
        return manifest;
    }

    public byte[] Build() => Archive.TarGz([new("package/package.json", Manifest().ToJsonString()), .. Files.Select(file => file with { Path = $"package/{file.Path}" })]);

    private static JsonObject Object(IReadOnlyDictionary<string, string> values)
    {
        var json = new JsonObject();
        foreach (var (key, value) in values) json[key] = value;
        return json;
    }
}
